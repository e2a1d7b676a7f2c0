"""The handler is a few lines: it makes the door once, gives it its time, and lets errors out."""

import gc
import json

import pytest

from lambda_ingest import handler as module
from pipeline.errors import SettingsError
from tests.pipeline.delivery.doors import KEY, a_door, a_file, held, s3_event, some_records


@pytest.fixture(autouse=True)
def _collect_again():
    """The function lets the collector rest; whatever is tested next does not."""
    yield
    gc.enable()


class Context:
    """Of an invocation."""

    def __init__(self, seconds: float) -> None:
        self._milliseconds = int(seconds * 1_000)

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


def test_the_door_is_made_once_and_told_its_time(monkeypatch):
    door = a_door(objects={KEY: a_file(some_records("a"))})
    monkeypatch.setattr(module, "_door", lambda: door)
    assert module.handler(s3_event(), Context(100))["indexed"] == 1
    assert held(door) == {"a"}
    assert door.deadline.left == 75


def test_a_setting_that_is_wrong_is_said_at_every_invocation(monkeypatch):
    module._door.cache_clear()
    for _ in range(2):
        with pytest.raises(SettingsError, match="ODDTRAIL_URL is not set"):
            module.handler({}, Context(60))


def test_a_warm_function_keeps_its_door(monkeypatch):
    monkeypatch.setenv("ODDTRAIL_URL", "opensearch+http://localhost:1")
    monkeypatch.setenv("ODDTRAIL_DEAD_LETTERS", "s3://kept/dead/")
    module._door.cache_clear()
    assert module.handler({}, Context(60)) == {"records": 0, "indexed": 0, "duplicates": 0}
    door = module._door()
    module.handler(json.loads("[]"), Context(60))
    assert module._door() is door
    module._door.cache_clear()
