"""What a model makes of a day: pieces with families, circles for changes, priors of kinds; and how it enrols."""

from datetime import timedelta
from math import log

import numpy as np
import pytest

from features.activity.hourly import MEASURES
from models.baseline import ActiveRows, TokenRows
from models.combine import NEWCOMER_DAYS, SENSITIVE_READ
from models.counts import HourlyRows
from models.detectors.hours import Hours
from models.groups import Member
from models.model import KIND_DAYS, LATE_DAYS, Model
from models.standing import Evidence
from tests.models.baselines import PRIORS
from tests.models.worlds import Judged, a_theft_judged, judge
from tests.worlds import START, an_event, as_person, as_role

DAY = 100
NO_ROWS = TokenRows(*[np.empty(0, dtype=np.int64)] * 7)
NO_HOURS = HourlyRows(*[np.empty(0, dtype=np.int64)] * 4, np.empty((0, 11)))


def a_person(name: str, permission_set: str = "Dev") -> Member:
    return Member(f"idc/{name}", "human", "AssumedRole", f"AWSReservedSSO_{permission_set}_1", permission_set, "1")


def a_role(name: str) -> Member:
    return Member(f"role/1/{name}", "workload", "AssumedRole", name, "", "1")


@pytest.fixture
def model() -> Model:
    """Ann, Bob and Cat are developers, the worker is a role."""
    made = Model(DAY, PRIORS, detectors=())
    made.enrol([a_person("ann"), a_person("bob"), a_person("cat"), a_role("worker")])
    return made


def rows(model: Model, *seen: tuple[int, str, str]) -> TokenRows:
    """Tokens (principal, dimension, value) of the day."""
    token = model.baseline.token_codes([s[1] for s in seen], [s[2] for s in seen], ["write"] * len(seen))
    principal, zero = np.array([s[0] for s in seen]), np.zeros(len(seen), dtype=np.int64)
    return TokenRows(principal, token, zero + model.day, zero + 1, zero, zero + model.day * 24, zero)


def evidence(model: Model, *seen: tuple[int, str, str]) -> Evidence:
    return model.evidence(rows(model, *seen), NO_HOURS)


ODD = ("write", "cloudtrail:StopLogging")


def test_a_piece_is_of_its_dimensions_family(model: Model) -> None:
    found = evidence(model, (0, *ODD), (0, "country", "KP"), (0, "resource:secret", "db"), (0, "fact", "root"))
    assert [piece.family for piece in found.pieces] == ["write", "place", "resource", "fact"]
    assert [piece.nats for piece in found.pieces] == found.items.nats.tolist()


def test_a_read_that_is_the_point_of_an_attack_weighs_as_a_change(model: Model) -> None:
    looks = [("read", "iam:ListUsers"), ("read", "secretsmanager:GetSecretValue"), ODD]
    found = evidence(model, *((0, *one) for one in looks))
    assert [piece.weight for piece in found.pieces] == [1.0, SENSITIVE_READ, 1.0], "changes are weighed as a family"


def test_a_change_spreads_among_peers_a_prefix_in_its_account_a_fact_nowhere(model: Model) -> None:
    found = evidence(model, *[(who, *token) for who in (0, 1, 3) for token in (ODD, ("prefix", "192.0.2.0/24"))])
    write, prefix = found.circle[0::2], found.circle[1::2]
    assert write[0] == write[1] != write[2]
    assert prefix[0] == prefix[1] == prefix[2]
    assert not set(write) & set(prefix)
    assert evidence(model, (0, "fact", "root")).circle == [-1]


def test_an_opening_that_nobody_made_is_a_critical_act_unless_it_is_to_an_account_of_the_deployment(
    model: Model,
) -> None:
    openings = [("exposure", f"account:{account}") for account in ("111122223333", "777788889999")]
    shown = [(0, *one) for one in [*openings, ODD]]
    assert evidence(model, *shown).acts == {0, 1}
    active = ActiveRows(*(np.array([value]) for value in (1, 0, DAY, 1)))
    model.learn(rows(model, (1, "account", "111122223333")), active, NO_HOURS, Hours.none())
    found = evidence(model, *shown)
    assert [model.baseline.token(int(found.items.token[row]))[1] for row in found.acts] == ["account:777788889999"]


def test_a_prefix_spreads_in_its_account_over_two_days_though_there_are_more_groups(model: Model) -> None:
    before = evidence(model, (0, *ODD), (0, "prefix", "192.0.2.0/24")).circle
    model.enrol([a_role("far-fetched-job")])
    assert evidence(model, (1, *ODD), (1, "prefix", "192.0.2.0/24")).circle == before
    assert len(model.baseline.groups) > 2


