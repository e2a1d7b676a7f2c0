"""What can be said of an alert, and what becomes of it as a mark."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipeline.feedback.choose import Asked, MarkError, choose, find_named, make_mark, undo_mark
from pipeline.stores.alert import AlertReason
from pipeline.stores.jsonl.marks import Value
from tests.builders import an_alert

UTC_ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
"""Two days after the day of the alert."""


def a_reason(dimension: str, value: str, nats: float = 2.0, feature: str = "surprise") -> AlertReason:
    return AlertReason(
        feature=feature, dimension=dimension, value=value, typical=0.0, actual=1.0, nats=nats, text="first"
    )


ALERT = an_alert(
    day=date(2026, 3, 2),
    principal_key="idc/bob",
    reasons=(
        a_reason("country", "KR", 1.0),
        a_reason("write", "iam:CreateUser", 5.0),
        a_reason("resource:bucket", "backups", 3.0),
        a_reason("agent", "boto3", 2.0),
        a_reason("denied", "iam:CreateUser", 4.0),
        a_reason("fact", "no_mfa", 4.0, "facts"),
        a_reason("exposure", "policy:AdministratorAccess", 4.0, "exposure"),
        a_reason("calls", "calls", 4.0, "own_past"),
    ),
)


def mark(now: datetime = NOW, zone: ZoneInfo = UTC_ZONE, **asked: Any):
    return make_mark(ALERT, Asked(**{"verdict": "expected", "by": "ana"} | asked), "0123456789ab", now, zone)


def test_calls_places_tools_and_resources_can_be_expected_and_nothing_else() -> None:
    assert [one.key for one in find_named(ALERT)] == [
        "call=iam:CreateUser", "resource=backups", "tool=boto3", "place=KR",
    ]  # fmt: skip


def test_a_kind_or_a_value_is_chosen_and_all_where_none_is_named() -> None:
    assert choose(ALERT, ["place", "tool=boto3", "place=KR"]) == (Value("country", "KR"), Value("agent", "boto3"))
    assert len(choose(ALERT, [])) == 4


@pytest.mark.parametrize("wanted", ["place=KP", "call=iam:DeleteUser", "fact", "denied=iam:CreateUser", "", "=KR"])
def test_what_the_alert_does_not_name_cannot_be_expected(wanted: str) -> None:
    with pytest.raises(MarkError, match=r"names no .* that can be expected; there are call=iam:CreateUser"):
        choose(ALERT, [wanted])


def test_an_alert_of_nothing_that_can_be_expected_says_so() -> None:
    with pytest.raises(MarkError, match="nothing of this alert can be expected"):
        choose(an_alert(reasons=ALERT.reasons[4:]), [])


def test_expected_holds_for_ninety_days_from_tomorrow_on_in_the_deployments_zone() -> None:
    assert mark().until == date(2026, 3, 4) + timedelta(days=91)
    assert mark(zone=ZoneInfo("Asia/Seoul"), days=1).until == date(2026, 3, 7), "of the sixth it holds"


def test_malicious_keeps_the_days_from_the_alert_to_now_out_of_learning() -> None:
    assert mark(verdict="malicious").days == (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4))
    assert mark(NOW + timedelta(days=300), verdict="malicious").days[-1] == date(2026, 3, 15), "two weeks at most"
    assert mark(verdict="malicious", days=1).days == (date(2026, 3, 2),)
    assert mark(NOW - timedelta(days=4), verdict="malicious").days == (date(2026, 3, 2),), "whatever the clock says"


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"days": 0}, "give 1 to 730"),
        ({"days": 731}, "give 1 to 730"),
        ({"verdict": "malicious", "days": 93}, "give 1 to 92"),
        ({"verdict": "malicious", "wanted": ("call",)}, "is about the principal"),
        ({"verdict": "unsure", "scope": "group"}, "is about the principal"),
        ({"verdict": "unsure", "days": 3}, "takes no days"),
        ({"note": "x" * 2001}, "2,001 characters"),
        ({"by": "  "}, "who marks it"),
    ],
)
def test_what_cannot_be_said_is_refused(asked: dict[str, Any], why: str) -> None:
    with pytest.raises(MarkError, match=why):
        mark(**asked)


def test_a_mark_is_taken_back_once() -> None:
    first = mark()
    gone = undo_mark(first, [first], "ffffffffffff", "bob", "it was stolen after all", NOW)
    assert (gone.undoes, gone.undone, gone.by) == (first.id, 4, "bob")
    assert [entry.undoes for entry in gone.entries()] == [entry.id for entry in first.entries()]
    for again in (first, gone):
        with pytest.raises(MarkError, match="counts no more already"):
            undo_mark(again, [first, gone], "eeeeeeeeeeee", "bob", "", NOW)
