"""What a backtest found, in a few lines."""

from datetime import date
from pathlib import Path
from typing import Any

from pipeline.detect.backtest import write_notes
from pipeline.render.backtest import render_summary
from tests.pipeline.alerts.korean import KOREAN, find_english
from tests.pipeline.render.printing import printed

SUMMARY: dict[str, Any] = {
    "events": 116885,
    "principals": 1046,
    "days": {"first": "2026-02-02", "first_alerting": "2026-02-28", "last": "2026-03-05"},
    "raised": 9,
    "alerts_a_day": {"asked": 2.0, "realised": 1.5},
    "seconds": {"ingest": 1.25, "train": 3.5},
    "peak_bytes": {"ingest": 10**9, "train": 2 * 10**9},
}


def test_it_says_what_was_read_raised_and_spent_and_where_the_rest_is() -> None:
    assert printed(render_summary(SUMMARY, Path("out"))).splitlines() == [
        "116,885 events of 1,046 principals, 2026-02-02 to 2026-03-05",
        "9 alerts raised from 2026-02-28 on: 1.5 a day (2 asked)",
        "ingest 1.2 s, train 3.5 s; 2.0 GB at most",
        "alerts.jsonl, scores.parquet and summary.json are in out",
    ]


def test_without_a_budget_there_is_no_ceiling() -> None:
    free = SUMMARY | {"alerts_a_day": {"asked": None, "realised": 30.0}}
    assert "30.0 a day (without a ceiling)" in printed(render_summary(free, Path("out")))


def test_it_is_told_in_korean() -> None:
    more = {
        "never_judged": 1,
        "notes": write_notes(date(2026, 1, 5), date(2026, 1, 6), 3),
        "adds": {"forest": {"reached": 3, "alone": 1}},
    }
    told = printed(render_summary(SUMMARY | more, Path("out"), KOREAN))
    names = ["alerts.jsonl", "scores.parquet", "summary.json", "out", "GB"]
    assert find_english(told, names) == []
    assert "2026-02-28부터 경보 9건 발령: 하루 1.5건(요청 2건)" in told


def test_events_that_nobody_judged_are_told():
    assert "Never judged: 104 events." in printed(render_summary(SUMMARY | {"never_judged": 104}, Path("out")))
