"""Padding buys nothing: a thousand of the principal's usual calls added to a campaign never lower its evidence.

One company is simulated, ingested and learned from; each of its campaigns is then judged twice by a copy of the model
of its first day, as it was planted and padded.
"""

import copy
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from features.activity.hourly import MEASURES
from features.times.day import day_number
from models.model import Model
from models.priors import AttackPriors
from models.standing import Evidence
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.walk import Walk
from pipeline.enrich.geo import Geo
from pipeline.ingest.run import ingest
from pipeline.simulate.company import CampaignPlan, simulate
from pipeline.simulate.truth import Campaign
from pipeline.stores.home import open_store

START = date(2026, 2, 2)
LEARNED_DAYS, ATTACK_DAYS = 14, 7
ATTACKED = START + timedelta(days=LEARNED_DAYS)
EACH_DEGREE = 4
CAMPAIGNS = range(3 * EACH_DEGREE)
PADDING = 1000
CALLS = tuple(MEASURES).index("calls")

Row = dict[str, Any]
Standings = dict[tuple[int, str], float]
"""The most evidence of each (day, principal)."""


@dataclass
class World:
    """A company under attack, and what was learned of it."""

    events: pa.Table
    campaigns: list[Campaign]
    models: list[Model]
    """As of each day of the attacks."""
    usual: dict[str, list[Row]]
    """What each principal did before the attacks."""
    rows: dict[str, Row]
    """Every event by id."""

    def planted(self, campaign: Campaign) -> list[Row]:
        """A campaign's events in the order they happened."""
        return sorted((self.rows[event_id] for event_id in campaign.event_ids), key=lambda row: row["event_time"])

    def judged(self, campaign: Campaign, padding: list[Row]) -> Standings:
        """The most evidence of each of the campaign's days and principals, with padding or without."""
        planted = self.planted(campaign)
        first, last = planted[0]["event_time"].date(), max(row["delivered_at"] for row in planted).date()
        activity = activity_of(pa.concat_tables([self.events, pa.Table.from_pylist(padding, self.events.schema)]))
        walk = Walk(copy.deepcopy(self.models[(first - ATTACKED).days]))
        members, names = activity.members(), walk.model.baseline.principals.values
        most: Standings = {}
        for offset in range((last - first).days + 1):
            for standing in walk.step(activity.delivered(first + timedelta(days=offset)), members).standings.values():
                key = (standing.day, names[standing.principal])
                most[key] = max(standing.evidence, most.get(key, 0.0))
        return {key: most[key] for key in {(day_number(row["event_time"].date()), row["principal"]) for row in planted}}


def activity_of(events: pa.Table) -> Activity:
    connection = duckdb.connect(config={"threads": 2})
    connection.register("events", events)
    return Activity.of_events(connection, by_tick=True)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder, days = tmp_path_factory.mktemp("company"), LEARNED_DAYS + ATTACK_DAYS
    plan = CampaignPlan(EACH_DEGREE, EACH_DEGREE, EACH_DEGREE, ATTACKED)
    truth = simulate(folder, seed=7, days=days, principals=16, start=START, campaigns=plan)
    events = ingested(folder, datetime(START.year, START.month, START.day, tzinfo=UTC) + timedelta(days=days + 1))
    activity = activity_of(events)
    walk = Walk(Model(day_number(START), AttackPriors.from_dict(read_attack_priors()), detectors=()))
    models, members = [], activity.members()
    for offset in range(days):
        if offset >= LEARNED_DAYS:
            models.append(copy.deepcopy(walk.model))
        walk.step(activity.delivered(START + timedelta(days=offset)), members)
    rows, usual = events.to_pylist(), dict[str, list[Row]]()
    for row in rows:
        if row["event_time"].date() < ATTACKED:
            usual.setdefault(row["principal"], []).append(row)
    return World(events, truth.campaigns, models, usual, {row["event_id"]: row for row in rows})


