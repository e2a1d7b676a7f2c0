"""Late: delivered when nobody looks any more, or under an id that somebody else's record bears."""

from datetime import datetime, timedelta

import pytest

from tests.evasion.attack import Record, a_call, at, from_hosting
from tests.evasion.company import Company
from tests.evasion.neighbours import PEOPLE, someone

ACT = ("iam:CreateUser", "iam:CreateAccessKey", "iam:AttachUserPolicy")


@pytest.mark.parametrize("hours", [5, 30, 72])
def test_delivered_hours_or_days_after(company: Company, hours: int) -> None:
    """Cost: to hold a delivery back, which a caller cannot. It buys time and nothing else: the day's ledger is open for
    two days, and what comes later has one of its own, up to 35 days.
    """
    ana = from_hosting(someone(company.account, PEOPLE[0]))
    calls = [a_call(ana, action, at(10, n, day=16)) for n, action in enumerate(ACT)]

    def held_back(record: Record) -> datetime:
        return datetime.fromisoformat(record["eventTime"]) + timedelta(hours=hours)

    verdict = company.judge(calls, delivered=held_back)
    assert all(map(verdict.names, calls)), verdict.tell()


@pytest.mark.parametrize("first", [True, False], ids=["delivered first", "delivered second"])
def test_an_id_that_somebody_elses_record_bears(company: Company, first: bool) -> None:
    """Cost: write access to the log bucket, or a damaged file; no caller chooses an id. It buys nothing: the second of
    them is kept by an id of its own, flagged and judged.
    """
    ana, bo = (someone(company.account, name) for name in PEOPLE[:2])
    usual = a_call(bo, "ec2:DescribeInstances", at(10))
    act = a_call(ana, "cloudtrail:StopLogging", at(10), eventID=usual["eventID"])
    order = {act["eventName"]: 4 if first else 20, usual["eventName"]: 20 if first else 4}

    def delivered(record: Record) -> datetime:
        return datetime.fromisoformat(record["eventTime"]) + timedelta(minutes=order[record["eventName"]])

    verdict = company.judge([usual, act], delivered=delivered)
    assert len(verdict.ids) == 2
    assert [alert.principal_name for alert in verdict.showing] == [PEOPLE[0]], verdict.tell()
