"""What the report on the estate reads: months of four weeks, services' own calls left out, names inert."""

from datetime import date, timedelta

import pytest

from pipeline.errors import NoHistoryError, StoreError
from pipeline.reports.estate_edges import open_estate
from tests.builders import NINE, an_event
from tests.pipeline.reports.homes import an_active_home
from tests.pipeline.reports.test_source import a_home

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    old = NINE - 28 * DAY
    return an_active_home(
        tmp_path_factory.mktemp("home"),
        *(an_event(NINE - d * DAY) for d in range(3)),
        an_event(NINE, action="s3:GetObject", account="222222222222"),
        an_event(NINE, principal="svc/ec2", kind="aws_service"),
        an_event(NINE, principal="role/\x1b[31m", kind="workload"),
        an_event(old, action="iam:GetRole"),
        an_event(old - 200 * DAY, action="ec2:Ancient"),
    )


def test_edges_of_a_month_count_calls_and_hours(home):
    with open_estate(home) as tables:
        rows = tables.execute("SELECT month, service, account, calls, hours FROM edges WHERE principal = 'user/ana'")
        assert sorted(rows.fetchall()) == [
            (0, "ec2", "111111111111", 3, 3), (0, "s3", "222222222222", 1, 1), (1, "iam", "111111111111", 1, 1),
        ]  # fmt: skip
        months = tables.execute("SELECT * FROM months ORDER BY month").fetchall()
    newest = NINE.date()
    assert months == [
        (0, newest - 27 * DAY, newest, 3),
        (1, newest - 55 * DAY, newest - 28 * DAY, 1),
    ]


def test_services_are_left_out_and_names_are_inert(home):
    with open_estate(home) as tables:
        rows = tables.execute("SELECT principal, peers FROM principals ORDER BY 1").fetchall()
        assert [name for name, _ in rows] == ["role/\\x1b[31m", "user/ana"]
        assert tables.execute("SELECT count(*) FROM edges WHERE principal LIKE 'svc%'").fetchone() == (0,)


def test_no_other_days_are_read(home):
    with open_estate(home, months=1) as tables:
        assert tables.execute("SELECT DISTINCT month FROM edges").fetchall() == [(0,)]
    with open_estate(home, months=2, days=1) as tables:
        days = tables.execute("SELECT first, last FROM months ORDER BY month").fetchall()
    assert days == [(date(2025, 3, 3), date(2025, 3, 3)), (date(2025, 3, 2), date(2025, 3, 2))]


def test_a_month_is_one_of_the_deployments_time_zone(tmp_path):
    late = NINE.replace(hour=23)  # the next day's morning in Seoul
    home = an_active_home(tmp_path, an_event(late), an_event(NINE, action="s3:Before"), timezone="Asia/Seoul")
    with open_estate(home, months=2, days=1) as tables:
        assert tables.execute("SELECT month, service FROM edges ORDER BY 1").fetchall() == [(0, "ec2"), (1, "s3")]


def test_a_home_with_nothing_in_it_says_what_to_do(tmp_path):
    with pytest.raises(StoreError, match=r"oddtrail ingest.*oddtrail demo"):
        open_estate(tmp_path / "nothing")
    with pytest.raises(NoHistoryError, match="`oddtrail ingest PATH`"):
        open_estate(a_home(tmp_path / "empty"))
    with pytest.raises(NoHistoryError, match="`oddtrail train`, then `oddtrail score`"):
        open_estate(a_home(tmp_path / "events", an_event()))
    services = an_active_home(tmp_path / "services", an_event(principal="svc/ec2", kind="aws_service"))
    with pytest.raises(NoHistoryError, match="no calls of anybody but AWS services"):
        open_estate(services)
    with pytest.raises(ValueError, match="give 1 or more"):
        open_estate(services, months=0)
