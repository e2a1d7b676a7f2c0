"""The numbers of an ingestion add up."""

import json
from collections import Counter

from pipeline.ingest.report import IngestReport
from pipeline.ingest.sink import Batch, FileDone, Outcome
from pipeline.ingest.work import Work


def some_work(**given: int) -> Work:
    other = Counter({"digest": 2, "insight": 1})
    return Work(Batch([FileDone("a", "a", None), FileDone("b", "b", None)], []), other=other, **given)


def test_what_was_committed_is_added_up() -> None:
    report = IngestReport()
    for outcome in (Outcome(stored=5, duplicates=1), Outcome(stored=0, duplicates=6)):
        report.add(some_work(records=12, rows=8, duplicates=2, set_aside=1, repaired=3), outcome)
    assert (report.files, report.records, report.stored, report.set_aside, report.repaired) == (4, 24, 5, 2, 6)
    assert report.duplicates == 1 + 6 + 2 * 2, "those that the sink saw are duplicates as well"
    assert report.other == {"digest": 4, "insight": 2}


def test_every_record_has_one_outcome() -> None:
    report = IngestReport()
    report.add(some_work(records=12, rows=8, duplicates=2, set_aside=1), Outcome(stored=5, duplicates=1))
    assert report.records == report.stored + report.duplicates + report.set_aside + sum(report.other.values())


def test_the_share_that_was_remembered_is_none_where_nothing_was_asked() -> None:
    report = IngestReport()
    assert report.memo_hit_rate is None
    report.add(some_work(memo_hits=3, memo_misses=1), Outcome(0, 0))
    assert report.memo_hit_rate == 0.75


def test_a_report_is_json() -> None:
    report = IngestReport(seconds=1.23456)
    report.add(some_work(records=3), Outcome(0, 0))
    told = json.loads(json.dumps(report.as_dict()))
    assert told["seconds"] == 1.235
    assert told["other"] == {"digest": 2, "insight": 1}
