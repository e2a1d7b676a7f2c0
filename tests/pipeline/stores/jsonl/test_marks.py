"""Marks are added, taken back, expire, survive a crash, and say to models what they say to people."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import json

from pipeline.errors import StoreError
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.marks import MOST_VALUES, Mark, MarksJsonl, Value

AT = datetime(2026, 3, 9, 10, tzinfo=UTC)
CALL = Value("write", "iam:CreateUser")
EXPECTED: dict[str, Any] = {"verdict": "expected", "values": (CALL,), "until": date(2026, 6, 1)}


def a_mark(mark_id: str = "0123456789ab", **named: Any) -> Mark:
    return Mark(**{"id": mark_id, "at": AT, "by": "ana", "alert_id": "3f9a", "principal": "idc/bob"} | named)


def undo(mark: Mark, mark_id: str = "ffffffffffff") -> Mark:
    return a_mark(mark_id, verdict="undone", undoes=mark.id, undone=len(mark.entries()))


@pytest.fixture
def marks(tmp_path: Path) -> MarksJsonl:
    return MarksJsonl(tmp_path / "marks.jsonl")


def test_a_home_tells_its_models_what_marks_say(tmp_path: Path) -> None:
    expected = a_mark(**EXPECTED | {"scope": "group", "note": "the new pipeline"})
    stolen = a_mark("aaaaaaaaaaaa", verdict="malicious", days=(date(2026, 3, 8), date(2026, 3, 9)))
    with open_store(tmp_path / "home") as store:
        for mark in (expected, stolen, a_mark("bbbbbbbbbbbb", verdict="unsure"), undo(stolen)):
            store.marks.add(mark)
        told = store.declared.every()
    usual, first, second, *gone = told
    assert (usual.kind, usual.scope, usual.principal, usual.value) == ("usual", "group", "idc/bob", "iam:CreateUser")
    assert (usual.by, usual.at, usual.until, usual.note) == ("ana", AT, date(2026, 6, 1), "the new pipeline")
    assert [(one.kind, one.day) for one in (first, second)] == [("kept_out", day) for day in stolen.days]
    assert [one.undoes for one in gone] == [first.id, second.id]
    assert len({one.id for one in told}) == len(told)


def test_what_becomes_of_a_mark(marks: MarksJsonl) -> None:
    expected, other = a_mark(**EXPECTED), a_mark("aaaaaaaaaaaa", **EXPECTED)
    for mark in (expected, other, a_mark("bbbbbbbbbbbb", verdict="unsure"), undo(other)):
        marks.add(mark)
    assert [one.state for one in marks.standing(date(2026, 5, 31))] == ["counts", "undone", "noted", "noted"]
    assert [one.state for one in marks.standing(date(2026, 6, 1))][:2] == ["expired", "undone"]


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ({"values": (Value("fact", "x"),)}, "cannot be made usual"),
        ({"values": (Value("denied", "iam:CreateUser"),)}, "cannot be made usual"),
        ({"values": ()}, "name what is expected"),
        ({"values": (CALL,) * (MOST_VALUES + 1)}, "length"),
        ({"scope": "deployment"}, "of which principal"),
        ({"until": None}, "name a day in the future"),
        ({"until": date(2026, 3, 8)}, "name a day in the future"),
        ({"days": (date(2026, 3, 8),)}, "keeps nothing out"),
        ({"note": "x" * 2001}, "length"),
        ({"by": ""}, "length"),
        ({"id": "../../etc"}, "match"),
        ({"verdict": "unsure"}, "makes nothing usual"),
        ({"verdict": "malicious", "values": (), "until": None}, "name the principal and the days"),
        ({"verdict": "undone", "undoes": "eeeeeeeeeeee"}, "no mark 'eeeeeeeeeeee'"),
        ({"undoes": "eeeeeeeeeeee"}, "takes nothing back"),
    ],
)
def test_what_says_nothing_that_can_be_followed_is_refused(marks: MarksJsonl, named: dict[str, Any], why: str) -> None:
    with pytest.raises(StoreError, match=why):
        marks.add(a_mark(**EXPECTED | named))
    assert marks.every() == []


def test_a_mark_of_what_another_version_knew_stays_in_the_log_and_tells_models_nothing(tmp_path: Path) -> None:
    known = a_mark(**EXPECTED | {"values": (Value("colour", "teal"),)})
    with open_store(tmp_path / "home") as store:
        with pytest.raises(StoreError, match="'colour' cannot be made usual"):
            store.marks.add(known)
        store.marks.path.write_bytes(json.encode(known) + b"\n")
        assert [(one.mark, one.state) for one in store.marks.standing(AT.date())] == [(known, "noted")]
        assert store.declared.every() == []
        store.marks.add(undo(known))
        assert [one.state for one in store.marks.standing(AT.date())] == ["undone", "noted"]


def test_only_what_a_mark_said_is_taken_back(marks: MarksJsonl) -> None:
    marks.add(a_mark(**EXPECTED))
    with pytest.raises(StoreError, match="something else"):
        marks.add(a_mark("ffffffffffff", verdict="undone", undoes="0123456789ab", undone=7))
    marks.add(undo(a_mark(**EXPECTED)))
    with pytest.raises(StoreError, match="no mark"):
        marks.add(a_mark("eeeeeeeeeeee", verdict="undone", undoes="ffffffffffff"))


def test_an_id_is_taken_once_and_a_torn_line_costs_no_other(marks: MarksJsonl) -> None:
    marks.add(a_mark(**EXPECTED))
    with pytest.raises(StoreError, match="taken"):
        marks.add(a_mark(verdict="unsure"))
    whole = marks.path.read_bytes()
    marks.path.write_bytes(whole + b'{"id":"bbbbbbbbbbbb","at":"2026-0')  # cut short by a crash
    marks.add(a_mark("cccccccccccc", verdict="unsure"))
    assert [mark.id for mark in marks.every()] == ["0123456789ab", "cccccccccccc"]


def test_a_line_by_another_hand_that_says_too_much_is_passed_over(marks: MarksJsonl) -> None:
    marks.add(a_mark(verdict="unsure"))
    line = marks.path.read_text().strip()
    everybody = line.replace("0123456789ab", "dddddddddddd").replace('"unsure"', '"expected"')
    marks.path.write_text(f"{line}\n{everybody}\n[1]\n\n")
    assert [mark.id for mark in marks.every()] == ["0123456789ab"]
