"""Oddities: every cause occurs, each is noted with its time, and what is noted happens."""

import json
from datetime import date
from random import Random
from typing import Any

from pipeline.simulate.machines import Machine
from pipeline.simulate.oddities import Plan
from pipeline.simulate.people import Person, take_role
from pipeline.simulate.population import populate
from pipeline.simulate.trail import clock
from pipeline.simulate.visitors import Visitor

EPOCH = (date(2025, 1, 6) - date(1970, 1, 1)).days
CAUSES = {
    "new hire", "team move", "travel", "new home provider", "tool adoption", "on-call night", "trail change",
    "key rotation", "public service", "new service user", "database copied to another account", "role used from a desk",
    "release", "permission bug", "throttling storm", "data backfill", "month-end batch", "pipeline addresses move",
    "region expansion", "break-glass login",
}  # fmt: skip


def planned(seed: int, principals: int, days: int = 56) -> Plan:
    plan = Plan(populate(seed, principals), seed, EPOCH, days)
    plan.all()
    return plan


def test_a_middle_sized_company_sees_every_cause_within_eight_weeks() -> None:
    assert {oddity.cause for oddity in planned(2, 230).found} == CAUSES


def test_oddities_lie_within_the_simulation_and_name_their_principal() -> None:
    plan = planned(1, 30)
    arns = {person.identity.arn for person in plan.company.people}
    arns |= {machine.identity.arn for machine in plan.company.machines}
    arns |= {login.arn for login in plan.logins}
    assert len(plan.found) > 20
    for oddity in plan.found:
        assert clock(EPOCH * 86_400) <= oddity.start < oddity.end <= clock((EPOCH + 56) * 86_400)
        assert oddity.principal_arn in arns


def test_somebody_who_travels_calls_from_the_hotel_and_then_from_home_again() -> None:
    person = next(person for person in planned(1, 230).company.people if person.away)
    first, last = min(person.away), max(person.away)
    network = person.away[first]
    assert person.address(Random(1), first).startswith(network.block.split(".0.0/")[0])
    assert not person.address(Random(1), last + 1).startswith(network.block.split(".0.0/")[0])


def test_a_release_brings_calls_to_the_whole_family_of_an_account() -> None:
    machines: list[Machine] = planned(1, 230).company.machines
    released = next(machine for machine in machines if machine.added and not isinstance(machine, Visitor))
    group = [
        machine
        for machine in machines
        if (machine.family, machine.identity.account) == (released.family, released.identity.account)
    ]
    brought = {call.name for _, call in released.added}
    assert all({call.name for _, call in machine.added} == brought for machine in group)


def test_who_moves_to_another_team_has_other_habits_from_that_day() -> None:
    person: Person = next(person for person in planned(1, 230).company.people if person.moved)
    assert person.moved is not None
    assert person.habits_on(person.moved[0] - 1) is person.habits
    assert person.habits_on(person.moved[0]) is not person.habits


class Recorder:
    """A trail that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def add(self, choice: Random, *told: Any, **more: Any) -> str:
        self.told.append(told)
        return str(len(self.told))


def test_who_takes_a_role_at_a_desk_opens_its_session_from_there() -> None:
    company, trail = planned(1, 30).company, Recorder()
    person, machine = company.people[0], company.machines[0]
    caller = take_role(person, machine.identity, "192.0.2.9", "cli", EPOCH * 86_400, trail, 0)  # type: ignore[arg-type]
    at, opener, made, _, request, response = trail.told[0]
    assert (made.name, opener.address, caller.address) == ("AssumeRole", "192.0.2.9", "192.0.2.9")
    assert person.identity.id in opener.identity
    assert at < EPOCH * 86_400
    assert machine.identity.arn in request
    key = json.loads(response)["credentials"]["accessKeyId"]
    assert key in caller.identity
