"""An alert of a decision: who, when, why and which events, and all of it holds together."""

from collections import Counter
from datetime import timedelta

import pandas as pd
import pytest

from models.explain import Reason
from pipeline.alerts.document import make_id
from pipeline.alerts.evidence import MOST_EVENTS, contributing, matching, weigh
from pipeline.stores.alert import VERSION
from tests.walks import walk_through
from tests.worlds import START, a_company, a_theft, an_event, as_person, as_role, numbered


def a_reason(dimension, value, nats=3.0, feature="surprise", text="first call"):
    return Reason(feature, dimension, value, 0.0, 1.0, nats, text, int(START.timestamp()) // 3600)


def frame(*rows):
    return pd.DataFrame(numbered([an_event(**as_person("ann"), event_time=START, **row) for row in rows]))


def test_an_alerts_id_is_that_of_its_principals_day():
    assert make_id("prod", "idc/ann", 1) == make_id("prod", "idc/ann", 1)
    assert len({make_id("prod", "idc/ann", 1), make_id("prod", "idc/ann", 2), make_id("dev", "idc/ann", 1)}) == 3


@pytest.mark.parametrize(
    ("dimension", "value", "row"),
    [
        ("write", "iam:CreateUser", {"action": "iam:CreateUser", "write": True}),
        ("denied", "s3:GetObject", {"action": "s3:GetObject", "error": "denied"}),
        ("asn", "64500", {"action": "s3:ListBuckets"}),
        ("resource:bucket", "pay", {"action": "s3:GetObject", "resources": ["bucket:pay"]}),
        ("exposure", "cidr:0.0.0.0/0", {"action": "ec2:A", "exposures": ["cidr:0.0.0.0/0"]}),
        ("fact", "root", {"action": "iam:ListUsers", "facts": ["root"]}),
        ("fact", "logging_off:cloudtrail", {"action": "cloudtrail:StopLogging", "facts": ["logging_off"]}),
        ("fact", "logging_off:cloudtrail:StopLogging", {"action": "cloudtrail:StopLogging", "facts": ["logging_off"]}),
        ("fact", "logging_off", {"action": "cloudtrail:StopLogging", "facts": ["logging_off"]}),
        ("data_reads", "data_reads", {"action": "s3:GetObject"}),
        ("denied", "denied", {"action": "s3:PutObject", "error": "denied"}),
        ("buckets", "buckets", {"action": "s3:GetObject", "resources": ["bucket:web"]}),
    ],
)
def test_a_reason_finds_its_events_and_no_others(dimension, value, row):
    other = {"action": "sts:GetCallerIdentity"} if dimension != "asn" else {"action": "x:Y", "asn": 1}
    columns = as_person("ann") | {"event_time": START}
    events = pd.DataFrame(numbered([an_event(**(columns | row)), an_event(**(columns | other))]))
    feature = "own_past" if dimension == value else "surprise"
    assert matching(events, a_reason(dimension, value, feature=feature)).tolist() == [True, False]


def test_a_safeguard_that_was_switched_off_is_its_calls_own():
    fact = {"facts": ["logging_off"], **as_person("ann"), "event_time": START}
    calls = ("cloudtrail:Stop", "cloudtrail:StopLater", "monitoring:Stop")
    events = pd.DataFrame(numbered([an_event(action=call, **fact) for call in calls]))
    assert matching(events, a_reason("fact", "logging_off:cloudtrail:Stop")).tolist() == [True, False, False]
    assert matching(events, a_reason("fact", "logging_off:cloudtrail")).tolist() == [True, True, False], "of before"
    assert matching(events, a_reason("fact", "logging_off")).tolist() == [True, True, True], "of long before"


def test_a_count_of_what_was_touched_leaves_out_what_a_call_made():
    instance = {"resources": ["instance:i-1"], "event_time": START}
    rows = [an_event(**as_person("ann"), **instance), an_event(**as_person("ann"), **instance, made=["instance:i-1"])]
    reason = a_reason("instances", "instances", feature="own_past")
    assert matching(pd.DataFrame(numbered(rows)), reason).tolist() == [True, False]


def test_a_bulk_of_one_kind_does_not_hide_the_single_call_of_another():
    events = frame(*[{"action": "s3:GetObject"}] * 300, {"action": "iam:CreateUser", "write": True})
    masks = [
        matching(events, r) for r in (a_reason("read", "s3:GetObject", 9.0), a_reason("write", "iam:CreateUser", 1.0))
    ]
    ids, odd = contributing(events, masks, weigh(events, masks, [9.0, 1.0]))
    assert len(ids) == MOST_EVENTS
    assert "event-000300" in ids
    assert odd.sum() == 301


def test_however_many_bulks_there_are_the_last_reason_has_its_event() -> None:
    bulks = [{"action": f"s3:Get{bulk}"} for bulk in range(11) for _ in range(50)]
    events = frame(*bulks, {"action": "iam:CreateUser", "write": True})
    reasons = [a_reason("read", f"s3:Get{bulk}") for bulk in range(11)] + [a_reason("write", "iam:CreateUser")]
    masks = [matching(events, reason) for reason in reasons]
    ids, _ = contributing(events, masks, weigh(events, masks, [9.0] * 11 + [0.1]))
    assert "event-000550" in ids
    assert len(ids) == MOST_EVENTS


def test_of_the_events_of_one_reason_those_come_first_that_show_others_as_well():
    events = frame(*[{"action": "s3:GetObject"}] * 200, {"action": "iam:CreateUser", "write": True})
    masks = [matching(events, r) for r in (a_reason("prefix", "198.51.100.0/24"), a_reason("write", "iam:CreateUser"))]
    ids, _ = contributing(events, masks, weigh(events, masks, [9.0, 3.0]))
    assert ids[0] == "event-000200"


def test_events_through_a_service_are_apart():
    events = frame({"action": "s3:GetObject"})
    events["agent"] = "service:athena"
    assert not matching(events, a_reason("read", "s3:GetObject")).any()
    assert matching(events, a_reason("read_by_service", "s3:GetObject")).all()


THEFT_DAY = 9
COMPANY = {"days": 10, "people": 3, "roles": 2}


def alerts_of(*rows, **options):
    """Alerts of the last day of a small company in which something else happens."""
    return walk_through([*a_company(**COMPANY), *rows], **options)[-1].alerts


@pytest.fixture(scope="module")
def theft():
    """The last revision of a theft's alert, and the theft's events that were delivered by then."""
    rows = a_theft(THEFT_DAY, victim=as_person("person1"))
    *_, last = [alert for alert in alerts_of(*rows) if alert.principal_name == "person1"]
    return last, [row for row in rows if row["delivered_at"] <= last.detected_at]


def test_an_alert_says_who(theft):
    alert, rows = theft
    assert (alert.principal_key, alert.principal_name, alert.principal_kind) == ("idc/person1", "person1", "human")
    assert alert.identities == (rows[0]["identity_arn"],)
    assert alert.principal == f"{rows[0]['identity_arn']} person1"
    assert (alert.account, alert.accounts) == ("111111111111", ("111111111111",))


def test_an_alert_says_when(theft):
    alert, rows = theft
    first, last = rows[0]["event_time"], rows[-1]["delivered_at"]
    assert alert.day == first.date()
    assert alert.window_start <= first < alert.window_end == first + timedelta(hours=1)
    assert last <= alert.detected_at < last + timedelta(minutes=5)


def test_an_alert_says_why(theft):
    alert, rows = theft
    assert alert.evidence == pytest.approx(sum(reason.nats for reason in alert.reasons) + alert.other)
    assert [reason.nats for reason in alert.reasons] == sorted((r.nats for r in alert.reasons), reverse=True)
    assert {"iam:CreateUser", "KP", "192.0.2.0/24"} <= {reason.value for reason in alert.reasons}
    [country] = [reason for reason in alert.reasons if reason.dimension == "country"]
    assert country.text.endswith(f"; now {len(rows)} calls")
    assert alert.severity == "critical"
    assert alert.other >= 0
    assert min(reason.nats for reason in alert.reasons) > 0
    assert alert.title.startswith("person1 called iam:CreateUser and")
    assert "Persistence" in alert.tactics
    assert alert.techniques


def test_an_alert_names_the_events_behind_it_and_what_carries_them(theft):
    alert, rows = theft
    assert len(rows) > 2
    assert {row["event_id"] for row in rows} <= set(alert.event_ids)
    assert alert.event_count == len(alert.event_ids)
    carried = {influencer.field: influencer for influencer in alert.influencers}
    assert carried["source.address"].values == ("192.0.2.66",)
    assert carried["source.address"].share > 0.9


def test_a_role_is_named_by_its_arn_alone():
    stolen = a_theft(THEFT_DAY, victim=as_role("service1-prod-role"))
    alert = next(alert for alert in alerts_of(*stolen) if alert.principal_kind == "workload")
    assert alert.principal == "arn:aws:iam::111111111111:role/service1-prod-role"
    assert alert.title.startswith("service1-prod-role called")


def test_of_several_accounts_the_one_with_most_of_the_events_comes_first():
    rows = a_theft(THEFT_DAY, victim=as_person("person1"))
    for row in rows[1:]:
        row["account"] = "222222222222"
    *_, alert = [alert for alert in alerts_of(*rows) if alert.principal_name == "person1"]
    assert alert.account == "222222222222"
    assert alert.accounts == ("222222222222", "111111111111")


def test_revisions_of_a_day_are_one_alert_each_saying_more(theft):
    last, _ = theft
    rows = a_theft(THEFT_DAY, victim=as_person("person1"))
    revisions = [alert for alert in alerts_of(*rows) if alert.alert_id == last.alert_id]
    assert [alert.revision for alert in revisions] == list(range(1, len(revisions) + 1))
    assert len(revisions) > 1
    assert sorted(alert.detected_at for alert in revisions) == [alert.detected_at for alert in revisions]
    assert revisions[0].event_count < revisions[-1].event_count


def test_an_event_that_was_delivered_later_is_in_no_earlier_revision():
    rows = a_theft(THEFT_DAY, victim=as_person("person1"))
    delivered = {row["event_id"]: row["delivered_at"] for row in [*a_company(**COMPANY), *rows]}
    alerts = alerts_of(*rows)
    assert len({alert.detected_at for alert in alerts}) > 1
    for alert in alerts:
        assert all(delivered[event_id] <= alert.detected_at for event_id in alert.event_ids)


def test_a_change_that_many_share_names_the_others():
    moment = START + timedelta(days=THEFT_DAY, hours=10)
    together = [
        an_event(**as_person(f"person{n}"), action="iam:CreateUser", write=True, level="write", event_time=moment)
        for n in range(3)
    ]
    alerts = alerts_of(*numbered(together, "together"))
    last = {alert.principal_name: alert for alert in alerts if "together" in str(alert.event_ids)}
    sharing = Counter(name for alert in last.values() for name in alert.members)
    assert last
    assert set(sharing) | set(last) == {"person0", "person1", "person2"}


def test_the_day_and_its_hours_are_those_of_the_deployments_zone():
    rows = a_theft(THEFT_DAY, victim=as_person("person1"), hour=14)  # 23 o'clock in Seoul
    late = a_theft(THEFT_DAY, victim=as_person("person2"), hour=16)  # one o'clock of the day after
    made = walk_through([*a_company(**COMPANY), *rows, *numbered(late, "late")], timezone="Asia/Seoul")
    days = {alert.principal_name: alert.day for of_day in made for alert in of_day.alerts if alert.raised}
    assert days["person2"] - days["person1"] == timedelta(days=1)
    assert days["person1"] == (START + timedelta(days=THEFT_DAY)).date()


def test_an_alert_says_with_what_and_what_harm(theft):
    alert, rows = theft
    [session] = alert.sessions
    assert (session.addresses, session.calls) == (("192.0.2.66",), len(rows))
    assert session.identity == rows[0]["identity_arn"]
    assert [harm.kind for harm in alert.harms] == ["persistence"]
    assert "iam:CreateUser" in alert.harms[0].actions
    assert not any(harm.tried for harm in alert.harms)
    assert alert.held_because is None


def test_an_alert_is_written_in_the_version_of_now(theft):
    assert theft[0].version == VERSION


def test_no_alert_has_evidence_below_zero():
    alerts = alerts_of(*a_theft(THEFT_DAY, victim=as_person("person1")))
    assert alerts
    for alert in alerts:
        assert alert.evidence > 0
        assert alert.other >= -1e-9
        assert (alert.held_because is None) == alert.raised


def test_who_opened_a_session_is_told_once_it_was_delivered():
    rows = a_theft(THEFT_DAY, victim=as_role("service1-prod-role"))
    started = rows[0]["event_time"] - timedelta(minutes=1)
    for row in rows:
        row |= {"session": f"ASIASTOLEN/{started:%Y-%m-%dT%H:%M:%SZ}", "session_start": started, "session_name": "x1"}
    opening = an_event(
        **as_person("person0"), action="sts:AssumeRole", event_time=started, issued_key="ASIASTOLEN", session="AKIAANN",
        event_id="opening", delivered_at=started + timedelta(minutes=5),
    )  # fmt: skip
    alert = [alert for alert in alerts_of(*rows, opening) if alert.principal_kind == "workload"][-1]
    [session] = [session for session in alert.sessions if session.access_key]  # others are of the same busy hour
    assert (session.access_key, session.session_name, session.started) == ("ASIASTOLEN", "x1", started)
    [opener] = session.opened_by
    assert (opener.principal_name, opener.access_key, opener.event_id) == ("person0", "AKIAANN", "opening")
    opening["delivered_at"] = started + timedelta(hours=9)
    late = [alert for alert in alerts_of(*rows, opening) if alert.principal_kind == "workload"][-1]
    assert [session.opened_by for session in late.sessions if session.access_key] == [()]


def test_an_alert_keeps_what_happened(theft):
    alert, rows = theft
    opening, *calls = alert.story
    assert opening.opens
    assert "from 192.0.2.66" in opening.text
    assert [line.text.partition(",")[0] for line in calls] == [row["action"] for row in rows]
    assert sum(line.calls for line in calls) == alert.event_count
