"""Where a deployment is called from."""

from datetime import date, timedelta
from typing import Any

import pytest

from pipeline.reports import where_from
from tests.builders import NINE, an_event
from tests.pipeline.reports.test_busiest import trail

DAY = timedelta(days=1)
GERMANY: dict[str, Any] = {"country": "DE", "asn": 64500, "organisation": "Home"}
BRAZIL: dict[str, Any] = {"country": "BR", "asn": 64501, "organisation": "Elsewhere"}


def test_countries_are_counted_by_calls_principals_and_people():
    connection = trail(
        an_event(NINE, **GERMANY),
        an_event(NINE, principal="bot", kind="workload", **GERMANY),
        an_event(NINE + DAY, **BRAZIL),
        an_event(NINE, country="", asn=0),
    )
    rows = where_from.countries(connection).set_index("country")
    assert rows.index.tolist() == ["DE", "BR", "unknown"]
    assert rows.loc["DE", ["events", "principals", "people"]].tolist() == [2, 2, 1]
    assert where_from.known_share(connection) == 0.75


@pytest.mark.parametrize(
    "nowhere",
    [{"agent": "service:cloudformation"}, {"address_kind": "aws_service"}, {"address_kind": "aws_internal"}],
)
def test_a_call_by_a_service_comes_from_nowhere(nowhere):
    connection = trail(an_event(NINE, **GERMANY), an_event(NINE, **(BRAZIL | nowhere)))
    assert where_from.countries(connection)["country"].tolist() == ["DE"]
    assert where_from.networks(connection)["network"].tolist() == ["Home (AS64500)"]


def test_a_network_goes_by_its_own_name_then_its_organisation_then_its_kind():
    connection = trail(
        an_event(NINE, network="office", **GERMANY),
        an_event(NINE, **BRAZIL),
        an_event(NINE, address_kind="vpc_endpoint", country="", asn=0, organisation=""),
        an_event(NINE, country="", asn=0, organisation=""),
    )
    assert set(where_from.networks(connection)["network"]) == {
        "office",
        "Elsewhere (AS64501)",
        "vpc endpoint",
        "unknown",
    }


def test_new_networks_are_shown_beside_the_busiest_however_few_calls_they_have():
    busy = [an_event(NINE, asn=asn, organisation=f"Busy {asn}") for asn in range(1, 26) for _ in range(30)]
    rare = an_event(NINE + 6 * DAY, asn=70, organisation="Rare")
    attack = an_event(NINE + 20 * DAY, asn=66, organisation="Attack")
    rows = where_from.networks(trail(*busy, rare, attack), most=20)
    assert rows["new"].tolist() == [False] * 20 + [True]
    assert rows["network"].tolist()[-1] == "Attack (AS66)"


def test_of_many_new_networks_those_of_one_principal_come_first_then_the_latest():
    days = [an_event(NINE + (8 + day) * DAY, asn=day + 1, organisation=f"Day {day}") for day in range(9)]
    crowd = [an_event(NINE + 30 * DAY, principal=f"p{n}", asn=99, organisation="Crowd") for n in range(2)]
    rows = where_from.networks(trail(an_event(NINE, **GERMANY), *days, *crowd), most=0, newest=2)
    assert set(rows["network"]) == {"Day 8 (AS9)", "Day 7 (AS8)"}


def test_a_network_is_not_new_because_one_of_its_principals_is():
    connection = trail(an_event(NINE, **GERMANY), an_event(NINE + 20 * DAY, principal="new", **GERMANY))
    assert where_from.networks(connection)["new"].tolist() == [False]


def test_a_new_place_is_a_first_after_the_principals_first_days():
    connection = trail(
        an_event(NINE, **GERMANY),
        an_event(NINE + 6 * DAY, country="FR", asn=0),
        an_event(NINE + 10 * DAY, principal_name="ana", **BRAZIL),
        an_event(NINE + 11 * DAY, principal_name="ana", **BRAZIL),
    )
    rows = where_from.new_places(connection, "UTC")
    assert rows["value"].tolist() == ["BR", "AS64501 Elsewhere"]
    assert rows["events"].tolist() == [2, 2]
    assert set(rows["day"].dt.date) == {date(2025, 3, 13)}


def test_a_new_place_says_who_had_been_there_before():
    connection = trail(
        an_event(NINE, principal="ben", **BRAZIL),
        an_event(NINE, **GERMANY),
        an_event(NINE + 10 * DAY, **BRAZIL),
    )
    assert where_from.new_places(connection, "UTC")["others"].tolist() == [1, 1]


def test_days_without_a_new_place_are_shown_as_such():
    connection = trail(an_event(NINE, **GERMANY), an_event(NINE + 10 * DAY, **BRAZIL))
    days = where_from.new_places_by_day(connection, "UTC")
    assert len(days) == 11
    assert days.to_numpy().sum() == 2
    assert days.iloc[-1].tolist() == [1, 1]


def test_an_account_lives_where_most_of_its_calls_go():
    home = [an_event(NINE, region="ap-northeast-2") for _ in range(97)]
    connection = trail(*home, *[an_event(NINE, region="sa-east-1", principal_name="ana") for _ in range(3)])
    assert where_from.regions(connection).iloc[0].to_dict() == {"ap-northeast-2": 0.97, "sa-east-1": 0.03}
    away = where_from.outside_home(connection)
    assert away[["region", "principal", "events"]].to_numpy().tolist() == [["sa-east-1", "ana", 3]]


def test_names_from_the_trail_are_shown_inert():
    connection = trail(an_event(NINE, organisation="\x1b[31mred", asn=64502, country="DE"))
    assert where_from.networks(connection)["network"].tolist() == ["\\x1b[31mred (AS64502)"]
