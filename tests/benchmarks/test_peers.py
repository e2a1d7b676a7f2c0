"""The peers know a thing the day after they saw it, and nothing from the future."""

import pandas as pd
import pytest

from benchmarks.peers import first_seen, guardduty_like

TODAY = 20


def tokens(*rows: tuple[str, int, str, str]) -> pd.DataFrame:
    usual = [(who, day, "read", "s3:ListBuckets") for who in ("ann", "bob", "cat", "dan") for day in range(TODAY + 1)]
    return pd.DataFrame([*usual, *rows], columns=["principal", "day", "dimension", "value"])


def score_of(scores: pd.DataFrame, principal: str, day: int = TODAY) -> float:
    found = scores[(scores["principal"] == principal) & (scores["day"] == day)]
    return float(found["score"].iloc[0]) if len(found) else 0.0


def test_a_first_scores_on_its_first_day_only() -> None:
    scores = first_seen(tokens(("ann", 19, "write", "iam:CreateUser"), ("ann", TODAY, "write", "iam:CreateUser")))
    assert score_of(scores, "ann", 19) > 0
    assert score_of(scores, "ann", TODAY) == 0


def test_what_nobody_did_before_is_rarer_than_what_others_do() -> None:
    known = [(who, 5, "write", "iam:TagRole") for who in ("bob", "cat")]
    scores = first_seen(
        tokens(*known, ("ann", TODAY, "write", "iam:TagRole"), ("dan", TODAY, "write", "iam:CreateUser"))
    )
    assert score_of(scores, "dan") > score_of(scores, "ann") > 0


def test_what_others_do_later_does_not_make_it_common_today() -> None:
    later = [(who, TODAY + 1, "write", "iam:CreateUser") for who in ("bob", "cat", "dan")]
    attack = ("ann", TODAY, "write", "iam:CreateUser")
    assert score_of(first_seen(tokens(attack, *later)), "ann") == score_of(first_seen(tokens(attack)), "ann") > 0


@pytest.mark.parametrize(
    "dimension", ["read", "write", "country", "asn", "prefix", "agent", "region", "resource:bucket"]
)
def test_every_kind_of_first_counts(dimension: str) -> None:
    assert score_of(first_seen(tokens(("ann", TODAY, dimension, "new"))), "ann") > 0


def test_more_firsts_score_more() -> None:
    firsts = [("ann", TODAY, "read", "a:One"), ("bob", TODAY, "read", "a:Two"), ("bob", TODAY, "country", "KP")]
    scores = first_seen(tokens(*firsts))
    assert score_of(scores, "bob") > score_of(scores, "ann")


def test_a_newcomer_is_left_to_learn() -> None:
    scores = first_seen(tokens(("new", TODAY, "read", "a:One"), ("new", TODAY + 3, "read", "a:Two")))
    assert score_of(scores, "new", TODAY) == 0
    assert score_of(scores, "new", TODAY + 3) > 0


SENSITIVE = {"iam:CreateUser", "s3:ListBuckets"}


def calls(*rows: tuple[str, int, str, str, str]) -> pd.DataFrame:
    """Rows of principal, day, action, prefix and agent; at home everybody calls from 10/24 with the CLI."""
    usual = [(who, day, "ec2:DescribeVpcs", "home", "cli") for who in ("ann", "bob") for day in range(TODAY + 1)]
    frame = pd.DataFrame([*usual, *rows], columns=["principal", "day", "action", "prefix", "agent"])
    return frame.assign(country="KR", asn=64500)


def test_a_sensitive_first_from_a_new_network_is_raised() -> None:
    scores = guardduty_like(calls(("ann", TODAY, "iam:CreateUser", "elsewhere", "cli")), SENSITIVE)
    assert score_of(scores, "ann") > 0


@pytest.mark.parametrize(
    "quiet",
    [
        ("ann", TODAY, "iam:CreateUser", "home", "cli"),
        ("ann", TODAY, "iam:TagUser", "elsewhere", "cli"),
    ],
    ids=["from home", "not sensitive"],
)
def test_either_alone_is_not(quiet: tuple[str, int, str, str, str]) -> None:
    assert score_of(guardduty_like(calls(quiet), SENSITIVE), "ann") == 0


def test_a_sensitive_call_the_principal_makes_already_is_not() -> None:
    before = ("ann", 3, "iam:CreateUser", "home", "cli")
    again = ("ann", TODAY, "iam:CreateUser", "elsewhere", "cli")
    assert score_of(guardduty_like(calls(before, again), SENSITIVE), "ann") == 0


def test_newer_places_rank_higher() -> None:
    scores = guardduty_like(
        calls(
            ("ann", TODAY, "iam:CreateUser", "elsewhere", "kali"), ("bob", TODAY, "iam:CreateUser", "elsewhere", "cli")
        ),
        SENSITIVE,
    )
    assert score_of(scores, "ann") > score_of(scores, "bob") > 0


def test_what_the_rule_leaves_over_goes_to_sensitive_firsts_from_home() -> None:
    rows = calls(("ann", TODAY, "iam:CreateUser", "home", "cli"), ("bob", TODAY, "s3:ListBuckets", "elsewhere", "cli"))
    scores = guardduty_like(rows, SENSITIVE, anywhere=True)
    assert score_of(scores, "bob") > score_of(scores, "ann") > 0
