"""One principal: its weeks, services, places, credentials, sessions, and what is new about it."""

from datetime import timedelta

import pytest

from pipeline.reports import principal
from pipeline.reports.principal_calls import open_principal
from tests.builders import NINE, an_event
from tests.pipeline.reports.homes import an_active_home

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
STARTED = NINE + 20 * DAY - HOUR
SESSION = "ASIAONE/2025-03-23T08:00:00Z"
THEFT = {
    "session": SESSION, "session_start": STARTED, "session_class": "named", "mfa": False, "country": "BR",
    "organisation": "Hotel\x1b[31m", "asn": 64501, "prefix": "203.0.113.0/24", "agent": "boto3", "level": "write",
    "write": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Four weeks of mornings with a lasting key, two hours with a stolen session on the fourth Monday."""
    usual = [an_event(NINE + d * DAY, session="AKIAONE", organisation="Office") for d in range(28)]
    by_service = an_event(NINE, action="kms:Decrypt", agent="service:s3", country="US", session="AKIAONE")
    stolen = [
        an_event(NINE + 21 * DAY + m * timedelta(minutes=1), action="iam:PutRolePolicy", resources=["role:admin"],
                 exposures=["principal:*"], **THEFT)
        for m in range(3)
    ]  # fmt: skip
    denied = an_event(NINE + 21 * DAY + HOUR, action="iam:CreateUser", error="denied", region="sa-east-1", **THEFT)
    home = an_active_home(tmp_path_factory.mktemp("home"), *usual, by_service, *stolen, denied)
    with open_principal("user/ana", home, days=28) as tables:
        yield tables


def test_the_summary_counts_what_was_read(tables):
    [row] = principal.summarize(tables, "UTC").to_dict("records")
    assert (row["principal"], row["kind"], row["calls"], row["denied"]) == ("user/ana", "human", 33, 1)
    assert (row["hours"], row["days"]) == (29, 28)
    assert row["first"] == NINE.replace(tzinfo=None)


def test_a_week_holds_the_mean_of_each_hour_and_days_each_of_them(tables):
    week = principal.week(tables, "UTC")
    assert week.shape == (7, 24)
    assert week.loc["Tue", 9] == 1.0
    assert week.loc["Mon", 9] == pytest.approx((4 + 1 + 3) / 4)
    assert principal.week(tables, "Asia/Seoul").loc["Tue", 18] == 1.0
    days = principal.days(tables, "UTC")
    assert days.shape == (28, 24)
    assert days.to_numpy().sum() == 33
    assert days.loc["2025-03-24", 9] == 4.0
    assert days.index.is_monotonic_increasing


def test_services_say_how_much_of_them_changes_something_or_was_denied(tables):
    rows = principal.services(tables, "UTC").set_index("service")
    assert rows.index.tolist() == ["ec2", "iam", "kms"]
    assert rows.loc["iam", ["calls", "denied", "actions", "writes", "by_service"]].tolist() == [4, 1, 2, 4, 0]
    assert rows.loc["kms", "by_service"] == 1
    assert len(principal.services(tables, "UTC", most=2)) == 2


def test_places_are_those_of_its_own_hands_and_names_are_inert(tables):
    rows = principal.places(tables, "UTC")
    assert rows["country"].tolist() == ["DE", "BR"]
    assert rows["network"].tolist() == ["Office (AS64500)", "Hotel\\x1b[31m (AS64501)"]
    assert rows.loc[1, ["calls", "denied", "prefixes", "tools", "keys"]].tolist() == [4, 1, 1, 1, 1]


def test_keys_that_last_stand_by_themselves_and_sessions_by_their_class(tables):
    rows = principal.credentials(tables, "UTC").set_index("credential")
    assert rows["lasts"].to_dict() == {"AKIAONE": True, "named sessions": False}
    assert rows.loc["named sessions", ["sessions", "calls", "mfa"]].tolist() == [1, 4, 0.0]
    assert rows["mfa"].isna().loc["AKIAONE"]


def test_the_newest_session_comes_first(tables):
    rows = principal.sessions(tables, "UTC")
    assert rows["key"].tolist() == ["ASIAONE", "AKIAONE"]
    assert rows.loc[0, ["began", "class", "calls", "countries", "tools"]].tolist() == [
        STARTED.replace(tzinfo=None), "named", 4, "BR", "boto3",
    ]  # fmt: skip
    assert rows.loc[1, "countries"] == "DE"
    assert len(principal.sessions(tables, "UTC", most=1)) == 1


def test_what_came_first_in_the_last_days_is_what_changed(tables):
    rows = principal.changes(tables, "UTC")
    found = set(zip(rows["what"], rows["value"], strict=True))
    assert found == {
        ("service", "iam"), ("call", "iam:PutRolePolicy"), ("call", "iam:CreateUser"), ("region", "sa-east-1"),
        ("country", "BR"), ("network", "Hotel\\x1b[31m (AS64501)"), ("tool", "boto3"), ("resource", "role:admin"),
        ("opening", "principal:*"),
    }  # fmt: skip
    country = rows.set_index("what").loc["country"]
    assert (country["calls"], country["hours"], country["before"]) == (4, 2, 1)
    assert rows["before"].is_monotonic_increasing
    assert principal.changes(tables, "UTC", recent=6).empty


def test_a_principal_that_was_not_there_before_has_nothing_before(tmp_path):
    home = an_active_home(tmp_path, an_event(NINE), an_event(NINE - 20 * DAY, principal="user/old"))
    with open_principal("user/ana", home) as tables:
        rows = principal.changes(tables, "UTC")
    assert not rows.empty
    assert set(rows["before"]) == {0}


def test_a_temporary_key_that_does_not_say_when_it_began_does_not_last(tmp_path):
    home = an_active_home(tmp_path, an_event(NINE, session="ASIAONE"), an_event(NINE, session=""))
    with open_principal("user/ana", home) as tables:
        rows = principal.credentials(tables, "UTC").set_index("credential")
    assert rows["lasts"].to_dict() == {"sessions": False, "no key": False}
