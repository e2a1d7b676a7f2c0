"""The trail of a busy world says what its activity says."""

from datetime import date, timedelta

import duckdb
import pytest

from benchmarks.busy_home import midnight, write_activity
from benchmarks.busy_trail import TrailWorld, WorldGeo, write_trail
from benchmarks.busy_world import LATENESS, TIMEZONE
from pipeline.detect.refresh import refresh_activity
from pipeline.ingest.run import ingest
from pipeline.stores.home import open_store

ALIKE = {
    "joint": "account, principal, hour, session, action, level, write, region, prefix, address_kind, agent, error",
    "touched": "account, principal, hour, action, write, resource",
    "principals": "principal, identity, identity_arn, account, kind, principal_name, identity_name, permission_set",
    "places": "prefix, address_kind, country, asn, latitude, longitude",
}
"""What tables are compared by: when a file was delivered is told by its name, to the minute."""


def told(store, day):
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    store.activity.view(connection, day, day + timedelta(days=1))
    return {
        name: connection.execute(f"SELECT {keys}, sum(calls) FROM {name} GROUP BY ALL ORDER BY ALL").fetchall()
        for name, keys in ALIKE.items()
    }


@pytest.fixture(scope="module")
def world():
    return TrailWorld(principals=20, days=2, first=date(2026, 3, 2), calls=6_000)


def test_what_is_ingested_of_a_trail_is_what_the_world_writes_as_activity(world, tmp_path):
    noon, until = midnight(world, 0) + timedelta(hours=12, minutes=20), midnight(world, 3)
    spans = [(midnight(world, 0), noon), (noon, until)]
    made = [write_trail(world, tmp_path / "trail", 0, *span, slot=timedelta(hours=6)) for span in spans]
    [(calls,)] = world.connection.execute("SELECT sum(calls) FROM atoms").fetchall()
    files = list((tmp_path / "trail").rglob("*.json.gz"))
    with open_store(tmp_path / "direct") as direct, open_store(tmp_path / "ingested") as ingested:
        write_activity(world, direct, 0)
        report = ingest([tmp_path / "trail"], ingested.events, geo=WorldGeo(), now=until)
        refresh_activity(ingested, duckdb.connect(), timezone=TIMEZONE, lateness_minutes=LATENESS, now=until)
        written, counted = told(direct, world.first), told(ingested, world.first)
    assert report.stored == report.records == sum(one.events for one in made) == calls > 4_000
    assert sum(one.files for one in made) == len(files) > 50
    assert sum(one.bytes for one in made) == sum(file.stat().st_size for file in files)
    for name in ALIKE:
        assert written[name] == counted[name], name
