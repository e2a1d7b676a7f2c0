"""A theft of one odd call a day is one alert, that tells of all its days; here where no day is raised by itself."""

from datetime import timedelta
from typing import Any

import pytest

from models.budget import Budget
from tests.walks import walk_through
from tests.worlds import START, a_company, an_event, as_person, numbered

DAYS, BEGINS, VICTIM = 26, 19, as_person("person3")
WEEKS_BEGIN = 12
DRIP: tuple[dict[str, Any], ...] = (
    {"action": "s3:ListBuckets", "account": "222222222222"},
    {"action": "logs:GetLogEvents", "agent": "aws-cli"},
    {"action": "rds:DescribeDBInstances", "error": "denied"},
    {"action": "secretsmanager:GetSecretValue", "resources": ["secret:payroll"]},
)
"""What is done on each day, nothing twice."""


def drip() -> list[dict[str, Any]]:
    return [
        an_event(**(VICTIM | columns), event_time=START + timedelta(days=BEGINS + day, hours=14, minutes=5))
        for day, columns in enumerate(DRIP)
    ]


def three_weeks(late: timedelta = timedelta(minutes=5)) -> list[dict[str, Any]]:
    """An odd call a working day, nothing twice."""
    calls: list[dict[str, Any]] = [
        *DRIP,
        *({"action": f"{service}:Describe{what}"} for service in ("kms", "dynamodb") for what in ("Keys", "Limits")),
        *({"action": "secretsmanager:GetSecretValue", "resources": [f"secret:{name}"]} for name in "abc"),
        *({"action": "ec2:DescribeInstances", "region": region} for region in ("sa-east-1", "eu-north-1")),
        {"action": "ecs:DescribeServices", "agent": "curl"},
        {"action": "iam:ListUsers"},
    ]
    working = [day for day in range(WEEKS_BEGIN, WEEKS_BEGIN + 21) if (START + timedelta(days=day)).weekday() < 5]
    return [
        an_event(**(VICTIM | columns), event_time=at, delivered_at=at + late)
        for day, columns in zip(working, calls, strict=True)
        for at in [START + timedelta(days=day, hours=14, minutes=5)]
    ]


@pytest.fixture(scope="module")
def raised():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Budget, "hold_back", lambda *_: "others")
        days = walk_through(numbered([*a_company(days=DAYS, people=10), *drip()]), budget=1.0, detectors=())
    return of_victim(days)


def of_victim(days):
    return [alert for day in days for alert in day.alerts if alert.raised and alert.principal_key == "idc/person3"]


def test_it_is_raised_once(raised):
    assert len({alert.alert_id for alert in raised}) == 1


def test_the_alert_tells_of_its_days_and_their_calls(raised):
    alert = raised[-1]
    assert "222222222222" in {reason.value for reason in alert.reasons}
    assert ", over " in alert.title
    assert alert.window_start < START + timedelta(days=BEGINS + 1)
    days = {line.time.date() for line in alert.story}
    assert len(days) >= 2
    assert len(alert.event_ids) >= 2
    assert alert.evidence == pytest.approx(sum(reason.nats for reason in alert.reasons) + alert.other)


@pytest.mark.parametrize("late", [timedelta(minutes=5), timedelta(hours=11)], ids=["the same day", "after midnight"])
def test_three_weeks_of_one_call_a_day_are_an_alert_a_week_at_most(late):
    """Cost: three weeks, never the same twice. What was told is not told again, so each tells of days of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Budget, "hold_back", lambda *_: "others")
        rows = numbered([*a_company(days=WEEKS_BEGIN + 21, people=5, roles=1), *three_weeks(late)])
        days = walk_through(rows, budget=1.0, detectors=())
    last = {alert.alert_id: alert for alert in of_victim(days)}
    assert 1 <= len(last) <= 3
    told = [event_id for alert in last.values() for event_id in alert.event_ids]
    assert len(told) == len(set(told))
    print(f"of {len(three_weeks())} calls on as many days {len(told)} are told, in alerts of so many: {len(last)}")