def ingested(folder: Path, now: datetime) -> pa.Table:
    with open_store(folder / "home") as store, as_file(files("pipeline") / "data" / "demo_geo") as geo:
        ingest([folder / "AWSLogs"], store.events, geo=Geo.open(geo, now), threads=1, now=now)
        with duckdb.connect(config={"threads": 2}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            store.events.view(connection)
            return connection.table("events").to_arrow_table()


def one_call_ahead(usual: list[Row], planted: list[Row], chance: random.Random) -> Iterator[Row]:
    """The commonest call over and over, in the campaign's first hour and delivered before it."""
    kinds = [(row["action"], row["prefix"], row["agent"], row["region"]) for row in usual]
    [(commonest, _)] = Counter(kinds).most_common(1)
    call, first = usual[kinds.index(commonest)], planted[0]
    hour = first["event_time"].replace(minute=0, second=0)
    for _ in range(PADDING):
        at = hour + timedelta(seconds=chance.randrange(3600))
        yield call | {"event_time": at, "delivered_at": first["delivered_at"] - timedelta(minutes=4)}


def all_sorts_among(usual: list[Row], planted: list[Row], chance: random.Random) -> Iterator[Row]:
    """Whatever it usually does, in the same instants and deliveries as the campaign's calls."""
    for number in range(PADDING):
        beside = planted[number % len(planted)]
        yield chance.choice(usual) | {name: beside[name] for name in ("event_time", "delivered_at")}


Way = Callable[[list[Row], list[Row], random.Random], Iterator[Row]]


def padding_of(world: World, campaign: Campaign, way: Way) -> list[Row]:
    rows = way(world.usual[campaign.principal_key], world.planted(campaign), random.Random(campaign.id))
    return [row | {"event_id": f"padding-{number}"} for number, row in enumerate(rows)]


def lowered(plain: Standings, padded: Standings) -> Standings:
    """By how much evidence fell, where it did."""
    return {key: plain[key] - padded[key] for key in plain if padded[key] < plain[key] - 1e-9}


@pytest.mark.parametrize("way", [one_call_ahead, all_sorts_among])
@pytest.mark.parametrize("number", CAMPAIGNS)
def test_a_thousand_usual_calls_never_lower_a_campaigns_evidence(world: World, number: int, way: Way) -> None:
    campaign = world.campaigns[number]
    padding = padding_of(world, campaign, way)
    assert {row["principal"] for row in padding} == {campaign.principal_key}
    assert len(padding) == PADDING
    plain = world.judged(campaign, [])
    assert min(plain.values()) > 0
    assert lowered(plain, world.judged(campaign, padding)) == {}, campaign.technique


def test_there_are_campaigns_of_every_degree_each_another_technique(world: World) -> None:
    assert Counter(campaign.degree for campaign in world.campaigns) == dict.fromkeys(
        ("loud", "medium", "stealthy"), EACH_DEGREE
    )
    assert len({campaign.technique for campaign in world.campaigns}) == len(CAMPAIGNS)


def test_evidence_that_were_a_share_of_the_calls_would_be_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Model.evidence

    def diluted(model: Model, rows: Any, hourly: Any, so_far: Any) -> Evidence:
        evidence = whole(model, rows, hourly, so_far)
        calls = np.bincount(hourly.principal, hourly.counts[:, CALLS], len(model.baseline.principals))
        share = np.minimum(1.0, 100 / np.maximum(calls, 1))[evidence.items.principal]
        evidence.pieces = [replace(p, nats=p.nats * s) for p, s in zip(evidence.pieces, share.tolist(), strict=True)]
        return evidence

    monkeypatch.setattr(Model, "evidence", diluted)
    campaign = next(campaign for campaign in world.campaigns if campaign.technique == "database-snapshot-public")
    padding = padding_of(world, campaign, one_call_ahead)
    assert lowered(world.judged(campaign, []), world.judged(campaign, padding))