def test_what_the_principal_did_before_is_no_change(model: Model) -> None:
    once = rows(model, (0, *ODD))
    active = ActiveRows(*(np.array([value]) for value in (0, 0, DAY, 500)))
    model.learn(once, active, NO_HOURS, Hours.none())
    found = evidence(model, (0, *ODD), (1, *ODD))
    assert found.items.first.tolist() == [False, True]  # rare still, and evidence
    assert found.circle == [-1, model.baseline.group[1]]


@pytest.mark.parametrize(("days", "active_of_a_kind", "of_another"), [(0, 2, 1), (KIND_DAYS + 1, 0, 0)])
def test_a_kinds_prior_is_that_of_its_active_members(
    model: Model, days: int, active_of_a_kind: int, of_another: int
) -> None:
    for who in (0, 1, 3):
        active = ActiveRows(*(np.array([value]) for value in (who, 0, DAY, 3)))
        model.baseline.learn(model.day, NO_ROWS, active, np.empty(0, dtype=np.int64))
    model.baseline.day += days
    found = evidence(model, (0, *ODD)).prior
    assert found[0] == found[1] == pytest.approx(-log(active_of_a_kind + 1))
    assert found[3] == pytest.approx(-log(of_another + 1))


def test_who_is_new_is_a_newcomer_for_its_first_days() -> None:
    usual = [
        an_event(**as_person("old"), action="s3:ListBuckets", event_time=START + timedelta(days=day, hours=9))
        for day in range(12)
    ]
    for age, newcomer in ((NEWCOMER_DAYS - 1, True), (NEWCOMER_DAYS, False)):
        fresh = [
            an_event(**as_role("fresh"), action=f"s3:Do{day}", event_time=START + timedelta(days=day, hours=9))
            for day in range(11 - age, 12)
        ]
        judged = judge([*usual, *fresh], 12)
        code = judged.model.baseline.principals.get(as_role("fresh")["principal"])
        contributions = judged.standing(as_role("fresh")["principal"]).contributions
        assert (code in contributions[0][0].evidence.newcomers) == newcomer


def test_late_deliveries_are_judged_and_older_ones_counted(model: Model) -> None:
    late, older = rows(model, (0, *ODD)), rows(model, (1, *ODD))
    late.day[:], older.day[:] = DAY - LATE_DAYS, DAY - LATE_DAYS - 1
    assert model.evidence(late, NO_HOURS).items.day.tolist() == [DAY - LATE_DAYS]
    assert len(model.evidence(older, NO_HOURS).items) == 0
    hours = HourlyRows(*(np.zeros(2, dtype=np.int64) for _ in range(4)), np.ones((2, len(MEASURES))))
    hours.day[:] = late.day[0], older.day[0]
    hours.counts[1] = 7
    assert model.count_too_late(hours) == 7


def test_a_newcomer_joins_the_group_it_resembles_and_moves_nobody(model: Model) -> None:
    before = model.baseline.group.tolist()
    model.enrol([a_person("dan"), a_person("eve", "Finance")])
    groups = model.baseline.group.tolist()
    assert groups[:4] == before
    assert groups[4] == groups[0] != groups[5]


def test_to_enrol_somebody_again_changes_nothing(model: Model) -> None:
    model.enrol([a_person("ann", "Finance")])
    assert len(model.baseline.principals) == 4
    assert model.members["idc/ann"].permission_set == "Dev"


def test_equal_knowledge_has_one_name_and_a_day_more_another(model: Model) -> None:
    twin = Model(DAY, PRIORS, detectors=())
    twin.enrol(list(model.members.values()))
    assert twin.id() == model.id()
    twin.learn(NO_ROWS, ActiveRows(*[np.empty(0, dtype=np.int64)] * 4), NO_HOURS, Hours.none())
    assert twin.id() != model.id()
    assert (twin.day, twin.learnt_days) == (DAY + 1, 1)


def test_who_knows_what_is_found_once_a_day_and_again_for_newcomers(model: Model) -> None:
    circles = model.circles()
    assert model.circles() is circles
    model.enrol([a_person("dan")])
    assert model.circles() is not circles


def test_a_stolen_session_stands_out_of_its_company() -> None:
    judged: Judged = a_theft_judged()
    totals = {key[1]: standing.total for key, standing in judged.outcome.last.items() if key[0] == judged.outcome.day}
    assert max(totals, key=lambda code: totals[code]) == judged.model.baseline.principals.get("idc/person3")
