"""Attacks planted into a deployment's own activity, to hold models against each other; no model ever learns them.

Each of the simulator's techniques is played once, by a principal that was active on the day, with that principal's own
account, region, network and tool where the degree says so. Rows are activity: nothing has to be rendered or ingested.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from features.call.action import ActionCatalogue
from features.call.address import parse_address
from features.call.agent import classify_agent
from features.times.day import day_bounds, day_number
from pipeline.connection import connect
from pipeline.datafiles import read_attack_priors, read_iam_actions
from pipeline.detect.activity import BATCH, Activity, Delivered
from pipeline.detect.mapped import map_table
from pipeline.simulate.agents import foreign
from pipeline.simulate.campaigns import choose_steps
from pipeline.simulate.networks import FAR, Network, of
from pipeline.simulate.techniques import TECHNIQUES, Technique
from pipeline.simulate.truth import Degree

DEGREES: Final[tuple[Degree, ...]] = ("loud", "medium", "stealthy")
"""Played in turn, a technique a degree."""
_BEGINS: Final = timedelta(hours=10)
"""Time of the day at which an attack begins."""
_PAUSE: Final[dict[Degree, int]] = {"loud": 5, "medium": 45, "stealthy": 240}
"""Seconds between calls, as the simulator's are on average."""
_REFUSED: Final = 4
"""One call in so many of a loud attack is denied."""
_MEMORY: Final = 1 << 30
"""Bytes that the queries of a round may use; it has some hundred rows."""
_DELIVERY: Final = timedelta(minutes=5)

HABITS: Final = """
SELECT * EXCLUDE (calls) FROM (
    SELECT principal, account, region, prefix, address_kind, agent, session, sum(calls) AS calls
    FROM joint WHERE prefix <> '' AND NOT starts_with(agent, 'service:') GROUP BY ALL
) QUALIFY row_number() OVER (
    PARTITION BY principal ORDER BY calls DESC, account, region, prefix, address_kind, agent, session
) = 1 ORDER BY principal
"""
"""From where, with what and in which account each principal of `joint` mostly calls."""


@dataclass(frozen=True, slots=True)
class Plant:
    """One attack."""

    technique: str
    degree: Degree
    principal: str

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.degree} {self.technique}"


@dataclass(slots=True)
class Round:
    """Attacks of principals that differ, and what a day of nothing else delivers."""

    plants: list[Plant] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    places: list[dict[str, Any]] = field(default_factory=list)
    delivered: Delivered | None = None


def plant_attacks(
    connection: duckdb.DuckDBPyConnection,
    day: date,
    known: Collection[str],
    *,
    timezone: str,
    lateness_minutes: int,
    spill: Path | None = None,
) -> list[Round]:
    """Plant each technique once, into a day.

    Parameters
    ----------
    connection
        With the views of an activity store, of which `joint` holds the principals that may be struck.
    day
        The day on which the attacks are delivered, which also decides who is struck.
    known
        Principals that all models know; nobody else is struck.
    spill
        Folder for who and where, where they are large; without it, they are in memory.
    """
    kinds = dict(connection.execute("SELECT principal, min(kind) FROM principals GROUP BY principal").fetchall())
    habits = [habit for habit in connection.sql(HABITS).to_arrow_table().to_pylist() if habit["principal"] in known]
    habits = [habit for habit in habits if kinds.get(habit["principal"]) != "aws_service"]
    if not habits:
        return []
    tables = read_tables(connection, spill)
    rounds = _play(habits, kinds, day, timezone)
    for one in rounds:
        one.delivered = deliver(tables, one.rows, one.places, day, timezone=timezone, lateness_minutes=lateness_minutes)
    return rounds


def read_tables(connection: duckdb.DuckDBPyConnection, spill: Path | None = None) -> dict[str, pa.Table]:
    """Who and where of an activity store's views, in files of a folder if it is given; its tables of calls, empty."""
    told = {name: connection.sql(f"SELECT * FROM {name}") for name in ("places", "principals")}
    tables = {
        name: map_table(rows.to_arrow_reader(BATCH), spill) if spill else rows.to_arrow_table()
        for name, rows in told.items()
    }
    return tables | {
        name: connection.sql(f"SELECT * FROM {name} LIMIT 0").to_arrow_table() for name in ("joint", "touched")
    }


