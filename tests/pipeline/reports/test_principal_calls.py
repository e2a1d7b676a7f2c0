"""What the report on one principal reads: that principal and the days asked for, and nothing else."""

from datetime import timedelta

import pytest

from pipeline.errors import NoHistoryError, StoreError
from pipeline.reports.principal_calls import list_principals, open_principal, take_principal
from pipeline.settings import load_settings
from pipeline.stores.home import open_store
from tests.builders import NINE, an_event
from tests.pipeline.reports.homes import an_active_home
from tests.pipeline.reports.test_source import a_home

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Ana calls three times, her namesake once, a service by itself, and ana again long before."""
    return an_active_home(
        tmp_path_factory.mktemp("home"),
        *(an_event(NINE + d * DAY, principal="user/ana", principal_name="ana") for d in (0, 1, 2)),
        an_event(NINE - 60 * DAY, principal="user/ana", principal_name="ana", action="s3:Old"),
        an_event(NINE, principal="idc/ana", principal_name="ana"),
        an_event(NINE, principal="role/b\x1b[31m", principal_name="b\x07", kind="workload"),
        an_event(NINE, principal="svc/ec2", principal_name="ec2", kind="aws_service"),
    )


def test_it_holds_the_calls_of_one_principal_in_the_days_asked_for(home):
    with open_principal("user/ana", home, days=7) as tables:
        rows = tables.execute("SELECT hour, action, network, calls FROM calls ORDER BY hour").fetchall()
    assert [(at, calls) for at, *_, calls in rows] == [(NINE, 1), (NINE + DAY, 1), (NINE + 2 * DAY, 1)]
    assert {action for _, action, *_ in rows} == {"ec2:DescribeInstances"}


def test_more_days_reach_further_back(home):
    with open_principal("user/ana", home, days=90) as tables:
        assert tables.execute("SELECT count(*) FROM calls WHERE action = 's3:Old'").fetchone() == (1,)


def test_a_last_day_ends_what_is_read(home):
    with open_store(home, create=False) as store:
        tables = take_principal(store, load_settings({"home": home}), "user/ana", 7, (NINE + DAY).date())
        assert tables.execute("SELECT max(hour) FROM calls").fetchone() == (NINE + DAY,)


def test_days_are_those_of_the_deployments_time_zone(tmp_path):
    late = NINE.replace(hour=23)  # the next day's morning in Seoul
    home = an_active_home(tmp_path, an_event(late), an_event(late - 9 * timedelta(hours=1)), timezone="Asia/Seoul")
    with open_principal("user/ana", home, days=1) as tables:
        since, until = tables.execute("SELECT since, until FROM span").fetchone() or ()
        assert (since, until) == (NINE.replace(hour=15), NINE.replace(hour=15) + DAY)
        assert tables.execute("SELECT hour FROM calls").fetchall() == [(late,)]


def test_a_principal_is_found_by_its_key_as_it_is_or_as_it_is_shown_or_by_a_name_that_no_other_has(home):
    for who in ("role/b\x1b[31m", "role/b\\x1b[31m", "b\x07", "b\\x07"):
        with open_principal(who, home) as tables:
            assert tables.execute("SELECT principal FROM who").fetchall() == [("role/b\x1b[31m",)]


def test_a_name_of_nobody_or_of_several_says_what_to_give(home):
    with pytest.raises(NoHistoryError, match=r"nobody called 'eve'.*list_principals"):
        open_principal("eve", home)
    with pytest.raises(NoHistoryError, match=r"2 principals are called 'ana': give the key of one, such as idc/ana"):
        open_principal("ana", home)


def test_the_busiest_come_first_and_aws_services_are_left_out(home):
    rows = list_principals(home, days=7)
    assert rows["principal"].tolist() == ["user/ana", "idc/ana", "role/b\\x1b[31m"]
    assert rows.loc[0, ["name", "kind", "calls", "days", "accounts"]].tolist() == ["ana", "human", 3, 3, 1]
    assert len(list_principals(home, most=1)) == 1


def test_a_home_with_nothing_in_it_says_what_to_do(tmp_path):
    with pytest.raises(StoreError, match=r"oddtrail ingest.*oddtrail demo"):
        open_principal("ana", tmp_path / "nothing")
    with pytest.raises(NoHistoryError, match="`oddtrail ingest PATH`"):
        open_principal("ana", a_home(tmp_path / "empty"))
    with pytest.raises(NoHistoryError, match="`oddtrail train`, then `oddtrail score`"):
        list_principals(a_home(tmp_path / "events", an_event()))
    with pytest.raises(ValueError, match="give 1 or more"):
        list_principals(a_home(tmp_path / "none", an_event()), days=0)
