"""Coverage at a glance: what came by day and hour in the deployment's zone, silences framed."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.page.home import Home
from pipeline.page.strip import draw_strip
from pipeline.reports.silence import find_silences
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.receipts import Gap
from tests.pipeline.cli.homes import ACCOUNT, NINE, a_home, a_record

DAYS = 21


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three weeks of one call an hour, but for two hours of the second."""
    hours = [NINE + timedelta(hours=n) for n in range(24 * DAYS) if n not in (30, 31)]
    return a_home(tmp_path_factory.mktemp("strip"), [a_record(at) for at in hours])


def test_it_has_a_cell_for_every_hour_of_every_day_in_the_zone(home: Path) -> None:
    strip = draw_strip(Home(Settings(home=home, timezone="Asia/Seoul")), [])
    assert strip is not None
    assert strip.calls == 24 * DAYS - 2
    assert len(strip.cells) == 24 * (DAYS + 1)
    empty = [(one.day.day, one.hour) for one in strip.cells if one.day == date(2026, 3, 4) and not one.calls]
    assert empty == [(4, 0), (4, 1)]  # 15:00 and 16:00 UTC of the third
    assert not any(one.marked for one in strip.cells)


def test_silences_that_a_watch_told_are_framed_with_every_hour_they_touch(home: Path) -> None:
    start = NINE + timedelta(hours=30)
    gap = Gap(account=ACCOUNT, start=start, end=start + timedelta(minutes=90), expected=90)
    strip = draw_strip(Home(Settings(home=home)), [gap])
    assert strip is not None
    assert [(one.day.day, one.hour) for one in strip.cells if one.marked] == [(3, 15), (3, 16)]


def test_hours_in_which_nobody_said_anything_are_found_without_a_watch(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.page.strip.find_silences", lambda counts: find_silences(counts, least_expected=1))
    strip = draw_strip(Home(Settings(home=home)), [])
    assert strip is not None
    assert [(one.day.day, one.hour) for one in strip.cells if one.marked] == [(3, 15), (3, 16)]


def test_without_events_there_is_none(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    assert draw_strip(Home(Settings(home=tmp_path)), []) is None
