"""When a deployment is busy."""

from datetime import timedelta

import duckdb
import pyarrow as pa
import pytest

from pipeline.reports import busiest
from pipeline.stores.parquet.schema import arrow_schema
from tests.builders import NINE, Event, an_event

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def trail(*events: Event) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.register("events", pa.Table.from_pylist(list(events), schema=arrow_schema()))
    return connection


def test_an_hour_of_the_week_is_the_mean_over_weeks_those_without_events_included():
    busy_and_quiet_monday = trail(an_event(NINE), an_event(NINE), an_event(NINE + 2 * WEEK))
    week = busiest.hours_of_week(busy_and_quiet_monday, "UTC")
    assert week.shape == (7, 24)
    assert week.loc["Mon", 9] == 1.0  # two, none, one
    assert week.to_numpy().sum() == 1.0


def test_the_week_is_read_in_the_time_zone_given():
    week = busiest.hours_of_week(trail(an_event(NINE)), "Asia/Seoul")
    assert week.loc["Mon", 18] == 1


def test_an_hour_is_quiet_when_nearly_nobody_works():
    office = [
        an_event(NINE + d * DAY + h * HOUR, principal=f"p{n}") for d in range(5) for h in range(8) for n in range(20)
    ]
    robot = [
        an_event(NINE + d * DAY + h * HOUR, kind="workload", principal="bot") for d in range(7) for h in range(-9, 15)
    ]
    hours = busiest.quiet_hours(trail(*office, *robot), "UTC")
    assert len(hours) == 168
    assert hours["quiet"].sum() == 168 - 5 * 8
    longest = busiest.quiet_stretches(hours).iloc[0]
    assert (longest["starts"], longest["ends"], longest["hours"]) == ("Fri 17:00", "Mon 09:00", 64)


def test_a_week_that_is_never_quiet_has_no_stretch():
    hours = busiest.quiet_hours(trail(*[an_event(NINE + h * HOUR) for h in range(168)]), "UTC")
    assert len(busiest.quiet_stretches(hours)) == 0


def test_services_and_people_are_shown_by_the_hour_of_the_day():
    connection = trail(
        *[an_event(NINE, action="s3:GetObject") for _ in range(4)],
        an_event(NINE + HOUR, action="s3:GetObject"),
        an_event(NINE + HOUR, principal="bot", kind="workload", action="ec2:RunInstances"),
    )
    services = busiest.by_service(connection, "UTC")
    assert services.index.tolist() == ["s3", "ec2"]
    assert (services.loc["s3", 9], services.loc["s3", 10], services.loc["ec2", 10]) == (1.0, 0.25, 1.0)
    assert len(busiest.by_person(connection, "UTC")) == 1


def test_people_stand_in_the_order_of_their_day():
    connection = trail(
        an_event(NINE + 9 * HOUR, principal="late", principal_name="late"),
        an_event(NINE + 9 * HOUR, principal="late", principal_name="late"),
        an_event(NINE - 3 * HOUR, principal="early", principal_name="early"),
    )
    assert busiest.by_person(connection, "UTC").index.tolist() == ["early", "late"]


def test_two_people_of_one_name_are_two_rows_and_a_hostile_name_is_inert():
    connection = trail(
        an_event(principal="a", principal_name="ana\x1b[2J"), an_event(principal="b", principal_name="ana\x1b[2J")
    )
    assert busiest.by_person(connection, "UTC").index.tolist() == ["ana\\x1b[2J"] * 2


def test_capacity_is_headroom_over_the_minutes_of_an_hour():
    burst = [an_event(NINE + timedelta(minutes=m)) for m in range(0, 60, 2) for _ in range(120)]
    rows = busiest.capacity(trail(*burst, an_event(NINE + timedelta(minutes=59))), "UTC", headroom=3)
    nine = rows.set_index(["weekday", "hour"]).loc[("Mon", 9)]
    assert nine["mean"] == pytest.approx(1.0, rel=0.01)
    assert nine["p95"] == nine["peak"] == 2.0
    assert nine["provide"] == 6.0
    assert busiest.week_of(rows, "provide").loc["Mon", 9] == 6.0
