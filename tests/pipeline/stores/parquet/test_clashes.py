"""Records of one id among rows that come together, and through a whole store."""

import gzip
import json
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import duckdb
import pytest

from features.record.clash import MARK
from pipeline.ingest.run import ingest
from pipeline.stores.home import open_store
from pipeline.stores.parquet.clashes import Claim, settle
from tests.records import a_record

NOW = datetime(2025, 3, 4, tzinfo=UTC)
ID = "00000000-0000-4000-8000-0000000000ff"


def test_the_first_keeps_its_id_and_each_other_one_has_its_own() -> None:
    raws = [b'{"a": 1}', b'{"a": 2}', b'{"a":2}', b'{"a":1}', b'{"a": 3}']
    settled = settle("x", [Claim(n, raw, False) for n, raw in enumerate(raws)])
    names = [name for _, name, _ in settled]
    assert names[0] == names[3] == "x"
    assert names[1] == names[2] != names[4]
    assert [again for _, _, again in settled] == [False, False, True, True, False]


def test_a_correction_is_no_other_record() -> None:
    assert settle("x", [Claim(0, b'{"a": 1}', False), Claim(1, b'{"a": 2}', True)])[1][1:] == ("x", True)


def deliver(folder: Path, minute: int, *records: dict[str, Any]) -> Path:
    path = folder / f"111111111111_CloudTrail_eu-west-1_20250303T09{minute:02}Z_{minute:016d}.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
    return path


def named(name: str, **fields: Any) -> dict[str, Any]:
    return a_record(eventName=name, eventID=ID, requestID="r", **fields)


def kept(home: Path, *batches: list[Path]) -> list[tuple[str, str, bool]]:
    with open_store(home) as store:
        for batch in batches:
            report = ingest(batch, store.events, now=NOW)
            assert report.records == report.stored + report.duplicates
        with duckdb.connect() as connection:
            store.events.view(connection, corrected=False)
            rows = connection.execute(
                "SELECT action, event_id, list_contains(flags, 'shared_id') FROM events ORDER BY action"
            ).fetchall()
            assert store.events.get([event_id for _, event_id, _ in rows]).keys() == {row[1] for row in rows}
    return rows


def test_the_second_record_of_an_id_is_kept_flagged_and_found_however_it_comes(tmp_path: Path) -> None:
    """In one file or two, together or apart, in any order, and again."""
    files = [
        deliver(tmp_path, 5, named("RunInstances")),
        deliver(tmp_path, 6, named("DeleteTrail", eventSource="cloudtrail.amazonaws.com"), named("RunInstances")),
        deliver(tmp_path, 7, named("RunInstances"), named("StopInstances"), named("StopInstances")),
    ]
    found = set[tuple[tuple[str, str, bool], ...]]()
    for number, order in enumerate(permutations(files)):
        found.add(tuple(kept(tmp_path / f"apart{number}", *([file] for file in order), list(order))))
    found.add(tuple(kept(tmp_path / "together", files)))
    (rows,) = found
    assert [(action, flagged) for action, _, flagged in rows] == [
        ("cloudtrail:DeleteTrail", True), ("ec2:RunInstances", False), ("ec2:StopInstances", True),
    ]  # fmt: skip
    assert {event_id.partition(MARK)[0] for _, event_id, _ in rows} == {ID}
    assert len({event_id for _, event_id, _ in rows}) == 3
    assert {action: event_id for action, event_id, _ in rows}["ec2:RunInstances"] == ID


@pytest.mark.parametrize("together", [True, False])
def test_true_duplicates_are_one_as_ever(tmp_path: Path, together: bool) -> None:
    files = [deliver(tmp_path, 5 + n, named("RunInstances")) for n in range(3)]
    batches = [files] if together else [[file] for file in files]
    assert kept(tmp_path / "home", *batches) == [("ec2:RunInstances", ID, False)]
