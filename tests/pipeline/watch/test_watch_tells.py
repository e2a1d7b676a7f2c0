"""A watch tells people that it is not well or that an account is silent, and when that is over; killed, it goes on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from pipeline.notify.config import StdoutNotifier
from pipeline.settings import Settings
from pipeline.stores.home import Store, open_store
from pipeline.watch.note import Notes
from pipeline.watch.plan import Plan
from pipeline.watch.silence import Silence, Silences
from pipeline.watch.watch import Watch

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "trail").mkdir()
    with open_store(tmp_path / "home") as store:
        yield store


def begin(store: Store, printed: StringIO) -> Watch:
    source = str(store.home.parent / "trail")
    plan = Plan(sources=(source,), notifiers={"n": StdoutNotifier(kind="stdout")}, printed=printed)
    return Watch(store, Settings(home=store.home), plan)


def tick(store: Store, printed: StringIO, minute: int) -> None:
    """One tick of a watch that ends after it, as `--once` does."""
    watch = begin(store, printed)
    watch.tick(NOW + minute * MINUTE)
    watch.close()


def heads(printed: StringIO) -> list[str]:
    return [line for line in printed.getvalue().splitlines() if line.startswith(("CRITICAL", "HIGH", "MEDIUM", "LOW"))]


def test_a_home_that_begins_wakes_nobody_and_a_source_that_fails_does(store: Store) -> None:
    printed, trail = StringIO(), store.home.parent / "trail"
    for minute in range(5):
        tick(store, printed, minute)
    assert heads(printed) == []
    trail.rmdir()
    for minute in range(5, 9):
        tick(store, printed, minute)
    [told] = heads(printed)
    assert told.startswith("HIGH: The watch is not well: ")
    assert "trail" in told
    trail.mkdir()
    tick(store, printed, 9)
    assert heads(printed)[1].startswith("HIGH, over: The watch is not well: ")


def test_a_silence_is_told_in_the_tick_that_finds_it_or_after_it_was_killed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    silence = Silence("111122223333", None, NOW - 90 * MINUTE, 12.0)
    monkeypatch.setattr(Silences, "find", lambda self, heard: [silence])
    printed = StringIO()
    kept = Notes.note_silences

    def killed(self: Notes, silences: list[Silence], now: datetime) -> int:
        kept(self, silences, now)
        raise KeyboardInterrupt

    monkeypatch.setattr(Notes, "note_silences", killed)
    with pytest.raises(KeyboardInterrupt):
        begin(store, printed).tick(NOW)
    assert heads(printed) == []
    monkeypatch.setattr(Notes, "note_silences", kept)
    for minute in (6, 7):
        tick(store, printed, minute)
    assert heads(printed) == ["HIGH: Nothing has come of account 111122223333 since 02 Mar 10:30."]
