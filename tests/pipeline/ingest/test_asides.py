"""Records that are no event are handed over before they are too many to hold, and are kept as long as there is room."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline.ingest import asides
from pipeline.ingest.asides import Asides
from pipeline.ingest.delivery import read_delivery
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.sink import Batch, Sink
from tests.pipeline.ingest.records import a_name

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FILE = LogFile(Path(a_name()), "d" * 64, a_name(), read_delivery(a_name()), b"")


class Keeping:
    """A sink that keeps what it is handed, and how much at once."""

    def __init__(self) -> None:
        self.came: list[tuple[str, list[str]]] = []

    def keep(self, kind: str, held: Sequence[Any], now: datetime) -> list[Any]:
        """Note what came."""
        self.came.append((kind, [aside.reason for aside in held]))
        return []


@pytest.fixture
def sink() -> Keeping:
    return Keeping()


def test_they_are_held_until_they_are_enough(sink: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asides, "_HELD", 3 * asides._COSTS)
    held = Asides(cast("Sink", sink), Batch(), NOW)
    for number in range(4):
        held.put(FILE, number, f"r{number}", b"")
    held.put_other(FILE, 4, "digest", b"")
    assert sink.came == [("set_aside", ["r0", "r1", "r2"]), ("other", [])]
    held.hand_over()
    assert sink.came[2:] == [("set_aside", ["r3"]), ("other", ["digest"])]
    held.hand_over()
    assert sink.came[4:] == [("set_aside", []), ("other", [])]


def test_there_is_room_for_so_much_of_what_is_set_aside_and_for_what_is_said_of_a_file(
    sink: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asides, "_MOST_BYTES", 2 * (asides._COSTS + 100))
    held = Asides(cast("Sink", sink), Batch(), NOW)
    held.put_other(FILE, 0, "digest", b"x" * 100_000)
    held.put_note(FILE, "so many more")
    for number in range(2):
        assert held.has_room
        held.put(FILE, number, "why", b"x" * 100)
    assert not held.has_room
