"""Poison: the act made usual before it is done."""

from tests.evasion.attack import a_call, at, from_hosting
from tests.evasion.company import Company
from tests.evasion.neighbours import PEOPLE, someone

WEEK = (12, 13, 16, 17, 18)
"""Working days before the act."""


def test_a_value_of_an_alert_is_not_made_usual_for_peers(company: Company) -> None:
    """Cost: a first colleague's credential, burnt the day before. What it showed is kept from its peers, so it buys the
    second one nothing.
    """
    first, second = (someone(company.account, name) for name in PEOPLE[:2])
    burnt = [a_call(from_hosting(first), action, at(10, n, day=18))
             for n, action in enumerate(("iam:ListUsers", "cloudtrail:StopLogging"))]  # fmt: skip
    act = [a_call(second, "cloudtrail:StopLogging", at(10))]
    verdict = company.judge([*burnt, *act])
    assert all(map(verdict.names, burnt)), verdict.tell()
    assert verdict.names(act[0]), verdict.tell()


def test_a_place_made_usual_by_one_call_a_day(company: Company) -> None:
    """Cost: days of patience, and the first of them: a new place is told on the day that it is first seen, however
    little is done there. What comes after it is the same story.
    """
    ana = from_hosting(someone(company.account, PEOPLE[0]))
    drift = [a_call(ana, "ec2:DescribeInstances", at(10, day=day)) for day in (17, 18)]
    act = a_call(ana, "cloudtrail:StopLogging", at(10))
    verdict = company.judge([*drift, act])
    assert verdict.names(drift[0]), verdict.tell()
    assert verdict.names(act), verdict.tell()


def test_a_week_of_looking_around_from_the_victims_own_place(company: Company) -> None:
    """Cost: a week of patience for what an attack begins with: one new read a day is told to nobody. It buys nothing
    for the act, which is as new as before.
    """
    ana = someone(company.account, PEOPLE[0])
    looks = ("iam:ListUsers", "cloudtrail:DescribeTrails", "secretsmanager:ListSecrets", "iam:ListAccessKeys",
             "kms:ListKeys")  # fmt: skip
    drift = [a_call(ana, look, at(10, day=day)) for day, look in zip(WEEK, looks, strict=True)]
    again = [a_call(ana, look, at(9, n)) for n, look in enumerate(looks)]
    acts = [a_call(ana, act, at(10, n)) for n, act in enumerate(("cloudtrail:StopLogging", "iam:CreateUser"))]
    verdict = company.judge([*drift, *again, *acts])
    assert all(map(verdict.names, acts)), verdict.tell()
    hidden = sum(not verdict.names(look) for look in drift)
    print(f"of five looks on five days {hidden} stay hidden, and are no part of the alert of the act")


def test_an_act_made_usual_by_doing_it(company: Company) -> None:
    """Cost: the act itself, done before. A first key for somebody else is the one that counts; whoever gets it past the
    cut has what the later ones would buy.
    """
    ana = someone(company.account, PEOPLE[0])
    keys = [a_call(ana, "iam:CreateAccessKey", at(11, day=day), requestParameters={"userName": f"user{day}"})
            for day in (16, 17, 18, 19)]  # fmt: skip
    verdict = company.judge(keys)
    assert verdict.names(keys[0]) or not any(map(verdict.names, keys[1:]))
    hidden = sum(not verdict.names(key) for key in keys)
    print(f"of four keys on four days {hidden} stay hidden: the first is the oddest, and pays for the others")
