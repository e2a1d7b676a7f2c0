"""Our alerts held against native results: by day and principal, whatever the windows, however they name people."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline.publish.compare import compare, count_verdicts, describe, find_days
from pipeline.publish.native import NativeResult
from pipeline.publish.whom import Whom
from tests.builders import an_alert

DAY, UTC_ZONE = date(2026, 3, 2), ZoneInfo("UTC")
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def native(start=NINE, minutes=10, **fields):
    pairs = tuple((name.replace("__", "."), value) for name, value in fields.items()) or (("user.name", "deploy"),)
    return NativeResult("job", start, start + timedelta(minutes=minutes), 80.0, pairs, ())


def run(alerts, results, zone=UTC_ZONE, more=()):
    whom = Whom()
    for alert in alerts:
        whom.add_alert(alert)
    for key, values, account in more:
        whom.add(key, values, account, values[0])
    return {(row.day, row.principal or row.name): row for row in compare(alerts, results, whom, zone)}


KEY = "role/111122223333/AROAEXAMPLEDEPLOY"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("user.name", "deploy"), ("user.name.keyword", "deploy"), ("user.id", "AROAEXAMPLEDEPLOY:run"),
        ("user.entity.id", "arn:aws:iam::111122223333:role/deploy"), ("user.id", KEY),
        ("aws.cloudtrail.user_identity.arn", "arn:aws:sts::111122223333:assumed-role/deploy/run"),
        ("userIdentity.arn", "arn:aws:sts::111122223333:assumed-role/deploy/other"),
        ("userIdentity.userName", "deploy"),
        ("userIdentity.principalId", "AROAEXAMPLEDEPLOY:run"), ("oddtrail.principal", KEY),
    ],
)  # fmt: skip
def test_whoever_is_named_in_whatever_field_is_found(name, value):
    [row] = run([an_alert()], [NativeResult("job", NINE, NINE + timedelta(hours=1), 80, ((name, value),), ())]).values()
    assert (row.verdict, row.principal, row.overlap) == ("both", KEY, True)


@pytest.mark.parametrize(
    ("start", "minutes", "verdicts"),
    [
        (NINE, 10, {"both": 1, "ours": 0, "native": 0}),
        (NINE + timedelta(hours=9), 10, {"both": 1, "ours": 0, "native": 0}),  # another hour of the day
        (datetime(2026, 3, 1, 23, 59, 59, 524000, tzinfo=UTC), 10, {"both": 1, "ours": 0, "native": 0}),
        (datetime(2026, 3, 2, 23, 59, 59, 999000, tzinfo=UTC), 60, {"both": 1, "ours": 0, "native": 0}),
        (datetime(2026, 3, 3, tzinfo=UTC), 10, {"both": 0, "ours": 1, "native": 1}),
        (datetime(2026, 3, 1, 23, 50, tzinfo=UTC), 10, {"both": 0, "ours": 1, "native": 1}),  # its end is not its own
    ],
)
def test_windows_are_compared_by_overlap_with_the_day(start, minutes, verdicts):
    assert count_verdicts(run([an_alert()], [native(start, minutes)]).values()) == verdicts


def test_days_are_the_deployments():
    late = native(datetime(2026, 3, 2, 16, tzinfo=UTC))
    assert find_days(late, ZoneInfo("Asia/Seoul")) == [date(2026, 3, 3)]
    assert find_days(native(NINE, 0), UTC_ZONE) == [DAY]
    assert find_days(native(NINE, 3 * 24 * 60), UTC_ZONE) == [date(2026, 3, 3), date(2026, 3, 4), DAY, date(2026, 3, 5)]


def test_each_side_alone_is_told():
    rows = run([an_alert()], [native(user__name="ann")], more=[("user/1/ann", ["ann"], "1")])
    assert {key: row.verdict for key, row in rows.items()} == {(DAY, KEY): "ours", (DAY, "user/1/ann"): "native"}
    assert rows[DAY, KEY].our_calls == ["iam:CreateAccessKey"]


def test_what_names_nobody_is_told_by_what_it_names():
    rows = run(
        [an_alert()], [native(source__geo__city_name="Berlin", event__action="X"), native(user__name="stranger")]
    )
    assert [row.name for row in rows.values() if not row.principal] == [
        "source.geo.city_name=Berlin, event.action=X", "user.name=stranger",
    ]  # fmt: skip


def test_one_name_in_two_accounts_is_told_apart_by_the_account_or_by_the_alert():
    more = [("role/2/B", ["deploy"], "2")]
    [row] = run(
        [], [native(user__name="deploy", cloud__account__id="2")], more=[*more, (KEY, ["deploy"], "1")]
    ).values()
    assert row.principal == "role/2/B"
    assert run([an_alert()], [native()], more=more)[DAY, KEY].verdict == "both"
    [unclear] = run([], [native()], more=[*more, (KEY, ["deploy"], "1")]).values()
    assert (unclear.principal, unclear.name) == ("", "user.name=deploy (2 principals)")


def test_a_row_as_json_has_both_sides():
    [row] = run([an_alert()], [native()]).values()
    told = describe(row)
    assert (told["found_by"], told["windows_overlap"], told["day"]) == ("both", True, DAY)
    assert told["alerts"][0]["event_ids"] == ["event-1"]
    assert told["native"][0]["fields"] == [{"name": "user.name", "value": "deploy"}]
