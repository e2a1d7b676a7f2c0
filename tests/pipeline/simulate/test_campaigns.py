"""Planted attacks: whom they strike, what they do, and how loudly."""

from pathlib import Path
from random import Random

import pytest

from pipeline.simulate.calls import Call
from pipeline.simulate.campaigns import MOST_STEALTHY, Scene, plant
from pipeline.simulate.population import Population, populate
from pipeline.simulate.resources import Resources
from pipeline.simulate.techniques import TECHNIQUES
from pipeline.simulate.trail import DAY, Caller, Failure, Trail
from pipeline.simulate.truth import Campaign, Degree

EPOCH = 20_094
DAYS = 40
AMOUNTS: dict[Degree, int] = {"loud": 22, "medium": 22, "stealthy": 22}


class Recorder(Trail):
    """A trail that keeps what was called, by event id."""

    def __init__(self, out: Path) -> None:
        super().__init__(out, begin=EPOCH * DAY, end=(EPOCH + DAYS) * DAY, span=300, choice=Random(1))
        self.actions: dict[str, str] = {}
        self.callers: dict[str, Caller] = {}

    def add(
        self,
        choice: Random,
        at: int,
        caller: Caller,
        call: Call,
        region: str,
        request: str,
        response: str = "null",
        failure: Failure | None = None,
        **more: str,
    ) -> str:
        """Record it and remember what was called, by whom."""
        event_id = super().add(choice, at, caller, call, region, request, response, failure, **more)
        self.actions[event_id] = f"{call.service}:{call.name}"
        self.callers[event_id] = caller
        return event_id


Planted = tuple[Population, Recorder, list[Campaign]]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    company = populate(2, 230)
    trail = Recorder(tmp_path_factory.mktemp("trail"))
    things = Resources(2, company.accounts)
    return company, trail, plant(Scene(company, things, trail, EPOCH), 2, AMOUNTS, EPOCH + 20, EPOCH + DAYS)


def test_every_technique_is_played_in_every_degree(planted: Planted) -> None:
    played = {(campaign.technique, campaign.degree) for campaign in planted[2]}
    assert len(TECHNIQUES) == 22
    assert played == {(technique.name, degree) for technique in TECHNIQUES for degree in AMOUNTS}


def test_louder_is_more_calls_and_stealthy_at_most_ten(planted: Planted) -> None:
    calls = {degree: [len(c.event_ids) for c in planted[2] if c.degree == degree] for degree in AMOUNTS}
    assert max(calls["stealthy"]) <= MOST_STEALTHY
    assert sum(calls["loud"]) > 2 * sum(calls["medium"]) > 2 * sum(calls["stealthy"])


def test_each_does_something_that_makes_it_the_attack_it_is(planted: Planted) -> None:
    core = {technique.name: technique.core for technique in TECHNIQUES}
    for campaign in planted[2]:
        assert {planted[1].actions[event_id] for event_id in campaign.event_ids} & core[campaign.technique]


def test_victims_are_whose_credentials_can_be_stolen_that_way(planted: Planted) -> None:
    via = {technique.name: technique.via for technique in TECHNIQUES}
    for campaign in planted[2]:
        if via[campaign.technique] == "user":
            assert ":user/" in campaign.principal_arn
        if via[campaign.technique] == "person":
            assert campaign.principal_key.startswith(("idc/", "user/"))
        if via[campaign.technique] == "machine":
            assert "/AWSReservedSSO_" not in campaign.principal_arn


def test_a_role_chain_goes_on_in_another_account_with_twin_records(planted: Planted) -> None:
    chain = next(c for c in planted[2] if c.technique == "role-chain" and c.degree == "loud")
    callers = [planted[1].callers[event_id] for event_id in chain.event_ids]
    assert len({caller.account for caller in callers}) == 2
    assert any('"type":"AWSAccount"' in caller.identity for caller in callers)
    assert any("cross-account-operations" in caller.identity for caller in callers)


def test_victims_are_spread_over_many_principals(planted: Planted) -> None:
    assert len({campaign.principal_key for campaign in planted[2]}) > 50
