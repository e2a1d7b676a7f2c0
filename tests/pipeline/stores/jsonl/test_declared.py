"""Entries are added, taken back by later ones, and refused where they say nothing that could be followed."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import StoreError
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.declared import DeclaredJsonl
from pipeline.stores.jsonl.entry import Entry

AT = datetime(2026, 3, 9, 10, tzinfo=UTC)


def an_entry(entry_id: str = "1", **named: Any) -> Entry:
    usual: dict[str, Any] = {"kind": "usual", "principal": "idc/bob", "dimension": "write", "value": "iam:CreateUser"}
    return Entry(**{"id": entry_id, "at": AT, "by": "ana"} | usual | named)


@pytest.fixture
def declared(tmp_path: Path) -> DeclaredJsonl:
    return DeclaredJsonl(tmp_path / "declared.jsonl")


def test_a_home_holds_what_was_declared(tmp_path: Path) -> None:
    with open_store(tmp_path / "home") as store:
        store.declared.add(an_entry(until=date(2026, 6, 1), note="the new pipeline"))
    with open_store(tmp_path / "home") as store:
        assert store.declared.every() == [an_entry(until=date(2026, 6, 1), note="the new pipeline")]


def test_an_entry_is_undone_by_another(declared: DeclaredJsonl) -> None:
    declared.add(an_entry())
    declared.add(Entry(id="2", at=AT, by="bob", kind="undone", undoes="1"))
    assert [entry.id for entry in declared.every()] == ["1", "2"]


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ({"dimension": "fact"}, "cannot be declared usual"),
        ({"dimension": "colour"}, "cannot be declared usual"),
        ({"value": ""}, "name the value"),
        ({"principal": ""}, "name the value, and the principal"),
        ({"scope": "deployment"}, "unless it is usual in the whole deployment"),
        ({"since": date(2026, 4, 1), "until": date(2026, 4, 1)}, "would expire"),
        ({"kind": "kept_out"}, "the day that"),
        ({"kind": "kept_out", "principal": "", "day": date(2026, 3, 8)}, "name the principal"),
        ({"kind": "undone"}, "name the entry"),
        ({"kind": "undone", "undoes": "9"}, "there is no entry '9'"),
        ({"value": "x" * 5000}, "length"),
        ({"kind": "hidden"}, "Invalid enum value"),
    ],
)
def test_what_cannot_be_followed_is_refused(declared: DeclaredJsonl, named: dict[str, Any], why: str) -> None:
    with pytest.raises(StoreError, match=why):
        declared.add(an_entry(**named))
    assert declared.every() == []


def test_an_id_is_taken_once_and_the_first_counts(declared: DeclaredJsonl) -> None:
    declared.add(an_entry())
    with pytest.raises(StoreError, match="its id is taken"):
        declared.add(an_entry(value="iam:DeleteUser"))
    with declared.path.open("ab") as file:
        file.write(b'{"id":"1","at":"2026-03-09T10:00:00Z","by":"eve","kind":"usual","scope":"deployment",'
                   b'"dimension":"write","value":"s3:DeleteBucket"}\nnoise\n')  # fmt: skip
    assert declared.every() == [an_entry()]
