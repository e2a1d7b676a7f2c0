"""What an ingestion did is said in words that name every format."""

import io
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pipeline.ingest.report import IngestReport
from pipeline.render.console import console
from pipeline.render.ingest import (
    say_nothing_found,
    say_passed_over,
    show_indices,
    show_integrity,
    show_queues,
    show_report,
)
from pipeline.sources.queue import Tally
from pipeline.watch.tell import Integrity
from tests.pipeline.alerts.korean import KOREAN, find_english


def test_a_line_names_all_that_was_found_where_no_event_was() -> None:
    report = IngestReport(
        files=4, passed_over={"AWS Config": 3, "OCSF": 1}, other={"digest": 2, "empty file": 1}, set_aside=2,
        reasons={"no eventName": 2}, not_logs=1, skipped_files=1, barren_files=1,
    )  # fmt: skip
    assert say_nothing_found(["a", "b", "c", "d"], report) == (
        "nothing was stored from 'a', 'b', 'c' and 1 more, which holds 3 files of AWS Config, 1 of OCSF, "
        "2 records counted as 'digest', 1 empty file, 2 records set aside (no eventName), "
        "1 file read before without any event, 1 other file: "
        "give CloudTrail's log files, which lie below AWSLogs/ACCOUNT/CloudTrail/ in the trail's bucket"
    )


def test_a_reason_that_advises_needs_no_other_advice() -> None:
    report = IngestReport(files=1, set_aside=1, reasons={"it is encrypted: unpack it first": 1})
    assert say_nothing_found(["a"], report).endswith(
        "1 record set aside (it is encrypted: unpack it first); what the reason says is what to do"
    )


def test_the_advice_fits_what_was_found() -> None:
    cut = IngestReport(files=1, set_aside=1, reasons={"zstd is truncated": 1})
    assert say_nothing_found(["a"], cut).endswith("(zstd is truncated): fetch it again")
    packed = IngestReport(files=1, passed_over={"7z archive": 1})
    assert say_nothing_found(["a"], packed).endswith("1 file of 7z archive: unpack it and give what is in it")


def test_what_is_said_of_odd_reasons_is_inert() -> None:
    report = IngestReport(files=1, set_aside=1, reasons={"gzip \x1b[31m": 1})
    assert "\x1b" not in say_nothing_found(["a"], report)


REPORTS = [
    IngestReport(not_logs=3),
    IngestReport(),
    IngestReport(files=1, passed_over={"OCSF": 2, "AWS Config": 3}, other={"digest": 1, "empty file": 1}),
    IngestReport(files=1, set_aside=1, reasons={"gzip is truncated": 1}),
    IngestReport(files=1, set_aside=1, reasons={"XX: YY": 1}, barren_files=1, not_logs=1),
    IngestReport(files=1, passed_over={"7z archive": 1}),
]


@pytest.mark.parametrize("report", REPORTS)
def test_that_nothing_was_found_is_told_in_korean(report: IngestReport) -> None:
    names = ["CloudTrail", "AWSLogs/ACCOUNT/CloudTrail/", "AWSLogs", "OCSF", "AWS Config", "digest", "XX: YY"]
    names += ["gzip is truncated", "7z archive", "{found}"]
    said = say_nothing_found(["{found}", *"bcd"], report, KOREAN)
    assert find_english(said, names) == []
    assert said.startswith("'{found}', 'b', 'c' 외 1개에")


def test_what_was_read_is_told_in_korean() -> None:
    tally = Tally(received=3, acknowledged=1, left=2, gone=1, full=True)
    tally.reasons["{n}\x1b"] = 2
    index = SimpleNamespace(documents=2, kinds={"XX": 1}, passed_over={"YY": 1200}, notes=[f"{'{n}'} is closed, or was "
        "deleted meanwhile: it is not read"])  # fmt: skip
    report = IngestReport(files=1, records=9, stored=1, set_aside=1, duplicates=2, repaired=1, not_logs=1,
        skipped_files=1, passed_over={"OCSF": 1200}, other={"digest": 1})  # fmt: skip
    out = io.StringIO()
    screen = console(out)
    show_report(screen, report, [], KOREAN)
    show_queues(screen, {"https://sqs": tally}, KOREAN)
    show_indices(screen, {"https://index": cast("Any", index)}, KOREAN)
    show_integrity(screen, Integrity(digests=2, verified=1), KOREAN)
    told = out.getvalue()
    names = ["OCSF", "digest", "https://sqs", "https://index", "XX", "YY", "CloudTrail", "`oddtrail doctor`", r"\x1b"]
    assert find_english(told, names) == []
    assert r"2건은 큐의 재시도에 맡김({n}\x1b)" in told
    assert "{n}은(는) 닫혔거나" in told
    assert "건너뛴 YY 1,200건" in told


def test_passed_over_files_are_named_one_after_the_other() -> None:
    assert say_passed_over({"OCSF": 1}) == "1 file of OCSF"
    report = IngestReport(files=1, records=1, stored=1, passed_over={"OCSF": 1200}, not_logs=2)
    out = io.StringIO()
    show_report(console(out), report, ["by Example"])
    text = out.getvalue()
    assert "Passed over: 1,200 files of OCSF." in text
    assert "No log and passed over: 2 other files." in text
    assert "by Example" in text
