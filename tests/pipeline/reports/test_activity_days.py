"""Which days of activity a report reads."""

from datetime import date, timedelta

import pytest

from pipeline.connection import connect
from pipeline.errors import NoHistoryError
from pipeline.reports.activity_days import last_days, view_activity
from pipeline.settings import load_settings
from pipeline.stores.home import open_store
from tests.builders import NINE, an_event
from tests.pipeline.reports.homes import an_active_home


def test_days_end_with_the_last_one_of_activity_or_with_the_one_that_is_given(tmp_path):
    home = an_active_home(tmp_path, an_event(NINE), an_event(NINE + timedelta(days=3)))
    settings = load_settings({"home": home})
    with open_store(home) as store:
        assert last_days(store, settings, 2) == (date(2025, 3, 5), date(2025, 3, 6))
        assert last_days(store, settings, 1, date(2025, 3, 4)) == (date(2025, 3, 4), date(2025, 3, 4))
        with pytest.raises(ValueError, match="days is 0: give 1 or more"):
            last_days(store, settings, 0)


def test_a_store_without_events_says_what_to_do(tmp_path):
    with open_store(tmp_path) as store, pytest.raises(NoHistoryError, match="`oddtrail ingest PATH`"):
        last_days(store, load_settings({"home": tmp_path}), 7)


def test_the_last_day_is_one_of_the_deployments_time_zone(tmp_path):
    home = an_active_home(tmp_path, an_event(NINE.replace(hour=23)), timezone="Asia/Seoul")
    with open_store(home) as store:
        assert last_days(store, load_settings({"home": home}), 1) == (date(2025, 3, 4), date(2025, 3, 4))


def test_views_hold_the_account_days_around_the_days_and_can_be_made_again(tmp_path):
    events = [an_event(NINE + timedelta(days=d), action=f"s3:Day{d}") for d in range(12)]
    home = an_active_home(tmp_path, *events)
    with open_store(home) as store, connect(1, 2**30) as connection:
        for first in (date(2025, 3, 5), date(2025, 3, 8)):
            view_activity(connection, store, first, first)
            found = connection.execute("SELECT min(CAST(hour AS DATE)), max(CAST(hour AS DATE)) FROM every_joint")
            assert found.fetchone() == (first - timedelta(days=1), first + timedelta(days=1))
