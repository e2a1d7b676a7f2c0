"""Events of one hour or another."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.reports.checks.finding import Finding
from tests.worlds import an_event

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NOW = MONDAY + timedelta(days=29)

Diagnose = Callable[..., list[Finding]]


def an_hour(hours: float = 0, **columns: Any) -> dict[str, Any]:
    """An event some hours after Monday's midnight; name only what matters."""
    at = MONDAY + timedelta(hours=hours)
    named = {"event_time": at, "action": "ec2:DescribeInstances", "principal": "role/1/A", "region": "eu-west-1"}
    return an_event(**(named | columns))
