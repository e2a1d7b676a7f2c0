"""What the population report reads: vectors of hours, scores of models and alerts of a home's last days, as tables.

Names become labels at the door: printable, and no two the same. What comes after shows them as they are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from features.activity import catalogue
from features.activity.closed import HOUR_OF_WEEK, MEANINGS, SPREADS, closed_sql
from features.activity.first_seen import MEMBERS
from features.activity.hourly import HOURLY, MEASURES
from features.activity.statements import MERGED_PLACES, prelude
from models.detectors.blame import name_model
from models.groups import Member, group_peers
from models.population import CLOSE_MINUTES
from pipeline.connection import connect
from pipeline.errors import NoHistoryError
from pipeline.reports.activity_days import last_days, view_activity
from pipeline.reports.alert_frame import read_latest
from pipeline.reports.source import find_home
from pipeline.settings import Settings, load_settings
from pipeline.stores.alert import Alert
from pipeline.stores.home import SPILL, Store, open_store
from pipeline.text.inert import inert

DAYS: Final = 14
"""Days that are read: two of each hour of the week."""
MOST_PEERS: Final = 200
"""Principals of a group that one is held against, beside it: the 95th percentile is then that of ten thousand hours or
more. A bound, not measured."""
_OF_A_DAY: Final = ("joint", "touched", "filled")
_PART: Final = 150_000
"""Rows of a day's `joint` whose vectors are made together, about: a fourth of a day of 8 million events. Principals are
made some at a time, which takes a third less memory and a fifth less time than all at once."""
_LONGEST: Final = 100
COUNTS: Final = tuple(name for name in MEANINGS if name != HOUR_OF_WEEK)
"""Measures that are more or less, which when the hour was is not."""
_SPREAD: Final = ", ".join([*(spread.name for spread in SPREADS), "resources", HOUR_OF_WEEK])
_COUNTS: Final = ", ".join(f"CAST(coalesce(sum({name}), 0) AS BIGINT) AS {name}" for name in MEASURES)
_VECTORS: Final = f"""
SELECT principal, hour, any_value(closed.day) AS day, {_COUNTS}, {_SPREAD}
FROM ({closed_sql(CLOSE_MINUTES)}) AS closed LEFT JOIN ({HOURLY}) AS filling USING (principal, hour)
WHERE filling.tick <= closed.tick GROUP BY principal, hour, {_SPREAD}
"""
"""What `models.detectors.hours` is made of (`pipeline.detect.coding.coded_hours`), of a day's deliveries."""

TABLES: Final = f"""
CREATE TABLE principals (principal VARCHAR, name VARCHAR, kind VARCHAR, peers VARCHAR);
CREATE TABLE hours (principal VARCHAR, hour TIMESTAMP, day DATE,
    {", ".join(f"{name} BIGINT" for name in MEANINGS)});
CREATE TABLE scores (principal VARCHAR, hour TIMESTAMP, day DATE, model VARCHAR, score DOUBLE,
    measures STRUCT(measure VARCHAR, typical DOUBLE, actual DOUBLE, share DOUBLE)[]);
CREATE TABLE incidents (principal VARCHAR, day DATE, score DOUBLE, raised BOOLEAN);
CREATE TABLE keys (key VARCHAR, principal VARCHAR);
CREATE VIEW totals AS
SELECT principal, count(*) AS hours, CAST(sum(calls) AS BIGINT) AS calls, CAST(sum(denied) AS BIGINT) AS denied,
    CAST(sum(errors) AS BIGINT) AS errors, max(services) AS services, max(regions) AS regions,
    max(resources) AS resources, min(day) AS first, max(day) AS last
FROM hours GROUP BY principal;
CREATE VIEW spreads AS
SELECT peers, measure, value, count(*) AS hours
FROM (UNPIVOT (SELECT peers, {", ".join(COUNTS)} FROM hours JOIN principals USING (principal) WHERE peers <> '')
    ON {", ".join(COUNTS)} INTO NAME measure VALUE value)
GROUP BY ALL;
"""
"""Tables of `open_population`, empty. Hours are those of the deployment's time zone; `principal` is a label, and `keys`
has the key that each stands for. Of `hours` there are views: `totals`, a row a principal, and `spreads`, in how many
hours of a group a measure had a value."""
_WHO: Final = """
CREATE TABLE who (principal VARCHAR, kind VARCHAR, principal_name VARCHAR, active BOOLEAN DEFAULT false);
CREATE TABLE members (principal VARCHAR, kind VARCHAR, principal_name VARCHAR, peers VARCHAR);
"""
_MEMBERS: Final = """SELECT principal, kind, principal_name, coalesce(peers, '') AS peers
FROM members LEFT JOIN groups ON principal = key"""


