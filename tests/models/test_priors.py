"""The attack priors answer for every call, and refuse numbers that are no probability."""

from typing import Any

import pytest

from models.priors import CLASSES, LEVELS, AttackPriors, PlacePrior
from models.traits import SENSITIVE_FROM
from pipeline.datafiles import read_attack_priors


@pytest.fixture
def data() -> dict[str, Any]:
    return {
        "version": "1",
        "class_q": {"evasion": 0.025},
        "level_q": {"list": 0.001, "read": 0.002, "write": 0.004, "tagging": 0.003, "permissions": 0.012},
        "place": {"country": {"new": 0.5, "known": 0.1}},
        "resource": {"bucket": 0.15, "other": 0.02},
        "exposure": 0.04,
        "denied": 0.35,
        "actions": {
            "cloudtrail:StopLogging": {
                "class": "evasion",
                "tactic": "Defense Evasion",
                "techniques": ["T1562"],
                "q": 0.025,
            },
            "s3:GetObject": {"class": "", "tactic": "Exfiltration", "techniques": ["T1048"]},
        },
    }


@pytest.fixture(scope="module")
def shipped() -> AttackPriors:
    return AttackPriors.from_dict(read_attack_priors())


def test_a_listed_call_has_its_own_q(data: dict[str, Any]) -> None:
    assert AttackPriors.from_dict(data).q_action("cloudtrail:StopLogging", "write", True) == 0.025


@pytest.mark.parametrize(("level", "q"), [("list", 0.001), ("read", 0.002), ("tagging", 0.003), ("permissions", 0.012)])
def test_any_other_call_has_the_q_of_its_access_level(data: dict[str, Any], level: str, q: float) -> None:
    priors = AttackPriors.from_dict(data)
    assert priors.q_action("s3:GetObject", level, False) == priors.q_action("new:Call", level, True) == q


def test_an_unknown_level_counts_as_read_or_write(data: dict[str, Any]) -> None:
    priors = AttackPriors.from_dict(data)
    assert priors.q_action("new:Call", "", False) == 0.002
    assert priors.q_action("new:Call", "", True) == 0.004


def test_an_unlisted_call_has_no_class_tactic_or_technique(data: dict[str, Any]) -> None:
    priors = AttackPriors.from_dict(data)
    assert (priors.tactic("new:Call"), priors.techniques("new:Call")) == ("", ())


def test_a_resource_type_without_a_prior_counts_as_other(data: dict[str, Any]) -> None:
    priors = AttackPriors.from_dict(data)
    assert (priors.q_resource("bucket"), priors.q_resource("teapot")) == (0.15, 0.02)


def test_places_say_new_and_known(data: dict[str, Any]) -> None:
    assert AttackPriors.from_dict(data).place("country") == PlacePrior(new=0.5, known=0.1)


@pytest.mark.parametrize("bad", [0, 1, -0.1, 1.5, float("nan"), "0.1", None])
def test_what_is_no_probability_is_refused_by_name(data: dict[str, Any], bad: object) -> None:
    data["actions"]["cloudtrail:StopLogging"]["q"] = bad
    with pytest.raises(ValueError, match=r"actions\.cloudtrail:StopLogging\.q"):
        AttackPriors.from_dict(data)


@pytest.mark.parametrize("key", ["version", "level_q", "place", "resource", "exposure", "denied", "actions"])
def test_a_missing_key_is_named(data: dict[str, Any], key: str) -> None:
    del data[key]
    with pytest.raises(ValueError, match=key):
        AttackPriors.from_dict(data)


def test_an_unknown_class_is_refused(data: dict[str, Any]) -> None:
    data["actions"]["s3:GetObject"]["class"] = "mischief"
    with pytest.raises(ValueError, match="mischief"):
        AttackPriors.from_dict(data)


def test_the_shipped_priors_cover_every_class_level_and_place(shipped: AttackPriors) -> None:
    assert set(shipped.class_q) == set(CLASSES)
    assert set(shipped.level_q) == set(LEVELS)
    assert set(shipped.places) == {"country", "asn", "prefix", "agent", "region", "account"}
    assert len(shipped.actions) > 1000


def test_switching_logging_off_outweighs_looking_around(shipped: AttackPriors) -> None:
    stop = shipped.q_action("cloudtrail:StopLogging", "write", True)
    look = shipped.q_action("ec2:DescribeVpcs", "list", False)
    assert stop > 5 * look


def test_to_change_ones_own_password_is_no_point_of_an_attack(shipped: AttackPriors) -> None:
    assert shipped.q_action("iam:ChangePassword", "permissions", True) < SENSITIVE_FROM
    assert shipped.q_action("iam:UpdateLoginProfile", "permissions", True) >= SENSITIVE_FROM


@pytest.mark.parametrize("spelling", ["cloudtrail:StopLogging", "cloudtrail:stoplogging", "CLOUDTRAIL:STOPLOGGING"])
def test_no_spelling_makes_a_call_harmless(spelling: str) -> None:
    priors = AttackPriors.from_dict(read_attack_priors())
    assert priors.q_action(spelling, "write", True) == priors.q_action("cloudtrail:StopLogging", "write", True) > 0.01
    assert priors.tactic(spelling) == priors.tactic("cloudtrail:StopLogging") != ""
