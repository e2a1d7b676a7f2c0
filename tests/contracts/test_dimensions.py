"""Promises that every dimension keeps: its values become tokens, are judged, worded, and found again in the events.

In one small company each dimension has a person of its own who does the usual for a week and, on the last day, one
call that shows a value of the dimension that nobody ever had.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from features.activity.condition import Condition
from features.activity.dimensions import DIMENSIONS, Dimension, find_dimension
from features.activity.statements import JOINT_KEYS
from features.normalise.event import EVENT
from features.times.day import day_number
from features.times.instant import micros
from models.baseline import Baseline
from models.combine import FAMILIES
from models.explain import Reason, reasons
from models.facts import FACTS
from models.model import Model
from models.priors import AttackPriors
from models.standing import Standing
from pipeline.alerts.evidence import EvidenceEvents, matching, only_showing
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.walk import DayOutcome, Walk
from tests.worlds import START, an_event, as_person, table

QUIET_DAYS = 9
ODD_DAY = START + timedelta(days=QUIET_DAYS)
ENTRIES = [find_dimension(f"{entry.name}:gizmo") if entry.open else entry for entry in DIMENSIONS.values()]
each = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
PRIORS = AttackPriors.from_dict(read_attack_priors())
Columns = dict[str, Any]


def odd_value(entry: Dimension) -> str:
    """A value that nobody has but who tries this dimension."""
    if entry.attack == "fact":
        return "root"
    if entry.names_action:
        return f"glue:Odd{entry.name}"
    return str(64900 + ENTRIES.index(entry)) if entry.holds == "number" else f"odd {entry.name}"


def showing(entry: Dimension, value: str, conditions: Iterable[Condition]) -> Columns:
    """Columns of a call that shows a value."""
    columns: Columns = {c.column: meeting(c) for c in conditions if c.test in ("is", "begins")}
    if entry.table == "places":
        columns["prefix"] = f"10.0.{ENTRIES.index(entry)}.0/24"  # a place is known by its prefix
    if entry.holds == "list":
        return columns | {entry.column: [f"{entry.kind}:{value}" if entry.kind else value]}
    return columns | {entry.column: int(value) if entry.holds == "number" else value}


def meeting(condition: Condition) -> Any:
    return f"{condition.value}x" if condition.test == "begins" else condition.value


def failing(condition: Condition) -> Any:
    """A value of the column that does not meet the condition."""
    return {"is": "" if isinstance(condition.value, str) else not condition.value, "begins": "boto3"}.get(
        condition.test, f"{condition.value}x"
    )


def who(entry: Dimension) -> str:
    return f"idc/{entry.name}"


def a_week_of(entry: Dimension) -> list[Columns]:
    """The usual for a week, on the last day the odd call, and the same value where its conditions are not met."""
    person = as_person(entry.name)
    usual = [
        an_event(**person | {"action": action, "event_time": START + timedelta(days=day, hours=9 + hour)})
        for day in range(QUIET_DAYS + 1)
        for hour, action in enumerate(("s3:ListBuckets", "ec2:DescribeInstances", "ecs:DescribeServices"))
    ]
    shown = showing(entry, odd_value(entry), (*entry.rows, *entry.events))
    call = person | {"action": "s3:ListBuckets", "event_time": ODD_DAY + timedelta(hours=10, minutes=1)} | shown
    decoys = [
        call | {condition.column: failing(condition), "event_id": f"decoy-{entry.name}-{condition.column}"}
        for condition in entry.events
    ]
    return [*usual, an_event(**call | {"event_id": f"odd-{entry.name}"}), *(an_event(**decoy) for decoy in decoys)]


@dataclass
class Company:
    """The company after its last day."""

    activity: Activity
    baseline: Baseline
    tokens: list[Columns]
    outcome: DayOutcome

    def standing(self, entry: Dimension) -> Standing:
        """What the last day of a dimension's person added up to."""
        return self.outcome.last[self.outcome.day, self.baseline.principals.get(who(entry))]

    def reason(self, entry: Dimension) -> Reason:
        """The reason that speaks of a dimension's odd value."""
        found, _ = reasons(self.standing(entry), self.baseline)
        [reason] = [reason for reason in found if (reason.dimension, reason.value) == (entry.name, odd_value(entry))]
        return reason

    def events(self, entry: Dimension) -> pd.DataFrame:
        """All events of a dimension's person."""
        until = ODD_DAY + timedelta(days=1)
        held = EvidenceEvents(self.activity.connection, [who(entry)], START, until)
        return held.delivered(who(entry), START, until, micros(until))


