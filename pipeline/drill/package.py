"""The records of a drill as they are put somewhere: one by one, or as log files."""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.drill.render import Rendered
from pipeline.errors import OddtrailError


class PutError(OddtrailError):
    """Records cannot be put there, or not be taken away."""


class Package(NamedTuple):
    """The records of a drill, and log files that hold them."""

    records: Sequence[Rendered]
    files: Sequence[tuple[str, bytes]]
    """Keys, in CloudTrail's layout, and contents."""
