"""What several shards count is to the row what one process counts, as it arrives and at once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from features.times.day import date_of, day_number
from features.times.instant import HOUR, MINUTE, micros, moment_of
from features.times.tick import tick_of
from models.explain import Reason
from pipeline.detect import arriving
from pipeline.detect.activity import Activity, Delivered
from pipeline.detect.arriving import Arriving, BacklogError
from pipeline.detect.shards import sharded as module
from pipeline.detect.shards.part import PartActivity, is_of
from pipeline.detect.shards.sharded import ORDERS, ShardedActivity, ShardedArriving
from pipeline.errors import StoreError
from tests.pipeline.detect.shards.together import HeldEvents, in_threads
from tests.worlds import START, a_company, a_theft, an_event, as_person, as_role, numbered, table

DAY = 2
TODAY = day_number(START.date()) + DAY
AT = START + timedelta(days=DAY)
NOON = micros(AT + timedelta(hours=12))
STEP = 130 * MINUTE
OURS, THEIRS = ({"prefix": f"192.0.{n}.0/24", "address_kind": "private", "asn": 0} for n in (2, 3))


def shard_of(principal: str, of: int) -> int:
    one = duckdb.sql(
        f"SELECT {', '.join(f'({is_of(n, of)})' for n in range(of))} FROM (SELECT '{principal}' AS principal)"
    )
    return [bool(found) for found in one.fetchall()[0]].index(True)


def a_world() -> list[dict[str, Any]]:
    """Three days of a company with what looks across principals on the last.

    A place of which the second principal's provider says something else than the first's; sessions of workloads that
    move to a place where another one's is met, or nobody's; a delivery for an hour that was closed, of one alone.
    """
    one, two, three = (as_role(f"service{n}-prod-role") for n in (0, 3, 10))
    assert [shard_of(who["principal"], 3) for who in (one, two, three)] == [0, 1, 2]
    begins, rows = AT + timedelta(hours=13), []
    for minute, who, session, place in [
        (0, one, "ASIAX", OURS), (9, one, "ASIAX", THEIRS), (11, one, "ASIAX", THEIRS),
        (3, two, "ASIAY", THEIRS), (70, three, "ASIAZ", THEIRS), (75, two, "ASIAV", OURS),
        (90, three, "ASIAW", OURS | {"prefix": "10.9.0.0/24"}), (95, three, "ASIAW", OURS | {"prefix": "10.8.0.0/24"}),
    ]:  # fmt: skip
        at = begins + timedelta(minutes=minute)
        rows.append(an_event(**who | place, action="s3:GetObject", session=f"{session}/1", event_time=at))
    for minute, who, country in [(20, one, "KR"), (21, two, "JP"), (140, three, "BR")]:
        place = {"prefix": "198.51.7.0/24", "asn": 64900 + minute, "country": country}
        rows.append(an_event(**who | place, action="s3:ListBuckets", event_time=begins + timedelta(minutes=minute)))
    late = an_event(**two, action="s3:PutObject", event_time=AT + timedelta(hours=10, minutes=5))
    rows.append(late | {"delivered_at": begins + timedelta(minutes=44)})
    rows = (
        a_company(days=DAY + 1, people=2, roles=3) + a_theft(DAY, victim=as_person("person1")) + numbered(rows, "odd")
    )
    for row in rows:
        row["file"] = f"{micros(row['delivered_at']) // (7 * MINUTE)}"
    return rows


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return a_world()


def listed(of: Delivered) -> dict[str, list[dict[str, Any]]]:
    return {name: getattr(of, name).to_pylist() for name in ORDERS}


def live_through(rows: list[dict[str, Any]], activity: Any, arrive: Any, land: Any) -> Iterator[Any]:
    """Everything that is told of a day, as it arrives and of the whole of it, and of the next one's beginning."""
    yield activity.days(), sorted(activity.members().items())
    yield listed(activity.delivered(date_of(TODAY), by_hour=True))
    arriving, since = arrive(activity, TODAY), NOON
    later = [row for row in rows if micros(row["delivered_at"]) > NOON]
    thief = Reason("surprise", "write", "iam:CreateUser", 0.0, 1.0, 2.0, "first", 1)
    for until in range(NOON + STEP, NOON + 13 * HOUR, STEP):
        now = [row for row in later if since < micros(row["delivered_at"]) <= until]
        yield land(arriving, now) if now else 0
        came = arriving.grow(tick_of(since), tick_of(until))
        yield None if came is None else (listed(came.delivered), came.principals)
        yield None if came is None else arriving.find_showing([("idc/person1", [thief])])
        since = until
    who, odd = as_role("service3-prod-role")["principal"], [("prefix", "192.0.3.0/24"), ("prefix", "192.0.2.0/24")]
    yield activity.list_sessions(arriving.tables, odd, who, moment_of(since), date_of(TODAY))
    yield listed(arriving.end())
    came = arriving.grow(since, since + 20 * MINUTE, even_nothing=True)
    yield listed(came.delivered), came.principals


