import pandas as pd
import pytest

from models.explain import Reason
from pipeline.alerts.document import alert_id, severity, title
from pipeline.alerts.evidence import MOST_EVENTS, contributing, matching
from tests.worlds import START, an_event, as_person, numbered


def a_reason(dimension, value, nats=3.0, feature="surprise", text="first call"):
    return Reason(feature, dimension, value, 0.0, 1.0, nats, text, int(START.timestamp()) // 3600)


def frame(*rows):
    return pd.DataFrame(numbered([an_event(**as_person("ann"), event_time=START, **row) for row in rows]))


@pytest.mark.parametrize(
    ("score", "name"), [(0, "low"), (3, "warning"), (25, "minor"), (50, "major"), (75, "critical"), (99.9, "critical")]
)
def test_severity_bands_are_those_of_the_native_jobs(score, name):
    assert severity(score) == name


def test_an_alerts_id_is_that_of_its_principals_day():
    assert alert_id("prod", "idc/ann", 1) == alert_id("prod", "idc/ann", 1)
    assert len({alert_id("prod", "idc/ann", 1), alert_id("prod", "idc/ann", 2), alert_id("dev", "idc/ann", 1)}) == 3


def test_a_title_says_who_did_what_and_from_where():
    told = [a_reason("write", "iam:CreateUser"), a_reason("read", "iam:ListUsers"), a_reason("country", "KP")]
    assert title("ann", told) == "ann called iam:CreateUser and 1 more unusual call, from a country unusual for it"


@pytest.mark.parametrize(
    ("dimension", "value", "row"),
    [
        ("write", "iam:CreateUser", {"action": "iam:CreateUser", "write": True}),
        ("denied", "s3:GetObject", {"action": "s3:GetObject", "error": "denied"}),
        ("asn", "64500", {"action": "s3:ListBuckets"}),
        ("resource:bucket", "pay", {"action": "s3:GetObject", "resources": ["bucket:pay"]}),
        ("exposure", "cidr:0.0.0.0/0", {"action": "ec2:A", "exposures": ["cidr:0.0.0.0/0"]}),
        ("fact", "root", {"action": "iam:ListUsers", "facts": ["root"]}),
        ("data_reads", "data_reads", {"action": "s3:GetObject"}),
        ("buckets", "buckets", {"action": "s3:GetObject", "resources": ["bucket:web"]}),
    ],
)
def test_a_reason_finds_its_events_and_no_others(dimension, value, row):
    other = {"action": "sts:GetCallerIdentity"} if dimension != "asn" else {"action": "x:Y", "asn": 1}
    columns = as_person("ann") | {"event_time": START}
    events = pd.DataFrame(numbered([an_event(**(columns | row)), an_event(**(columns | other))]))
    assert matching(events, a_reason(dimension, value)).tolist() == [True, False]


def test_a_bulk_of_one_kind_does_not_hide_the_single_call_of_another():
    events = frame(*[{"action": "s3:GetObject"}] * 300, {"action": "iam:CreateUser", "write": True})
    masks = [
        matching(events, r) for r in (a_reason("read", "s3:GetObject", 9.0), a_reason("write", "iam:CreateUser", 1.0))
    ]
    ids, odd = contributing(events, masks)
    assert len(ids) == MOST_EVENTS
    assert "event-000300" in ids
    assert odd.sum() == 301


def test_events_through_a_service_are_apart():
    events = frame({"action": "s3:GetObject"})
    events["agent"] = "service:athena"
    assert not matching(events, a_reason("read", "s3:GetObject")).any()
    assert matching(events, a_reason("read_by_service", "s3:GetObject")).all()
