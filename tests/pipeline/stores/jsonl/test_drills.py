"""Drills are listed in lines that the home sealed; no other line names one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.stores.jsonl.drills import DRILLS_FILE, KEY_FILE, Drill, DrillEvent, DrillsJsonl, Over

AT = datetime(2026, 3, 14, 10, tzinfo=UTC)


def a_drill(name: str = "1", at: datetime = AT) -> Drill:
    return Drill(
        id=name, at=at, technique="mining", degree="loud", principal_key="idc/ann", principal_name="ann",
        events=(DrillEvent(f"0dd7d211-{name}", "0" * 64),), first=at - timedelta(minutes=5), last=at,
        expires=at + timedelta(days=1),
    )  # fmt: skip


def test_a_drill_is_begun_and_over_and_stays_known(tmp_path: Path) -> None:
    drills = DrillsJsonl(tmp_path)
    assert (drills.every(), drills.begun()) == ((), ())
    drills.add(a_drill("1"))
    drills.add(a_drill("2"))
    assert DrillsJsonl(tmp_path).begun() == (a_drill("1"), a_drill("2"))
    drills.add(Over(id="1", at=AT))
    assert drills.begun() == (a_drill("2"),)
    assert drills.every() == (a_drill("1"), a_drill("2")), "a copy of its records may come yet"


def test_those_of_other_times_are_not_looked_for(tmp_path: Path) -> None:
    drills = DrillsJsonl(tmp_path)
    drills.add(a_drill())
    minute = timedelta(minutes=1)
    assert drills.between(None, None) == drills.between(AT, None) == drills.between(None, AT) == [a_drill()]
    assert drills.between(AT + minute, None) == drills.between(None, AT - 5 * minute) == []


def test_a_line_that_was_not_sealed_here_is_none(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    ours, theirs = DrillsJsonl(tmp_path / "ours"), DrillsJsonl(tmp_path / "theirs")
    ours.add(a_drill("1"))
    theirs.add(a_drill("2"))
    with ours.path.open("ab") as file:
        file.write(theirs.path.read_bytes() + b'{"type":"drill"}\nnoise\n')
    assert ours.every() == (a_drill("1"),)
    (tmp_path / "ours" / KEY_FILE).write_bytes(bytes(32))
    assert DrillsJsonl(tmp_path / "ours").every() == (), "an unfit key seals nothing"


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / DRILLS_FILE).mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        DrillsJsonl(tmp_path).add(a_drill())
