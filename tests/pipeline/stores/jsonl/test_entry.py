"""An entry says something that can be followed, or why it cannot; tests of the store refuse more of them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from pipeline.stores.jsonl.entry import Entry, find_problem

SAID: dict[str, Any] = {"id": "1", "at": datetime(2026, 3, 9, 10, tzinfo=UTC), "by": "ana"}
USUAL: dict[str, Any] = SAID | {"kind": "usual", "dimension": "write", "value": "iam:CreateUser"}


def test_as_json_it_says_days_as_dates() -> None:
    assert Entry(**USUAL, principal="idc/bob", until=date(2026, 6, 1)).as_dict()["until"] == "2026-06-01"


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (Entry(**USUAL, principal="idc/bob"), ""),
        (Entry(**USUAL, scope="deployment"), ""),
        (Entry(**USUAL), "name the value, and the principal"),
        (Entry(**USUAL | {"by": ""}, principal="idc/bob"), "length"),
        (Entry(**SAID, kind="undone"), "name the entry that it undoes"),
        (Entry(**SAID, kind="kept_out", principal="idc/bob"), "name the principal and the day"),
    ],
)
def test_it_can_be_followed_or_says_why_not(entry: Entry, why: str) -> None:
    assert why in find_problem(entry)
    assert bool(why) == bool(find_problem(entry))
