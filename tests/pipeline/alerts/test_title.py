"""Titles tell what was done and what was only tried."""

import pandas as pd
import pytest

from features.activity.hourly import MEASURES
from models.explain import Reason
from models.facts import FACTS
from pipeline.alerts.outcome import Shown, show_reason
from pipeline.alerts.title import write_title


def shown(dimension: str, value: str, *errors: str, resource: str = "", typical: float = 0.0) -> Shown:
    """A reason whose events ended so; a success, where nothing is said."""
    feature = "exposure" if dimension == "exposure" else "facts" if dimension == "fact" else "surprise"
    return Shown(Reason(feature, dimension, value, typical, 1.0, 3.0, "first", 1), errors or ("",), resource)


def counted(measure: str, actual: float, typical: float, feature: str = "own_past") -> Shown:
    return Shown(Reason(feature, measure, measure, typical, actual, 3.0, "…", 1), ("",))


@pytest.mark.parametrize(
    ("reasons", "title"),
    [
        ([shown("write", "iam:CreateUser")], "ann called iam:CreateUser"),
        (
            [shown("write", "iam:CreateUser"), shown("read", "iam:ListUsers"), shown("country", "KP")],
            "ann called iam:CreateUser and 1 more unusual call, from a new country (KP)",
        ),
        (
            [
                shown("write", "organizations:LeaveOrganization", "denied"),
                shown("denied", "organizations:LeaveOrganization", "denied"),
            ],
            "ann tried organizations:LeaveOrganization, denied",
        ),
        ([shown("write", "kms:DisableKey", "validation")], "ann tried kms:DisableKey, which failed"),
        ([shown("denied", "kms:DisableKey", "denied")], "ann tried kms:DisableKey, denied"),
        ([shown("write_by_service", "kms:DisableKey", "denied")], "ann tried kms:DisableKey, denied"),
        ([shown("read", "s3:GetObject", "denied", "", "denied")], "ann called s3:GetObject"),
        (
            [shown("read", "s3:GetObject", "", "denied"), shown("denied", "s3:GetObject", "denied")],
            "ann called s3:GetObject",
        ),
        (
            [
                shown("write", "iam:CreateUser"),
                shown("write", "iam:DeleteUser"),
                shown("write", "iam:TagUser", "denied"),
                shown("denied", "iam:TagRole", "denied"),
            ],
            "ann called iam:CreateUser and 1 more unusual call, tried iam:TagUser and 1 more call, denied",
        ),
        (
            [shown("write", "iam:TagUser", "denied"), shown("write", "iam:CreateUser")],
            "ann tried iam:TagUser, denied, called iam:CreateUser",
        ),
    ],
)
def test_what_was_done_is_told_from_what_was_tried(reasons: list[Shown], title: str) -> None:
    assert write_title("ann", reasons) == title


def test_an_opening_names_what_was_opened_and_to_whom() -> None:
    grant = shown("exposure", "account:777788889999", resource="role:billing")
    assert write_title("ann", [grant]) == "ann opened role billing to account 777788889999"


def test_a_denied_opening_is_an_attempt() -> None:
    grant = shown("exposure", "principal:*", "denied", resource="bucket:pay")
    assert write_title("ann", [grant]) == "ann tried to open bucket pay to everybody, denied"
    failed = shown("exposure", "principal:*", "validation", resource="bucket:pay")
    assert write_title("ann", [failed]) == "ann tried to open bucket pay to everybody, which failed"


def test_of_openings_one_that_succeeded_is_told() -> None:
    denied, done = shown("exposure", "principal:*", "denied"), shown("exposure", "account:777788889999")
    assert write_title("ann", [denied, done]) == "ann opened something to account 777788889999"


def test_root_was_used_and_its_name_is_said_once() -> None:
    root = shown("fact", "root")
    assert write_title("root of 444455556666", [root]) == "root of 444455556666 was used"
    called = [root, shown("write", "iam:CreateAccessKey")]
    assert write_title("root of 444455556666", called) == "root of 444455556666 called iam:CreateAccessKey"
    placed = [root, shown("country", "KP")]
    assert write_title("root of 444455556666", placed) == "root of 444455556666 was used, from a new country (KP)"


