"""What facts are worth, and that they fade where they are usual."""

from itertools import pairwise

import numpy as np
import pytest
from msgspec import Raw

from features.call.fact import find_facts as facts_of_record
from features.record.cloudtrail import Record
from models.baseline import QUARANTINE_DAYS, Baseline
from models.circles import Circles
from models.facts import (
    CREDENTIAL_NATS,
    FACTS,
    LOGGING_OFF_NATS,
    LOGIN_MOST_NATS,
    LOGIN_NATS,
    OFF_HOST_NATS,
    PORT_NATS,
    ROOT_NATS,
    Seen,
    score_facts,
    weigh_fact,
)
from tests.models.baselines import ANN, BOB, CAT, four_people, learn, rows_of

NEVER = Seen(own=0, others=0, mfa=0)


@pytest.mark.parametrize(
    ("fact", "nats"),
    [
        ("root", ROOT_NATS),
        ("logging_off", LOGGING_OFF_NATS),
        ("credential_given", CREDENTIAL_NATS),
        ("port_opened", PORT_NATS),
        ("off_host", OFF_HOST_NATS),
    ],
)
def test_a_fact_that_never_was_is_worth_its_nats(fact: str, nats: float) -> None:
    assert weigh_fact(fact, NEVER) == nats


@pytest.mark.parametrize("fact", ["root", "logging_off", "credential_given", "port_opened", "off_host"])
def test_a_fact_fades_where_it_is_usual_down_to_nothing(fact: str) -> None:
    worth = [weigh_fact(fact, Seen(own=hours, others=hours, mfa=0)) for hours in (0, 1, 5, 1000)]
    assert all(more > less for more, less in pairwise(worth))
    assert worth[-1] == 0.0


def test_logging_that_others_switch_off_is_less_and_root_is_the_principals_own_matter() -> None:
    others = Seen(own=0, others=50, mfa=0)
    assert weigh_fact("logging_off", others) < LOGGING_OFF_NATS
    assert weigh_fact("root", others) == ROOT_NATS


def test_a_sign_in_without_mfa_is_strange_where_mfa_is_the_habit() -> None:
    worth = [weigh_fact("login_no_mfa", Seen(own=1, others=1, mfa=hours)) for hours in (0, 1, 3, 10, 10_000)]
    assert worth[:2] == [0.0, 0.0]
    assert LOGIN_NATS < worth[2] < worth[3] < worth[4] == LOGIN_MOST_NATS


@pytest.mark.parametrize("fact", ["imds_v1", "login_mfa", "login_failed"])
def test_facts_that_only_describe_are_no_evidence(fact: str) -> None:
    assert weigh_fact(fact, NEVER) == 0.0
    assert fact not in FACTS


def test_a_record_states_every_fact_that_is_stated_under_its_name() -> None:
    stated = {name for name, fact in FACTS.items() if fact.events is None}
    found = set(facts_of_record("signin:ConsoleLogin", Record(), root=True, failed=False, imds="", mfa=False))
    found |= set(facts_of_record("cloudtrail:StopLogging", Record(), root=False, failed=False, imds=""))
    key = Record(request_parameters=Raw(b'{"userName": "bob"}'))
    found |= set(facts_of_record("iam:CreateAccessKey", key, root=False, failed=False, imds=""))
    door = Record(request_parameters=Raw(b'{"fromPort": 22, "toPort": 22, "cidrIp": "0.0.0.0/0"}'))
    found |= set(facts_of_record("ec2:AuthorizeSecurityGroupIngress", door, root=False, failed=False, imds=""))
    assert stated == found


def scored(baseline: Baseline, *facts: str, who: int = ANN) -> list[float]:
    rows = rows_of(baseline, *[("fact", fact, "") for fact in facts], who=who)
    return [float(nats) for nats in score_facts(baseline, Circles(baseline), rows)]


def test_hours_are_read_from_the_baseline() -> None:
    baseline = four_people(day=10)
    assert scored(baseline, "root", "logging_off") == [ROOT_NATS, LOGGING_OFF_NATS]
    learn(baseline, 10, (BOB, "fact", "logging_off", 300), (ANN, "fact", "login_mfa", 40))
    assert scored(baseline, "logging_off", "login_no_mfa") == pytest.approx(
        [weigh_fact("logging_off", Seen(0, 1, 0)), LOGIN_MOST_NATS]
    )
    assert scored(baseline, "logging_off", who=BOB) == [0.0]
    assert scored(baseline, "login_no_mfa", who=BOB) == [0.0]


def test_who_often_switches_off_by_one_call_makes_it_usual_of_no_other() -> None:
    baseline = four_people(day=10)
    learn(baseline, 10, (ANN, "fact", "logging_off:monitoring:DeleteAlarms", 300))
    usual, new = "logging_off:monitoring:DeleteAlarms", "logging_off:cloudtrail:StopLogging"
    assert scored(baseline, usual, new) == [0.0, LOGGING_OFF_NATS]


def test_who_stops_a_trail_is_as_strange_as_ever_where_others_set_it_to_record_less() -> None:
    baseline = four_people(day=10)
    learn(baseline, 10, (BOB, "fact", "logging_off:cloudtrail:PutEventSelectors", 300))
    assert scored(baseline, "logging_off:cloudtrail:StopLogging") == [LOGGING_OFF_NATS]


def test_what_was_raised_of_somebody_makes_it_usual_of_nobody_else_until_its_quarantine_ends() -> None:
    baseline = four_people(day=10)
    token = learn(baseline, 10, (BOB, "fact", "logging_off:cloudtrail:StopLogging", 1), (CAT, "fact", "root", 1))
    worth = weigh_fact("logging_off", Seen(own=0, others=1, mfa=0))
    assert scored(baseline, "logging_off:cloudtrail:StopLogging") == [worth]
    baseline.flag(np.array([BOB]), token[:1])
    assert scored(baseline, "logging_off:cloudtrail:StopLogging") == [LOGGING_OFF_NATS]
    own = weigh_fact("logging_off", Seen(own=1, others=0, mfa=0))
    assert scored(baseline, "logging_off:cloudtrail:StopLogging", who=BOB) == [own]
    learn(baseline, 10 + QUARANTINE_DAYS, (CAT, "fact", "root", 1))
    assert scored(baseline, "logging_off:cloudtrail:StopLogging") == [worth]
    assert scored(baseline, "logging_off:cloudtrail:StopLogging", who=BOB) == [own]
