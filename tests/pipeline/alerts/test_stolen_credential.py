"""A workload's running session in a thief's hands: an alert says so, wherever in or out of the cloud the two are."""

from datetime import timedelta
from typing import Any

import pytest

from tests.walks import walk_through
from tests.worlds import START, a_company, an_event, as_role, numbered

DAY, HOUR = 16, 14
VICTIM = "service2-prod-role"
OWN_ENDPOINT = {
    "address_kind": "vpc_endpoint",
    "prefix": "10.0.0.0/8",
    "asn": 0,
    "country": "",
    "vpc_endpoint": "vpce-a",
}
INTERNET = {
    "address_kind": "public",
    "vpc_endpoint": "",
    "prefix": "192.0.2.0/24",
    "address": "192.0.2.66",
    "country": "KP",
    "asn": 64666,
}
THIEFS_ENDPOINT = OWN_ENDPOINT | {"vpc_endpoint": "vpce-ff"}
THEFT = ["sts:GetCallerIdentity", "s3:ListBuckets", "s3:GetObject", "s3:GetObject", "iam:ListUsers"]
WAYS = {"public": ({}, INTERNET), "endpoint": (OWN_ENDPOINT, INTERNET), "both": (OWN_ENDPOINT, THIEFS_ENDPOINT)}


def a_world(own: dict[str, Any], thief: dict[str, Any] | None) -> list[dict[str, Any]]:
    rows = a_company(days=DAY + 1)
    for row in rows:
        if row["kind"] == "workload":
            row["session"] = f"ASIA{row['principal_name'].upper()}/{row['event_time']:%Y-%m-%d}"
        if row["principal_name"] == VICTIM:
            row |= own
    start = START + timedelta(days=DAY, hours=HOUR)
    who = as_role(VICTIM) | {"session": f"ASIA{VICTIM.upper()}/{start:%Y-%m-%d}"} | own | (thief or {})
    delivered = {"delivered_at": start + timedelta(minutes=15)}
    theft = [
        an_event(**who, **delivered, action=action, event_time=start + timedelta(minutes=2 * n))
        for n, action in enumerate(THEFT)
    ]
    return rows + (numbered(theft, "theft") if thief else [])


@pytest.mark.parametrize(("own", "thief"), WAYS.values(), ids=WAYS)
def test_the_alert_says_that_the_credential_left_its_host_and_counts_the_thiefs_calls(
    own: dict[str, Any], thief: dict[str, Any]
) -> None:
    alerts = walk_through(a_world(own, thief))[-1].alerts
    last = [alert for alert in alerts if alert.principal_name == VICTIM][-1]
    assert last.raised
    assert "away from its host" in last.title
    [reason] = [reason for reason in last.reasons if reason.value == "off_host"]
    assert reason.text.endswith(f"now {len(THEFT)} calls")
    assert {event for event in last.event_ids if event.startswith("theft")} == {f"theft-{n:06d}" for n in range(5)}
    places = [reason for reason in last.reasons if reason.dimension in ("prefix", "asn", "country")]
    assert places, "where it was used is unusual besides"
    assert all(reason.text.endswith(f"now {len(THEFT)} calls") for reason in places)


@pytest.mark.parametrize("own", [{}, OWN_ENDPOINT], ids=["public", "endpoint"])
def test_a_workload_at_home_is_no_theft(own: dict[str, Any]) -> None:
    days = walk_through(a_world(own, None))
    assert not any(reason.value == "off_host" for day in days for alert in day.alerts for reason in alert.reasons)
