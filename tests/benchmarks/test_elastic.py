"""Elastic's jobs as they behave: rare among what a partition did, blind where a partition is new."""

from math import log

import pandas as pd
import pytest

from benchmarks.elastic import LEAST_BUCKETS, elastic_jobs, many_messages, rare

NOTHING = pd.DataFrame([], columns=["principal", "quarter", "code", "message"])


def hours(rows: list[tuple[str, int, str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["principal", "hour", "action", "country", "city"])


def habits(principal: str, number: int = 400, country: str = "DE") -> list[tuple[str, int, str, str, str]]:
    return [(principal, hour, action, country, "Berlin") for hour in range(number) for action in ("s3:Get", "sts:Get")]


def test_a_rare_action_scores_by_its_share_of_all_counts() -> None:
    found = rare(
        hours([*habits("ann"), ("ann", 400, "iam:CreateUser", "DE", "Berlin")]).assign(partition="ann"), "action"
    )
    assert found[["principal", "day"]].to_numpy().tolist() == [["ann", 400 // 24]]
    assert found["score"].iloc[0] == pytest.approx(log(801))


def test_an_action_is_as_common_as_all_that_are_no_commoner() -> None:
    singles = [("ann", hour, f"once:{hour}", "DE", "Berlin") for hour in range(0, 380)]
    table = hours([*habits("ann"), *singles, ("ann", 400, "iam:CreateUser", "DE", "Berlin")])
    found = rare(table.assign(partition="ann"), "action")
    assert 400 // 24 not in found["day"].tolist()


def test_a_new_partition_shows_nothing() -> None:
    new = [("eve", 500, f"iam:{n}", "KP", "Pyongyang") for n in range(9)]
    scores = elastic_jobs(hours([*habits("ann"), *new]), NOTHING)
    assert "eve" not in scores["principal"].tolist()


def test_a_country_job_blames_whoever_made_the_call_there() -> None:
    many = [row for name in ("ann", "bob") for row in habits(name)]
    scores = elastic_jobs(hours([*many, ("cat", 399, "iam:CreateUser", "DE", "Berlin")]), NOTHING)
    assert scores["principal"].tolist() == ["cat"]


def test_a_partition_learns_before_it_shows() -> None:
    early = [*habits("ann", LEAST_BUCKETS - 1), ("ann", LEAST_BUCKETS - 1, "iam:CreateUser", "", "")]
    assert not len(rare(hours(early).assign(partition="ann"), "action"))


def test_a_flood_of_different_messages_is_blamed_on_who_has_most() -> None:
    usual = [("ann", day * 96 + 40, "AccessDenied", f"m{day}") for day in range(30)]
    flood = [("eve", 30 * 96 + 40, "AccessDenied", f"x{n}") for n in range(12)]
    table = pd.DataFrame([*usual, *flood], columns=["principal", "quarter", "code", "message"])
    found = many_messages(table)
    assert found[["principal", "day"]].to_numpy().tolist() == [["eve", 30]]
    same = [("eve", 30 * 96 + 40, "AccessDenied", "m1")] * 12
    again = pd.DataFrame([*usual, *same], columns=["principal", "quarter", "code", "message"])
    assert not len(many_messages(again))


def test_nothing_happened_scores_nothing() -> None:
    assert not len(elastic_jobs(hours([]), NOTHING))