@pytest.fixture(scope="module")
def company() -> Company:
    connection = duckdb.connect()
    connection.register("events", table(row for entry in ENTRIES for row in a_week_of(entry)))
    activity = Activity.of_events(connection, by_tick=True)
    walk = Walk(Model(day_number(START.date()), PRIORS, detectors=()))
    for offset in range(QUIET_DAYS):
        walk.step(activity.delivered((START + timedelta(days=offset)).date()), activity.members())
    delivered = activity.delivered(ODD_DAY.date())
    outcome = walk.step(delivered, activity.members())
    return Company(activity, walk.model.baseline, delivered.tokens.to_pylist(), outcome)


@each
def test_its_value_becomes_a_token_of_whoever_showed_it(company: Company, entry: Dimension) -> None:
    rows = [row for row in company.tokens if (row["dimension"], row["value"]) == (entry.name, odd_value(entry))]
    assert [row["principal"] for row in rows] == [who(entry)]


@each
def test_what_nobody_ever_had_is_evidence_in_its_family(company: Company, entry: Dimension) -> None:
    standing = company.standing(entry)
    of_family = standing.families[entry.family]
    assert entry.family in FAMILIES
    assert 0 < company.reason(entry).nats <= of_family + 1e-9


@each
def test_its_reason_says_what_is_new_in_words(company: Company, entry: Dimension) -> None:
    text = company.reason(entry).text
    if entry.attack == "fact":
        assert text.startswith(FACTS[odd_value(entry)].phrase)
    else:
        assert text.startswith(f"first {entry.noun} {entry.wording.format(odd_value(entry))}: ")


@each
def test_its_events_are_found_again_and_no_others(company: Company, entry: Dimension) -> None:
    events = company.events(entry)
    found = events[matching(events, company.reason(entry))]
    assert found["event_id"].tolist() == [f"odd-{entry.name}"]


@each
def test_what_is_read_of_the_store_is_never_less_than_what_its_reason_shows(company: Company, entry: Dimension) -> None:
    decoys = {f"decoy-{entry.name}-{condition.column}" for condition in entry.events}
    with only_showing(company.activity, [(who(entry), [company.reason(entry)])]):
        chosen = set(company.events(entry)["event_id"])
    assert {f"odd-{entry.name}"} <= chosen <= {f"odd-{entry.name}", *decoys}


@each
def test_its_entry_names_columns_that_exist_and_a_prior_that_is_given(entry: Dimension) -> None:
    of_event = {column.name for column in EVENT}
    assert {entry.column, *(condition.column for condition in (*entry.rows, *entry.events))} <= of_event
    assert entry.table != "joint" or entry.column in JOINT_KEYS
    assert (entry.holds == "list") == (entry.table == "touched")
    assert entry.noun
    if entry.attack == "place":
        assert PRIORS.place(entry.prior).new > 0


def test_one_dimension_is_open() -> None:
    assert [entry.name for entry in DIMENSIONS.values() if entry.open] == ["resource"]


def test_a_dimension_nobody_declared_is_refused() -> None:
    with pytest.raises(KeyError):
        find_dimension("colour")


NAMES = {name for name, entry in DIMENSIONS.items() if name not in FAMILIES}
ROOT = Path(__file__).parents[2]
READERS = [*sorted((ROOT / "models").glob("*.py")), ROOT / "pipeline/alerts/evidence.py"]
READERS += [ROOT / f"features/activity/{name}.py" for name in ("condition", "hourly", "tokens")]


@pytest.mark.parametrize("path", READERS, ids=lambda path: path.stem)
def test_nobody_else_keeps_a_list_of_dimensions(path: Path) -> None:
    """Two names in one literal are a second table."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        items: list[ast.expr | None] = []
        if isinstance(node, ast.Dict):
            items = list(node.keys)
        elif isinstance(node, ast.Set | ast.List | ast.Tuple):
            items = list(node.elts)
        named = {item.value for item in items if isinstance(item, ast.Constant)} & NAMES
        assert len(named) < 2, f"{path.name}:{node.lineno} lists {sorted(named)}"