@pytest.mark.parametrize("fact", [fact for fact in FACTS if fact != "root"])
def test_a_fact_is_told_as_what_its_principal_did(fact: str) -> None:
    assert write_title("ann", [shown("fact", fact)]) == f"ann {FACTS[fact].deed}"
    twice = [shown("fact", f"{fact}:cloudtrail"), shown("fact", f"{fact}:guardduty")]
    assert write_title("ann", twice) == f"ann {FACTS[fact].deed}"
    assert FACTS[fact].deed


@pytest.mark.parametrize(
    ("reason", "title"),
    [
        (counted("denied", 214, 3.0), "ann made 214 denied calls in an hour, typical 3"),
        (counted("calls", 9, 3.41), "ann made 9 calls in an hour, typical 3.4"),
        (counted("secrets", 1200, 0.0), "ann touched 1,200 distinct secrets in an hour, typical 0"),
        (
            counted("services", 40, 2.0, "population"),
            "ann called 40 distinct services in an hour, typical of its peers 2",
        ),
        (counted("actions", 40, 0.02), "ann used 40 distinct actions in an hour, typical less than 0.1"),
    ],
)
def test_a_count_reads_as_one(reason: Shown, title: str) -> None:
    assert write_title("ann", [reason]) == title


@pytest.mark.parametrize("measure", MEASURES)
def test_no_count_is_taken_for_a_call(measure: str) -> None:
    assert f" called {measure}" not in write_title("ann", [counted(measure, 30, 1.0)])


def test_of_places_an_account_is_told_last() -> None:
    places = [shown("account", "111122223333"), shown("agent", "curl")]
    assert write_title("ann", places) == "ann with a new tool (curl)"


@pytest.mark.parametrize(
    ("reason", "end"),
    [
        (shown("country", "KP"), "from a new country (KP)"),
        (shown("country", "KP", typical=0.01), "from a rare country (KP)"),
        (shown("agent", "aws-cli"), "with a new tool (aws-cli)"),
        (shown("agent", "aws-cli", typical=0.01), "with a rarely used tool (aws-cli)"),
        (shown("region", "ap-east-1"), "in a new region (ap-east-1)"),
        (shown("account", "111122223333"), "in a new account"),
        (shown("asn", "64500"), "from a new network operator"),
        (shown("prefix", "192.0.2.0/24"), "from a new network"),
    ],
)
def test_a_place_has_the_preposition_that_suits_it(reason: Shown, end: str) -> None:
    assert write_title("ann", [shown("write", "iam:CreateUser"), reason]) == f"ann called iam:CreateUser, {end}"


def test_how_events_ended_is_read_of_those_that_hold_the_value() -> None:
    events = pd.DataFrame({"error": ["denied", "", "denied"], "resources": [["bucket:a"], ["bucket:b"], ["bucket:c"]]})
    reason = Reason("surprise", "write", "s3:PutBucketPolicy", 0.0, 1.0, 3.0, "first", 1)
    some = show_reason(reason, events, pd.Series([True, True, False]).to_numpy())
    assert (some.done, some.ended, some.resource) == (True, "", "bucket:b")
    last = show_reason(reason, events, pd.Series([False, False, True]).to_numpy())
    assert (last.done, last.ended, last.resource) == (False, "denied", "bucket:c")


def test_a_count_that_weighs_most_is_told_beside_what_was_called() -> None:
    called = shown("write", "s3:PutBucketVersioning", "denied")
    title = "ann tried s3:PutBucketVersioning, denied, touched 69 distinct buckets in an hour, typical less than 0.1"
    assert write_title("ann", [counted("buckets", 69, 0.02), called]) == title
    assert write_title("ann", [called, counted("buckets", 69, 0.02)]) == "ann tried s3:PutBucketVersioning, denied"


def test_a_small_attempt_is_not_told_beside_a_deed() -> None:
    small = Shown(Reason("surprise", "denied", "ecs:ListTasks", 0.0, 1.0, 0.3, "first", 1), ("denied",))
    assert write_title("ann", [shown("write", "iam:CreateUser"), small]) == "ann called iam:CreateUser"
    assert write_title("ann", [small]) == "ann tried ecs:ListTasks, denied"