def deliver(
    tables: Mapping[str, pa.Table],
    rows: Sequence[dict[str, Any]],
    places: Sequence[dict[str, Any]],
    day: date,
    *,
    timezone: str,
    lateness_minutes: int,
) -> Delivered:
    """What a day of nothing but some rows (`render`) delivers, to the tables that `read_tables` gives."""
    planted = {"joint": pa.Table.from_pylist(list(rows), schema=tables["joint"].schema)}
    planted["new_places"] = pa.Table.from_pylist(list(places), schema=_PLACE)
    with connect(1, _MEMORY) as alone:
        for name, table in ({**tables} | planted).items():
            alone.register(f"own_{name}", table)
        for name in ("joint", "touched", "principals"):
            alone.execute(f"CREATE TEMP VIEW {name} AS FROM own_{name}")
        alone.execute("CREATE TEMP VIEW places AS FROM own_places UNION ALL BY NAME FROM own_new_places")
        activity = Activity.of_store(alone, timezone=timezone, lateness_minutes=lateness_minutes)
        return activity.delivered(day)


_COLUMNS: Final[list[tuple[str, pa.DataType]]] = [
    ("prefix", pa.string()),
    ("address_kind", pa.string()),
    ("country", pa.string()),
    ("asn", pa.int32()),
    ("delivered", pa.timestamp("us", tz="UTC")),
    ("calls", pa.int64()),
]
_PLACE: Final = pa.schema(_COLUMNS)


def _play(habits: Sequence[dict[str, Any]], kinds: dict[str, str], day: date, timezone: str) -> list[Round]:
    choice = Random(f"gate {day}")
    catalogue = ActionCatalogue(read_iam_actions(), read_attack_priors())
    begins = day_bounds(day_number(day), ZoneInfo(timezone))[0] + _BEGINS
    machines = [habit for habit in habits if kinds.get(habit["principal"]) == "workload"]
    people = [habit for habit in habits if kinds.get(habit["principal"]) != "workload"]
    rounds: list[Round] = []
    for position, technique in enumerate(TECHNIQUES):
        degree = DEGREES[position % len(DEGREES)]
        pool = {"any": habits, "machine": machines, "instance": machines}.get(technique.via, people) or habits
        habit = choice.choice(pool)
        taken = [one for one in rounds if all(plant.principal != habit["principal"] for plant in one.plants)]
        one = taken[0] if taken else Round()
        if not taken:
            rounds.append(one)
        one.plants.append(Plant(technique.name, degree, habit["principal"]))
        rows, places = render(technique, degree, habit, begins, day, choice, catalogue)
        one.rows += rows
        one.places += places
    return rounds


def render(
    technique: Technique,
    degree: Degree,
    habit: dict[str, Any],
    begins: datetime,
    day: date,
    choice: Random,
    catalogue: ActionCatalogue,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of `joint`, one a call, and of `places`.

    Parameters
    ----------
    habit
        A row of `HABITS`: from where and with what the principal calls, which a stealthy attack does as well.
    begins
        When the attack does.
    """
    caller, places = dict(habit), list[dict[str, Any]]()
    if degree != "stealthy":
        hosting = of("hosting")
        network: Network = choice.choice([one for one in hosting if (one.country in FAR) == (degree == "loud")])
        address = parse_address(network.address(choice))
        caller |= {"prefix": address.prefix, "address_kind": address.kind}
        seen = begins.astimezone(UTC)
        places.append({**caller, "country": network.country, "asn": network.asn, "delivered": seen, "calls": 1})
    if degree == "loud":
        caller["agent"] = classify_agent(foreign(choice))
        caller["region"] = "af-south-1" if technique.abroad else caller["region"]
    rows, at = [], begins.astimezone(UTC)
    for number, action in enumerate(choose_steps(technique, degree, choice)):
        at += timedelta(seconds=_PAUSE[degree])
        service, _, name = action.partition(":")
        looked_up = catalogue.look_up(f"{service}.amazonaws.com", name, None)
        tick = (at + _DELIVERY).replace(second=0, microsecond=0) + timedelta(minutes=1)
        rows.append(
            caller | {
                "hour": at.replace(minute=0, second=0, microsecond=0), "action": action, "level": looked_up.level,
                "write": looked_up.write, "known_on": day + timedelta(days=1), "calls": 1, "first": at, "last": at,
                "error": "denied" if degree == "loud" and number % _REFUSED == _REFUSED - 1 else "", "tick": tick,
            }
        )  # fmt: skip
    return rows, places
