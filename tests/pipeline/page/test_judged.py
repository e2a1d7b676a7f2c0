"""A day without alerts says whether it was quiet, or nobody has looked at it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.types import ASGIApp

from features.times.instant import micros
from pipeline.detect.scoring import CHECKPOINT
from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.page.judged import MOST_DAYS, Judged, find_judged, list_later
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from tests.builders import an_alert
from tests.pipeline.cli.homes import NINE, a_home, a_record, with_alerts
from tests.pipeline.page.asking import ask

SEOUL = ZoneInfo("Asia/Seoul")


def text_of(app: ASGIApp, address: str) -> str:
    return " ".join(ask(app, address).text.split())


def an_app(tmp_path: Path, days: range, checkpoint: dict[str, object] | None) -> ASGIApp:
    home = a_home(tmp_path, [a_record(NINE + timedelta(days=day)) for day in days])
    with open_store(home) as store:
        if checkpoint:
            store.state.put_checkpoint(CHECKPOINT, checkpoint)
    return make_app(Home(Settings(home=with_alerts(home, an_alert("a")))), Access())


def test_a_day_is_over_once_what_was_delivered_until_its_end_was_judged() -> None:
    end = datetime(2026, 3, 9, 0, 15, tzinfo=SEOUL)
    for until, over in ((end - timedelta(minutes=1), False), (end, True)):
        told = find_judged({"day": "2026-03-08", "counters": {}, "until": micros(until.astimezone(UTC))}, SEOUL, 15)
        assert told.until == until
        assert told.over is over


def test_what_an_older_version_remembers_says_its_day() -> None:
    told = find_judged({"day": "2026-03-08", "counters": {"2026-03-01": [0, 0]}}, SEOUL, 15)
    assert told == Judged(date(2026, 3, 1), date(2026, 3, 8), None, over=True)


def test_the_days_since_are_named_the_newest_first_and_not_without_end() -> None:
    judged = Judged(date(2026, 1, 1), date(2026, 3, 8), None, over=True)
    assert list_later(judged, date(2026, 3, 8)) == []
    assert list_later(judged, date(2026, 3, 9)) == []
    assert list_later(judged, date(2026, 3, 6)) == [(date(2026, 3, 8), "judged"), (date(2026, 3, 7), "judged")]
    assert len(list_later(judged, date(2026, 1, 6))) == MOST_DAYS


def test_today_says_until_when_it_is_judged_and_that_later_days_were_quiet(tmp_path: Path) -> None:
    until = micros(datetime(2026, 3, 4, 9, 30, tzinfo=UTC))
    app = an_app(tmp_path, range(4), {"day": "2026-03-04", "counters": {"2026-03-02": [0, 0]}, "until": until})
    text = text_of(app, "/")
    assert "Mon 2 Mar 2026" in text
    assert "What was delivered until 2026-03-04 09:30 (UTC) is judged" in text
    assert '<a href="/?day=2026-03-04">2026-03-04</a> is quiet so far' in text
    assert '<a href="/?day=2026-03-03">2026-03-03</a> was quiet' in text
    assert "2026-03-05" not in text
    assert "A quiet day: it was judged to its end" in text_of(app, "/?day=2026-03-03")
    assert "Quiet so far" in text_of(app, "/?day=2026-03-04")
    assert "Nobody has looked at this day yet: 1 event of it waits" in text_of(app, "/?day=2026-03-05")


def test_a_day_before_the_first_that_was_judged_is_not_called_quiet(tmp_path: Path) -> None:
    app = an_app(tmp_path, range(-1, 2), {"day": "2026-03-02", "counters": {"2026-03-02": [0, 0]}})
    text = text_of(app, "/?day=2026-03-01")
    assert "it is not remembered whether this one was judged" in text
    assert "quiet day" not in text


@pytest.mark.parametrize("checkpoint", [None, {"day": "2026-03-03", "counters": {"2026-03-01": [0, 0]}}])
def test_later_days_are_named_where_any_was_judged(tmp_path: Path, checkpoint: dict[str, object] | None) -> None:
    text = text_of(an_app(tmp_path, range(1), checkpoint), "/?day=2026-03-02")
    assert ("was quiet" in text) == (checkpoint is not None)
