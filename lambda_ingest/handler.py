"""What Lambda calls: records of CloudTrail in, documents of a search engine out."""

import os
from functools import cache
from typing import Any

from pipeline.delivery.handle import Door
from pipeline.delivery.lambda_settings import read_settings
from pipeline.delivery.make_door import make_door
from pipeline.delivery.telemetry import Telemetry
from pipeline.ingest.memory import use_lean_memory


@cache
def _door() -> Door:
    """The door, made once and kept while the function is warm; one that cannot be made is tried again."""
    use_lean_memory()
    return make_door(read_settings(os.environ), Telemetry())


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Index what an event brings; raise, or name what must come again."""
    return _door().handle(event, context.get_remaining_time_in_millis() / 1_000)