def open_population(
    home: Path | str | None = None, days: int = DAYS, beside: str | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection with the tables of `TABLES`, of the last days there are; others may write meanwhile.

    Parameters
    ----------
    home
        As of `pipeline.reports.source.open_events`.
    days
        So many days that end with the last one that training or scoring has looked at. No other day is read.
    beside
        Key of a principal, as it is or as it is shown: then nobody but it and its group is read, whether anything of
        theirs was scored or not; of a group of more than `MOST_PEERS` so many, drawn by a hash of their keys, which is
        a fair sample.

    Raises
    ------
    StoreError
        There is no store, or something in it is damaged; says what to do.
    NoHistoryError
        Nothing was ingested, or nothing of these days was scored; says which command does it.
    """
    settings = load_settings({"home": home})
    with open_store(find_home(settings), create=False) as store:
        return take_population(store, settings, days, beside, partial(read_latest, store.alerts))


def take_population(
    store: Store,
    settings: Settings,
    days: int = DAYS,
    beside: str | None = None,
    alerts: Callable[[date, date], Iterable[Alert]] | None = None,
    made: Callable[[], Mapping[str, str]] | None = None,
) -> duckdb.DuckDBPyConnection:
    """The same from a store that is open.

    Parameters
    ----------
    alerts
        Gives those of the days from one to another, and perhaps more.
    made
        Gives relations with the rows of `take_hours` of these days, by table; else they are made.
    """
    first, last = last_days(store, settings, days)
    tables = connect(settings.threads, settings.memory)
    tables.execute(TABLES + _WHO)
    _take_scores(tables, store, settings, first, last)
    if beside is None and not tables.execute("FROM scores LIMIT 1").fetchall():
        raise NoHistoryError(
            f"{store.home} holds no scores from {first} to {last}: `oddtrail train`, then `oddtrail score` writes them "
            "as hours close; or ask for more days"
        )
    if made is None:
        _take_hours(tables, store, settings, first, last, beside)
    else:
        for table, rows in made().items():
            tables.execute(f"INSERT INTO {table} BY NAME FROM {rows}")
    tables.execute("INSERT INTO who SELECT principal, kind, principal_name, true FROM members")
    peers = dict(tables.execute("SELECT principal, peers FROM members").fetchall())
    _take_alerts(tables, alerts(first, last) if alerts else store.alerts.latest(), first, last)
    if beside is not None:
        tables.execute("DELETE FROM who WHERE principal NOT IN (SELECT unnest($among))", {"among": [beside, *peers]})
    _label(tables, peers)
    return tables


def take_hours(store: Store, settings: Settings, first: date, last: date) -> duckdb.DuckDBPyConnection:
    """What takes long of it and no score or alert changes: `hours` and `members`, by keys, in a connection."""
    tables = connect(settings.threads, settings.memory)
    tables.execute(TABLES + _WHO)
    _take_hours(tables, store, settings, first, last, None)
    return tables


def _take_hours(
    tables: duckdb.DuckDBPyConnection, store: Store, settings: Settings, first: date, last: date, beside: str | None
) -> None:
    """Vectors of the hours that each day's deliveries showed, a day in memory at a time; an hour counts once."""
    with connect(settings.threads, settings.memory, spill=str(store.home / SPILL)) as reading:
        reading.execute(prelude(settings.timezone, settings.lateness_minutes))
        reading.execute(catalogue.prelude(settings.timezone))
        view_activity(reading, store, first, last)
        reading.execute("CREATE TEMP VIEW principals AS FROM every_principals")
        reading.execute(f"CREATE TEMP TABLE places AS {MERGED_PLACES}")
        reading.execute(f"CREATE TEMP TABLE members AS SELECT * FROM ({MEMBERS}) WHERE kind <> 'aws_service'")
        peers = find_peers(reading)
        if beside is not None:
            peers = choose_peers(peers, beside)
            reading.execute("DELETE FROM members WHERE principal NOT IN (SELECT unnest($among))", {"among": [*peers]})
        groups = pa.table({"key": pa.array(peers, pa.string()), "peers": pa.array(peers.values(), pa.string())})
        reading.register("groups", groups)
        _insert(tables, "members", reading.sql(_MEMBERS).to_arrow_table())
        reading.unregister("groups")
        for day in _each(first, last):
            for name in _OF_A_DAY:
                reading.execute(
                    f"CREATE OR REPLACE TEMP TABLE of_day_{name} AS SELECT * FROM every_{name} "
                    "WHERE known_on = $known_on AND principal IN (SELECT principal FROM members)",
                    {"known_on": day + timedelta(days=1)},
                )
            [(rows,)] = reading.execute("SELECT count(*) FROM of_day_joint").fetchall()
            parts = 1 + rows // _PART
            for part in range(parts):
                for name in _OF_A_DAY:
                    reading.execute(
                        f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM of_day_{name} "
                        f"WHERE hash(principal) % {parts} = {part}"
                    )
                vectors = reading.sql(
                    f"SELECT * REPLACE (timezone($timezone, hour) AS hour) FROM ({_VECTORS}) WHERE day >= $first",
                    params={"timezone": settings.timezone, "first": first},
                ).to_arrow_table()
                _insert(tables, "hours", vectors, "ANTI JOIN hours USING (principal, hour)")


def choose_peers(peers: Mapping[str, str], beside: str) -> dict[str, str]:
    """A principal and its group, by key; of a large group a sample that is the same each time.

    >>> choose_peers({"a": "g", "b": "g", "c": "h"}, "a")
    {'a': 'g', 'b': 'g'}
    """
    if beside not in peers:
        beside = next((key for key in peers if inert(key, _LONGEST) == beside), beside)
    group = [key for key, name in peers.items() if name == peers.get(beside) and key != beside]
    if len(group) > MOST_PEERS:
        group = sorted(group, key=lambda key: sha256(key.encode("utf-8", "replace")).digest())[:MOST_PEERS]
    return {key: peers.get(key, "") for key in (beside, *group)}


def find_peers(reading: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The peer group of each principal of the table `members`, by key."""
    names = ", ".join(field.name for field in fields(Member))
    return group_peers(Member(*row) for row in reading.execute(f"SELECT {names} FROM members").fetchall())


def _take_scores(tables: duckdb.DuckDBPyConnection, store: Store, settings: Settings, first: date, last: date) -> None:
    for rows in store.hour_scores.days(first, last):
        tables.register("rows_of_a_day", rows)
        tables.execute(
            """INSERT INTO scores SELECT principal, timezone($timezone, hour), day, model, record_score, measures
            FROM rows_of_a_day WHERE day >= $first""",
            {"timezone": settings.timezone, "first": first},
        )
        tables.execute(
            """INSERT INTO who BY NAME
            SELECT DISTINCT principal, principal_name, principal_kind AS kind FROM rows_of_a_day WHERE day >= $first""",
            {"first": first},
        )
        tables.unregister("rows_of_a_day")
    for (model,) in tables.execute("SELECT DISTINCT model FROM scores").fetchall():
        shown = inert(name_model(model), _LONGEST)
        tables.execute("UPDATE scores SET model = $shown WHERE model = $model", {"shown": shown, "model": model})


def _take_alerts(tables: duckdb.DuckDBPyConnection, found: Iterable[Alert], first: date, last: date) -> None:
    """Of every alert that is no drill's, raised or held, what the sum of its evidence is worth."""
    alerts = [one for one in found if first <= one.day <= last and not one.drill]
    keys = pa.array([one.principal_key for one in alerts], pa.string())
    days = pa.array([one.day for one in alerts], pa.date32())
    scores = pa.array([one.scores.incident if one.scores else one.record_score for one in alerts], pa.float64())
    raised = pa.array([one.raised for one in alerts], pa.bool_())
    names = pa.array([one.principal_name for one in alerts], pa.string())
    kinds = pa.array([one.principal_kind for one in alerts], pa.string())
    _insert(tables, "incidents", pa.table({"principal": keys, "day": days, "score": scores, "raised": raised}))
    _insert(tables, "who", pa.table({"principal": keys, "principal_name": names, "kind": kinds}))


def _label(tables: duckdb.DuckDBPyConnection, peers: Mapping[str, str]) -> None:
    """Put a label in the place of each key, and say of each who its peers are."""
    rows = tables.execute(
        "SELECT principal, arg_max(principal_name, active), arg_max(kind, active) FROM who GROUP BY 1 ORDER BY 1"
    ).fetchall()
    tables.register("labels", label_table(rows, peers))
    tables.execute("INSERT INTO principals SELECT principal, name, kind, peers FROM labels")
    tables.execute("INSERT INTO keys SELECT key, principal FROM labels")
    for table in ("hours", "scores", "incidents"):
        tables.execute(
            f"CREATE OR REPLACE TABLE {table} AS SELECT {table}.* REPLACE (labels.principal AS principal) "
            f"FROM {table} JOIN labels ON key = {table}.principal"
        )
    tables.unregister("labels")
    tables.execute("DROP TABLE who; DROP TABLE members")


def label_table(rows: Sequence[tuple[str, str, str]], peers: Mapping[str, str]) -> pa.Table:
    """Key, label, name, kind and peers of principals, whose keys, names and kinds are given."""
    labels, groups = make_labels([key for key, *_ in rows]), make_labels(sorted({*peers.values()} - {""}))
    return pa.table(
        {
            "key": pa.array(labels, pa.string()),
            "principal": pa.array(labels.values(), pa.string()),
            "name": pa.array([inert(name, _LONGEST) for _, name, _ in rows], pa.string()),
            "kind": pa.array([inert(kind, _LONGEST) for *_, kind in rows], pa.string()),
            "peers": pa.array([groups.get(peers.get(key, ""), "") for key, *_ in rows], pa.string()),
        }
    )


def find_label(tables: duckdb.DuckDBPyConnection, key: str) -> str | None:
    """The label that stands for a key; None where it is nobody's."""
    found = tables.execute("SELECT principal FROM keys WHERE key = $key", {"key": key}).fetchone()
    return str(found[0]) if found else None


def list_keys(tables: duckdb.DuckDBPyConnection, labels: Iterable[str]) -> dict[str, str]:
    """The key that each label stands for, as it was delivered: for addresses, which a label that is cut would miss."""
    sql = "SELECT principal, key FROM keys WHERE principal IN (SELECT unnest($labels))"
    return dict(tables.execute(sql, {"labels": list(labels)}).fetchall())


def make_labels(keys: Sequence[str]) -> dict[str, str]:
    r"""What stands for each key: printable, bounded, no two the same.

    >>> list(make_labels(["role/ci", "role/c\\x07i", "role/c\x07i"]).values())
    ['role/ci', 'role/c\\x07i', 'role/c\\x07i (2)']
    """
    labels, taken = dict[str, str](), set[str]()
    for key in keys:
        label = plain = inert(key, _LONGEST)
        number = 1
        while label in taken:
            number += 1
            label = f"{plain} ({number})"
        taken.add(label)
        labels[key] = label
    return labels


def _insert(tables: duckdb.DuckDBPyConnection, table: str, rows: pa.Table, but: str = "") -> None:
    tables.register("rows_of_a_day", rows)
    tables.execute(f"INSERT INTO {table} BY NAME FROM rows_of_a_day {but}")
    tables.unregister("rows_of_a_day")


def _each(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=ago) for ago in range((last - first).days + 1))
