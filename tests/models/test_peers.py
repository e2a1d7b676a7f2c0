"""A newcomer joins the group that drawing all groups anew with it alone would say."""

import random

import numpy as np
import pytest

from models.groups import Member, find_stratum, group_peers
from models.model import Model
from tests.models.baselines import PRIORS
from tests.models.test_templates import some_names


def enrol_one_by_one(model: Model, newcomers: list[Member]) -> None:
    """What `Model.enrol` promises, by its definition: a square of the members, and nothing to keep up."""
    baseline = model.baseline
    for member in newcomers:
        groups = group_peers([*model.members.values(), member])
        mates = [p for p, g in groups.items() if g == groups[member.principal] and p in model.members]
        joined = [baseline.group[baseline.principals.get(p)] for p in mates]
        group = baseline.groups.values[np.bincount(joined).argmax()] if joined else groups[member.principal]
        model.members[member.principal] = member
        baseline.enrol(member.principal, find_stratum(member), group, member.account)


def somebody(chance: random.Random, number: int) -> Member:
    account = str(chance.randrange(3))
    if chance.random() < 0.3:
        set_ = chance.choice(["Dev", "Ops", ""])
        return Member(f"idc/{number}", "human", "AssumedRole", f"AWSReservedSSO_{set_}_1", set_, account)
    if chance.random() < 0.1:
        return Member(f"user/{number}", "human", "IAMUser", f"u{number}", "", account)
    [name] = some_names(chance, 1, rare=9)
    return Member(f"role/{number}", chance.choice(["workload", "ci"]), "AssumedRole", name, "", account)


@pytest.mark.parametrize("seed", range(8))
def test_newcomers_join_as_if_each_were_compared_with_all(seed: int) -> None:
    chance = random.Random(seed)
    everyone = [somebody(chance, number) for number in range(100)]
    one, other = Model(100, PRIORS, detectors=()), Model(100, PRIORS, detectors=())
    for model in (one, other):
        model.enrol(everyone[:30])
    for come in (everyone[30:70], everyone[70:71], everyone[71:]):  # of one day, in parts
        one.enrol(come)
        enrol_one_by_one(other, come)
    for name in ("group", "stratum", "account", "first_day", "last_day", "active_days"):
        assert getattr(one.baseline, name).tolist() == getattr(other.baseline, name).tolist(), name
    for vocabulary in ("groups", "principals", "accounts"):
        assert getattr(one.baseline, vocabulary).values == getattr(other.baseline, vocabulary).values
    assert list(one.members.items()) == list(other.members.items())
    assert one.baseline.hours.shape == other.baseline.hours.shape == (100, 1)


def test_the_day_after_newcomers_are_compared_with_groups_drawn_anew() -> None:
    names = ["cart", "search", "mail", "pay", "ship", "tax", "ads"]
    model = Model(100, PRIORS, detectors=())
    roles = [Member(f"role/{name}", "workload", "Role", f"{name}-prod-worker", "", "1") for name in names]
    model.enrol(roles)
    model.enrol([Member("role/geo", "workload", "Role", "geo-prod-worker", "", "1")])
    groups = group_peers(model.members.values())
    model._put_in_groups(list(model.members.values()), list(groups.values()))
    assert {model.baseline.groups.values[code] for code in model.baseline.group.tolist()} == {
        "role:workload:*-prod-worker"
    }
