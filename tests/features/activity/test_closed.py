"""An hour as it stood when it closed: rows by tick or merged over ticks tell the same."""

from datetime import timedelta

import duckdb

from features.activity.closed import MEANINGS, SINGULARS, SPREAD
from features.activity.hourly import MEASURES
from pipeline.detect.activity import Activity
from tests.worlds import START, a_company, an_event, as_person, numbered, table

NINE = START + timedelta(hours=9)


def closed(rows, **how):
    connection = duckdb.connect()
    connection.register("events", table(rows))
    return Activity.of_events(connection, **how).delivered(START.date()).closed.to_pylist()


def test_every_measure_has_words_and_the_hour_is_last() -> None:
    assert list(MEANINGS) == [*MEASURES, *SPREAD]
    assert all(MEANINGS.values())
    assert list(SINGULARS) == list(MEANINGS)[:-1]
    assert not [name for name, one in SINGULARS.items() if one == MEANINGS[name]]


def test_what_differs_in_an_hour_is_counted() -> None:
    ann = as_person("ann")
    rows = [
        an_event(**ann, action="ec2:DescribeInstances", event_time=NINE),
        an_event(
            **ann
            | {"region": "us-east-1", "prefix": "192.0.2.0/24", "country": "KP", "asn": 64666, "agent": "aws-cli"},
            action="s3:GetObject",
            event_time=NINE + timedelta(minutes=1),
            resources=["bucket:a", "bucket:b"],
            session="ASIA1",
        ),
        an_event(
            **ann | {"agent": "service:cloudformation", "prefix": "", "account": "222222222222"},
            action="iam:PutRolePolicy",
            write=True,
            event_time=NINE + timedelta(minutes=2),
            session="ASIA2",
        ),
    ]
    rows[-1]["level"] = "permissions"
    [row] = closed(numbered(rows), by_tick=True)
    assert {name: row[name] for name in SPREAD} == {
        "regions": 2,
        "countries": 2,
        "networks": 2,
        "tools": 2,
        "accounts": 2,
        "credentials": 2,
        "levels": 2,
        "resources": 2,
        "hour_of_week": 9,
    }
    assert row["tick"] == START + timedelta(hours=10, minutes=15)


def test_rows_merged_over_ticks_say_the_same() -> None:
    late = [row | {"delivered_at": row["event_time"] + timedelta(hours=3)} for row in a_company(1, 2, 2, seed=8)[::9]]
    rows = numbered(a_company(days=1, people=2, roles=2) + late)
    assert closed(rows, by_tick=True) == closed(rows)
    assert len(closed(rows)) > 40
