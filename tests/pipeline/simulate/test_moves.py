"""Moves: every kind occurs and is noted, what is noted happens, and nothing of it is there where nobody asks."""

import gzip
import json
from collections import defaultdict
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pipeline.simulate.calls import call
from pipeline.simulate.company import simulate
from pipeline.simulate.moves import RARE, Moves
from pipeline.simulate.networks import network_of, of
from pipeline.simulate.oddities import Plan
from pipeline.simulate.population import populate
from pipeline.simulate.trail import DAY, clock
from pipeline.simulate.visitors import Visitor

START = date(2025, 1, 6)
EPOCH = (START - date(1970, 1, 1)).days
DAYS = 56
CAUSES = {"egress moves", "office moves", "vendor moves", "tool roll-out", "rare change", "preview environment"}


def moved(seed: int = 2, principals: int = 230) -> Moves:
    """The moves of a company that has its oddities."""
    company = populate(seed, principals)
    Plan(company, seed, EPOCH, DAYS).all()
    moves = Moves(company, seed, EPOCH, DAYS)
    moves.all()
    return moves


def test_companies_see_every_move_within_eight_weeks() -> None:
    assert {oddity.cause for seed in range(1, 5) for oddity in moved(seed).plan.found} == CAUSES


def test_moves_lie_within_the_simulation_and_name_their_principal() -> None:
    moves = moved()
    arns = {one.identity.arn for one in (*moves.company.people, *moves.company.machines)}
    arns |= {machine.identity.arn for preview in moves.previews for machine in preview.machines}
    for oddity in moves.plan.found:
        assert clock(EPOCH * DAY) <= oddity.start < oddity.end <= clock((EPOCH + DAYS) * DAY)
        assert oddity.principal_arn in arns


def test_who_shares_an_egress_an_office_or_a_vendors_network_moves_on_one_day() -> None:
    seen = set()
    for seed in range(1, 5):
        moves = moved(seed)
        days = defaultdict(set)
        for person in moves.company.people:
            if person.new_egress and person.egress:
                day, network = person.new_egress
                days["egress", person.egress.block].add(day)
                assert network.block != person.egress.block
                seen |= {"egress"} & _networks(person, day, "egress", network.block)
            if person.new_office:
                day, address = person.new_office
                days["office", person.country].add(day)
                assert address in {person.address(Random(n), day + n % 7) for n in range(60)}
                assert address not in {person.address(Random(n), day - 1 - n % 7) for n in range(60)}
                seen.add("office")
        for vendor in moves.company.machines:
            if isinstance(vendor, Visitor) and vendor.moved:
                days["vendor", vendor.how].add(vendor.moved[0])
                seen.add("vendor")
        assert all(len(on) == 1 for on in days.values())
    assert seen == {"egress", "office", "vendor"}


def _networks(person: Any, day: int, kind: str, block: str) -> set[str]:
    """The kind, where the person calls from a block of it from a day on, and never before."""
    after = {network_of(person.address(Random(n), day)) for n in range(60)}
    before = {network_of(person.address(Random(n), day - 1)) for n in range(60)}
    [network] = [one for one in of("egress") if one.block == block]
    return {kind} if network in after and network not in before else set()


def test_a_rare_change_is_one_that_attackers_make_too() -> None:
    for actions, _ in RARE:
        made = [call(action) for action in actions.split()]
        assert sum(not one.read_only for one in made) == 1, actions


Records = list[dict[str, Any]]


@pytest.fixture(scope="module")
def trails(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, tuple[Records, dict[str, Any]]]:
    """Records and truth of a company that stands still, and of the same one with moves."""
    made = {}
    for moves in (False, True):
        out = tmp_path_factory.mktemp("moving" if moves else "still")
        simulate(out, seed=3, days=12, principals=24, start=START, campaigns=None, moves=moves)
        made[moves] = read(out), json.loads((out / "truth.json").read_text())
    return made


def read(out: Path) -> Records:
    found = []
    for path in sorted(out.rglob("*.json.gz")):
        found += json.loads(gzip.decompress(path.read_bytes()))["Records"]
    return found


def test_a_company_that_moves_does_besides_what_it_does_without(trails) -> None:
    (still, truth), (moving, more) = trails[False], trails[True]
    causes = {oddity["cause"] for oddity in more["oddities"]} & CAUSES
    assert causes
    assert not causes & {oddity["cause"] for oddity in truth["oddities"]}
    kept = {record["eventID"] for record in still} & {record["eventID"] for record in moving}
    assert 0.8 < len(kept) / len(still) < 1  # but for who has a new tool
