"""Victims are principals with habits, drawn by seed, never those who are attacked already."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.victims import draw, scan

TEST_FROM = datetime(2026, 3, 1, tzinfo=UTC)


def a_record(who: str, at: datetime, **other: Any) -> dict[str, Any]:
    user = {"type": "IAMUser", "arn": f"arn:aws:iam::111122223333:user/{who}"}
    issuer = {"arn": f"arn:aws:iam::111122223333:role/{who}"}
    role = {"type": "AssumedRole", "sessionContext": {"sessionIssuer": issuer}}
    return {
        "eventID": f"{who}-{at:%m%d%H}",
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "awsRegion": "eu-west-1",
        "userIdentity": role if who.startswith("role") else user,
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2",
        "recipientAccountId": "111122223333",
        **other,
    }


def days(who: str, first: int, last: int, **other: Any) -> list[dict[str, Any]]:
    return [a_record(who, TEST_FROM + timedelta(days=day, hours=9), **other) for day in range(first, last)]


@pytest.fixture
def company(tmp_path: Path) -> list[Path]:
    records = [
        *days("ann", -20, 10),
        *days("bob", -20, 10),
        *days("role-app", -20, 10),
        *days("role-job", -20, 10),
        *days("newcomer", -2, 10),
        *days("left", -20, -1),
        *days("inside", -20, 10, sourceIPAddress="10.0.0.4"),
        *days("service", -20, 10, userIdentity={"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}),
    ]
    path = tmp_path / "file.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
    return [path]


def names(candidates: dict[str, Any]) -> set[str]:
    return {key.rpartition("/")[2] for key in candidates}


def test_victims_have_habits_and_call_from_outside(company: list[Path]) -> None:
    assert names(scan(company, TEST_FROM, attacks=())) == {"ann", "bob", "role-app", "role-job"}


def test_who_is_attacked_already_is_no_victim_again(company: list[Path]) -> None:
    assert "ann" not in names(scan(company, TEST_FROM, attacks={"ann-030209"}))


def test_people_and_machines_take_turns_and_nobody_twice(company: list[Path]) -> None:
    drawn = draw(scan(company, TEST_FROM, attacks=()), number=4, seed=1)
    assert [victim.identity["type"] for victim, _ in drawn] == ["IAMUser", "AssumedRole"] * 2
    assert len({json.dumps(victim.identity, sort_keys=True) for victim, _ in drawn}) == 4


def test_attacks_start_in_an_hour_of_the_victims_own_and_spread_over_the_test(company: list[Path]) -> None:
    starts = [start for _, start in draw(scan(company, TEST_FROM, attacks=()), number=4, seed=1)]
    assert all(start >= TEST_FROM and start.hour == 9 for start in starts)
    assert len({start.date() for start in starts}) == 4


def test_few_candidates_are_drawn_again_on_other_days(company: list[Path]) -> None:
    drawn = draw(scan(company, TEST_FROM, attacks=()), number=12, seed=1)
    days_of = [(json.dumps(victim.identity, sort_keys=True), start.date()) for victim, start in drawn]
    assert len(set(days_of)) == 12


def test_the_seed_decides(company: list[Path]) -> None:
    candidates = scan(company, TEST_FROM, attacks=())
    assert draw(candidates, 4, seed=1) == draw(candidates, 4, seed=1) != draw(candidates, 4, seed=2)


def test_a_company_without_victims_says_so() -> None:
    with pytest.raises(ValueError, match="simulate more"):
        draw({}, number=1, seed=1)