def alone(rows: list[dict[str, Any]]) -> list[Any]:
    """As one process tells it."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("events", table([row for row in rows if micros(row["delivered_at"]) <= NOON]))
        activity = Activity.of_events(connection, by_tick=True, until=moment_of(NOON))

        def land(arriving: Arriving, now: list[dict[str, Any]]) -> int:
            connection.register("events", table(now))
            activity.count()
            return arriving.take([row["file"] for row in now])

        return list(live_through(rows, activity, Arriving, land))


def sharded(rows: list[dict[str, Any]], of: int) -> Iterator[Any]:
    """As so many shards tell it, one thing after the other."""
    held: Any = HeldEvents()
    with duckdb.connect(config={"threads": 1}) as connection, in_threads(of, held) as shards:
        connection.execute("SET timezone = 'UTC'")
        activity = ShardedActivity(connection, "UTC", 15, shards)
        held.rows[str(micros(START))] = [row for row in rows if micros(row["delivered_at"]) <= NOON]
        activity.begin(held, START, first=date_of(0), until=moment_of(NOON))

        def land(arriving: ShardedArriving, now: list[dict[str, Any]]) -> int:
            held.rows[str(micros(now[0]["delivered_at"]))] = now
            activity.see(held, now[0]["delivered_at"])
            return arriving.take([row["file"] for row in now])

        yield from live_through(rows, activity, ShardedArriving, land)


@pytest.fixture(scope="module")
def wanted(rows: list[dict[str, Any]]) -> list[Any]:
    return alone(rows)


def test_the_world_has_what_looks_across_principals(wanted: list[Any]) -> None:
    tokens = [
        row
        for told in wanted
        if isinstance(told, tuple) and isinstance(told[0], dict)
        for row in told[0].get("tokens", ())
    ]
    away = {(row["principal"], row["value"]) for row in tokens if row["dimension"] == "fact"}
    assert {who for who, _ in away} == {as_role("service10-prod-role")["principal"]}, "others' sessions were met there"
    assert {row["value"] for row in tokens if row["dimension"] == "country"} >= {"KR"}
    assert not {row["value"] for row in tokens if row["dimension"] == "country"} & {"JP", "BR"}


def test_sessions_of_one_principal_are_told_by_whose_it_is(wanted: list[Any]) -> None:
    showing = [("ASIAY/1", (("prefix", "192.0.3.0/24"),)), ("ASIAV/1", (("prefix", "192.0.2.0/24"),))]
    assert showing in wanted


def test_shards_tell_what_one_process_tells(rows: list[dict[str, Any]], wanted: list[Any]) -> None:
    assert len(wanted) > 15
    for number, (one, other) in enumerate(zip(sharded(rows, 3), wanted, strict=True)):
        assert one == other, number


def drop_a_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    original = module.ShardedActivity.merge
    monkeypatch.setattr(module.ShardedActivity, "merge", lambda self, told: original(self, told[:-1]))


def meet_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    original = PartActivity.meet

    def meet(self: PartActivity, met: str, *, more: bool = False) -> None:
        original(self, met, more=more)
        self.connection.execute("DELETE FROM met_elsewhere")

    monkeypatch.setattr(PartActivity, "meet", meet)


def ask_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where networks lie, and which hours are open again, as each shard alone knows it."""

    def everywhere(self: PartActivity, statement: str) -> str:
        self._exchange(self._table(statement))
        return (
            f"({statement})" if "bool_or" not in statement and "AS came" not in statement else "(SELECT true AS came)"
        )

    monkeypatch.setattr(PartActivity, "everywhere", everywhere)


def put_in_disorder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.ShardedActivity, "_sort", lambda self, tables, by: pa.concat_tables(tables))


@pytest.mark.parametrize("fault", [drop_a_shard, meet_nobody, ask_nobody, put_in_disorder])
def test_a_fault_is_seen(
    rows: list[dict[str, Any]], wanted: list[Any], fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    assert any(one != other for one, other in zip(sharded(rows, 2), wanted, strict=True))


class Unreadable(HeldEvents):
    def see(self, connection: duckdb.DuckDBPyConnection, shown: dict[str, Any]) -> None:
        raise StoreError("no such segment")


def test_what_a_shard_cannot_do_is_told_with_its_number() -> None:
    held: Any = Unreadable()
    with duckdb.connect() as connection, in_threads(2, held) as shards:
        with pytest.raises(StoreError, match="shard 1 of 2: no such segment"):
            ShardedActivity(connection, "UTC", 15, shards).begin(held, START, first=date_of(0), until=AT)
        with pytest.raises(StoreError, match="does not know 'close'"):
            shards.ask("close")


def test_more_than_one_takes_in_at_once_is_a_backlog(
    monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(arriving, "MOST_AT_ONCE", 5)
    with pytest.raises(BacklogError):
        list(sharded(rows, 2))
