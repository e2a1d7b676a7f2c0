"""What the loop tells is what an operator is told; the clocks are arguments."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.watch.health import MOST_SERIES, Health, TickReport
from pipeline.watch.silence import Silence
from tests.pipeline.watch.exposition import parse

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Watch:
    """A watch whose time passes by hand; the wall's clock may be set."""

    def __init__(self) -> None:
        self.passed, self.now = 1000.0, NOON
        self.health = Health(MINUTE, clock=lambda: self.now, monotonic=lambda: self.passed)

    def wait(self, span: timedelta) -> None:
        self.passed += span.total_seconds()
        self.now += span

    def tick(self, **named: Any) -> str:
        report = {"seconds": 0.5, "now": self.now, "trained": NOON - 12 * HOUR} | named
        self.health.ticked(TickReport(**report))
        return self.health.find_trouble()

    def value(self, name: str) -> float:
        [value] = parse(self.health.show_metrics())[f"oddtrail_{name}"].samples.values()
        return value


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_before_the_first_tick_it_is_starting_and_after_it_well(watch):
    assert watch.health.find_trouble() == "no tick yet: it is starting"
    assert watch.value("healthy") == 0
    assert watch.tick() == ""
    assert watch.value("healthy") == 1


def test_three_intervals_without_a_tick_are_too_many_whatever_the_clock_says(watch):
    watch.tick()
    watch.now += 24 * HOUR  # set ahead, and nothing was late
    assert watch.health.find_trouble() == ""
    watch.now -= 25 * HOUR
    watch.passed += 180
    assert watch.health.find_trouble() == ""
    watch.passed += 1
    assert watch.health.find_trouble() == "no tick for 181 s, where one is due every 60 s"
    assert watch.tick() == ""


def test_a_source_that_fails_for_three_ticks_is_told_in_one_line(watch):
    assert [watch.tick(problem="first\nsecond \x1b[2J" + "x" * 999) for _ in range(2)] == ["", ""]
    told = watch.tick(problem="first\nsecond \x1b[2J" + "x" * 999)
    assert told.startswith("3 ticks failed in a row: first\\x0asecond \\x1b[2Jxxx")
    assert told.isprintable()
    assert len(told) < 450
    assert watch.tick() == ""
    assert watch.value("failed_ticks_total") == 3


def test_a_model_is_too_old_after_three_days_and_none_is_told(watch):
    assert watch.tick(trained=NOON - 72 * HOUR) == ""
    watch.now += MINUTE
    assert "the model is 3.0 days old" in watch.health.find_trouble()
    assert "no model" in watch.tick(trained=None)
    assert "oddtrail_model_age_seconds" not in watch.health.show_metrics()


def test_alerts_that_wait_for_a_target_are_stuck_once_none_gets_through(watch):
    def after(span: timedelta, **left: int) -> str:
        watch.wait(span)
        return watch.tick(outbox=left)

    assert after(MINUTE, a=5) == ""
    assert after(14 * MINUTE, a=6) == ""
    assert after(2 * MINUTE, a=6) == "6 alerts for a stuck for 16 min"
    assert after(MINUTE, a=5) == ""  # one got through
    assert after(14 * MINUTE, a=5, b=1) == ""
    assert after(2 * MINUTE, a=0, b=1) == ""
    assert after(16 * MINUTE, a=1, b=1) == "1 alert for b stuck for 18 min"


def test_what_is_missing_may_be_unknown_for_an_hour(watch):
    def after(time: timedelta, why: str) -> str:
        watch.wait(time)
        return watch.tick(integrity_waits=why)

    assert after(MINUTE, "the bucket is away") == ""
    assert after(59 * MINUTE, "the bucket is away") == ""
    assert watch.value("integrity_waits_seconds") == 59 * 60, "a clock that nobody sets"
    assert after(2 * MINUTE, "the bucket\nis away") == (
        "for 1.0 h nobody knows which log files are missing: the bucket\\x0ais away"
    )
    assert after(MINUTE, "") == ""
    assert after(MINUTE, "the bucket is away") == ""


def test_metrics_add_up_what_ticks_did_and_show_how_things_are(watch):
    watch.tick(events=3, set_aside=1, raised=1, revisions=2, integrity=2)
    watch.tick(
        events=4, integrity=1, revisions=1, principals=77, never_judged=5, newest=NOON - 90 * timedelta(seconds=1)
    )
    told = {name.removeprefix("oddtrail_"): metric for name, metric in parse(watch.health.show_metrics()).items()}
    assert {name for name, metric in told.items() if metric.kind == "counter"} == {
        "ticks_total", "failed_ticks_total", "tick_seconds_total", "events_total", "set_aside_total",
        "alerts_raised_total", "revisions_total", "integrity_findings_total",
    }  # fmt: skip
    values = {name: metric.samples[()] for name, metric in told.items() if () in metric.samples}
    assert values == {
        "healthy": 1, "ticks_total": 2, "failed_ticks_total": 0, "tick_seconds_total": 1, "since_tick_seconds": 0,
        "events_total": 7, "set_aside_total": 1, "alerts_raised_total": 1, "revisions_total": 3,
        "integrity_findings_total": 3, "integrity_waits_seconds": 0, "tick_seconds": 0.5,
        "principals": 77, "never_judged": 5, "lag_seconds": 90, "model_age_seconds": 43_200, "silences": 0,
    }  # fmt: skip


def test_labels_are_escaped_and_bounded(watch):
    evil = 'https://x"} 1\noddtrail_healthy 0\\'
    silences = [Silence("1" * 12, None, NOON - HOUR, 5.0), Silence("1" * 12, "", NOON - 2 * HOUR, 5.0)]
    silences += [Silence(f"{number:012d}", "eu-west-1\n" * 50, NOON - MINUTE, 5.0) for number in range(500)]
    watch.tick(outbox={evil: 3, "b": 0}, silences=silences)
    told = parse(watch.health.show_metrics())
    assert told["oddtrail_outbox_left"].samples == {
        (("target", 'https://x"} 1\\x0aoddtrail_healthy 0\\'),): 3,
        (("target", "b"),): 0,
    }
    silent = told["oddtrail_silence_seconds"].samples
    assert len(silent) == MOST_SERIES
    assert list(silent)[:2] == [
        (("account", "1" * 12), ("region", "global")),
        (("account", "1" * 12), ("region", "all")),
    ]
    assert watch.value("silences") == 502
    assert len(watch.health.show_metrics()) < 30_000
    assert watch.value("healthy") == 1
