"""The days of a principal that are most like one of its days."""

from datetime import date, timedelta

import numpy as np
import pytest

from pipeline.reports.normal_days import MEASURES, measure_days, nearest_days, typical_day
from pipeline.reports.principal_calls import open_principal
from tests.builders import NINE, an_event
from tests.pipeline.reports.homes import an_active_home

DAY = timedelta(days=1)
LAST = (NINE + 9 * DAY).date()


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Nine quiet days of d + 1 calls each, and a tenth with sixty from elsewhere."""
    minute = timedelta(minutes=1)
    quiet = [an_event(NINE + d * DAY + n * minute, resources=[f"bucket:b{n}"]) for d in range(9) for n in range(d + 1)]
    odd = [
        an_event(NINE + 9 * DAY + n * timedelta(seconds=30), action=f"s3:Get{n}", country="BR", error="denied")
        for n in range(60)
    ]
    usual = an_event(NINE + 9 * DAY)
    home = an_active_home(tmp_path_factory.mktemp("home"), *quiet, *odd, usual)
    with open_principal("user/ana", home) as tables:
        yield tables


def test_a_day_is_measured(tables):
    rows = measure_days(tables, "UTC")
    assert rows.columns.tolist() == [*MEASURES]
    assert rows.iloc[2][["calls", "hours", "denied", "actions", "countries", "resources"]].tolist() == [
        3,
        1,
        0,
        1,
        1,
        3,
    ]
    assert rows.iloc[9][["calls", "denied", "failed", "actions", "services"]].tolist() == [61, 60, 60, 61, 2]


def test_the_nearest_days_follow_the_day_asked_for(tables):
    rows = nearest_days(tables, "UTC", date(2025, 3, 7), most=2)
    assert rows["day"].dt.date.tolist() == [date(2025, 3, 7), date(2025, 3, 8), date(2025, 3, 6)]
    assert rows["apart"].tolist()[0] == 1.0
    counted = abs(np.log(6) - np.log(7)) * 2  # calls and resources differ, the other measures do not
    assert rows["apart"].tolist()[1] == pytest.approx(np.exp(counted / len(MEASURES)))
    assert rows["shared"].tolist() == [1.0, 1.0, 1.0]


def test_days_with_an_alert_are_not_normal(tables):
    rows = nearest_days(tables, "UTC", LAST, alerted=[date(2025, 3, 11)], most=20)
    assert date(2025, 3, 11) not in rows["day"].dt.date.tolist()
    assert len(rows) == 9
    assert rows["shared"].tolist()[1] == pytest.approx(1 / 61)


def test_a_day_stands_beside_its_normal_ones_what_goes_furthest_beyond_first(tables):
    rows = typical_day(tables, "UTC", LAST).set_index("measure")
    assert rows.index[0] in ("denied", "failed", "actions")
    assert rows.loc["calls", ["actual", "median", "days"]].tolist() == [61.0, 5.0, 0]
    assert rows.loc["hours", ["actual", "median", "days"]].tolist() == [1.0, 1.0, 9]
    assert rows.loc["denied", "meaning"] == "denied calls"


def test_a_day_without_a_call_or_without_others_has_nothing_to_be_held_against(tables, tmp_path):
    assert nearest_days(tables, "UTC", date(2024, 1, 1)).empty
    assert typical_day(tables, "UTC", date(2024, 1, 1)).empty
    home = an_active_home(tmp_path, an_event(NINE))
    with open_principal("user/ana", home) as alone:
        assert nearest_days(alone, "UTC", NINE.date())["apart"].tolist() == [1.0]
        assert typical_day(alone, "UTC", NINE.date())["median"].isna().all()
