"""Attacks played by one principal, to see which of them would be missed if something of it were usual.

Each technique that such a principal's credentials allow is played as loud, medium and stealthy, and once more from
where and with what is to be expected: whoever knows what an analyst waved through would come that way.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from features.call.action import ActionCatalogue
from features.call.address import parse_address
from features.times.day import day_bounds, day_number
from pipeline.datafiles import read_attack_priors, read_iam_actions
from pipeline.detect.activity import Delivered
from pipeline.detect.planted import DEGREES, deliver, read_tables, render
from pipeline.simulate.techniques import TECHNIQUES
from pipeline.simulate.truth import Degree
from pipeline.stores.jsonl.marks import Value

_BEGINS: Final = timedelta(hours=10)
"""Time of the day at which each begins."""
_OF_MACHINES: Final = frozenset({"any", "machine", "instance"})
_OF_PEOPLE: Final = frozenset({"any", "person", "user", "console"})
_HABIT: Final = ("principal", "account", "region", "prefix", "address_kind", "agent", "session")
_ANYWHERE: Final = "2001:db8::/48"
"""Prefix of a country or network operator that is to be expected, where no prefix is: kept for examples (RFC 3849)."""
_PLACES: Final = ("account", "region", "prefix", "agent")
"""Dimensions that are columns of a call; country and network are found by its prefix."""


@dataclass(frozen=True, slots=True)
class Strike:
    """One attack, and what a day of nothing else delivers of it."""

    name: str
    degree: Degree
    as_expected: bool
    """It comes from where, and with what, is to be expected."""
    delivered: Delivered


def plant_on(
    connection: duckdb.DuckDBPyConnection,
    principal: str,
    values: Collection[Value],
    day: date,
    *,
    timezone: str,
    lateness_minutes: int,
) -> list[Strike]:
    """Play the techniques by one principal on a day; none where nothing is known of how it calls.

    Parameters
    ----------
    connection
        With the views of an activity store around that day.
    values
        What is to be expected.
    """
    own = find_caller(connection, principal, values)
    if own is None:
        return []
    expected = come_as(connection, own, values)
    tables = read_tables(connection)
    of = tables["principals"].filter(pc.equal(tables["principals"]["principal"], pa.scalar(principal)))
    kinds = set(of["kind"].to_pylist())
    ways = _OF_MACHINES if "workload" in kinds else _OF_PEOPLE
    begins = day_bounds(day_number(day), ZoneInfo(timezone))[0] + _BEGINS
    catalogue = ActionCatalogue(read_iam_actions(), read_attack_priors())
    plays = [(technique, degree, own, False) for technique in TECHNIQUES for degree in DEGREES]
    plays += [(technique, "stealthy", expected, True) for technique in TECHNIQUES if expected is not None]
    plays = [play for play in plays if play[0].via in ways]
    rows, places, names = list[dict[str, Any]](), list[dict[str, Any]](), list[str]()
    for number, (technique, degree, caller, _) in enumerate(plays):
        names.append(f"planted/{number}/{principal}")
        choice, habit = Random(f"price {principal} {technique.name} {degree}"), caller.habit | {"principal": names[-1]}
        played = render(technique, degree, habit, begins, day, choice, catalogue)
        rows += played[0]
        places += played[1]
        if degree == "stealthy":
            there = {"country": caller.country, "asn": caller.asn, "delivered": begins.astimezone(UTC), "calls": 1}
            places.append(habit | there)
    tables["principals"] = pa.concat_tables([of, *(_rename(of, name) for name in names)])
    delivered = deliver(tables, rows, places, day, timezone=timezone, lateness_minutes=lateness_minutes)
    return [
        Strike(technique.name, degree, as_expected, _only(delivered, name, principal))
        for name, (technique, degree, _, as_expected) in zip(names, plays, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Caller:
    """From where, and with what, somebody calls."""

    habit: dict[str, Any]
    """A row as `pipeline.detect.planted.HABITS` gives it."""
    country: str
    asn: int


def find_caller(connection: duckdb.DuckDBPyConnection, principal: str, values: Collection[Value]) -> Caller | None:
    """From where and with what a principal mostly calls, without any of some values if it ever does."""
    columns = ", ".join(_HABIT)
    rows = connection.execute(
        f"SELECT {columns}, sum(calls) AS calls FROM joint WHERE principal = $principal AND prefix <> '' "
        f"AND NOT starts_with(agent, 'service:') GROUP BY {columns} ORDER BY calls DESC, {columns}",
        {"principal": principal},
    ).fetchall()
    if not rows:
        return None
    named = {(one.dimension, one.value) for one in values}
    habits = [dict(zip(_HABIT, row, strict=False)) for row in rows]
    habit = next((one for one in habits if not any((name, one[name]) in named for name in _PLACES)), habits[0])
    places = connection.execute(
        "SELECT country, asn FROM places WHERE prefix = $prefix ORDER BY calls DESC, country, asn LIMIT 1",
        {"prefix": habit["prefix"]},
    ).fetchall()
    country, asn = places[0] if places else ("", 0)
    return Caller(habit, str(country or ""), int(asn or 0))


def come_as(connection: duckdb.DuckDBPyConnection, caller: Caller, values: Collection[Value]) -> Caller | None:
    """The same caller from where, and with what, is to be expected; None where no place or tool is."""
    first: dict[str, str] = {}
    for one in values:
        first.setdefault(one.dimension, one.value)
    moved = {name: first[name] for name in _PLACES if name in first}
    habit = caller.habit | moved | {"session": ""}  # not an instance's, which nobody believes elsewhere
    if not first.keys() & {"prefix", "country", "asn"}:
        return Caller(habit, caller.country, caller.asn) if moved else None
    wanted = {name: first.get(name, "") for name in ("prefix", "country", "asn")}
    seen = connection.execute(
        "SELECT prefix, country, asn FROM places WHERE $prefix IN ('', prefix) AND $country IN ('', country) "
        "AND $asn IN ('', CAST(asn AS VARCHAR)) ORDER BY calls DESC, prefix, country, asn LIMIT 1",
        wanted,
    ).fetchall()
    asn = int(wanted["asn"]) if wanted["asn"].isascii() and wanted["asn"].isdigit() else caller.asn
    unseen = (wanted["prefix"] or _ANYWHERE, wanted["country"] or caller.country, asn)
    prefix, country, asn = seen[0] if seen else unseen
    habit |= {"prefix": prefix, "address_kind": parse_address(str(prefix).partition("/")[0]).kind}
    return Caller(habit, str(country or ""), int(asn or 0))


def _rename(table: pa.Table, principal: str) -> pa.Table:
    at = table.schema.get_field_index("principal")
    return table.set_column(at, table.schema.field(at), pa.array([principal] * len(table), table.schema.field(at).type))


def _only(delivered: Delivered, name: str, principal: str) -> Delivered:
    """The deliveries of one name, as the principal's."""
    tables = (delivered.tokens, delivered.active, delivered.hourly, delivered.closed)
    return Delivered(
        *(_rename(table.filter(pc.equal(table["principal"], pa.scalar(name))), principal) for table in tables)
    )
