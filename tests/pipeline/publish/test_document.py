"""The published document: equal values in our fields, both native projections and ECS; bounded, inert, of one shape."""

import json
import math
from datetime import UTC, datetime

import pytest

from pipeline.documents.alert_fields import ALERT_FIELDS, OURS
from pipeline.publish.document import make_document, write_query
from pipeline.publish.setting import Setting
from tests.builders import a_count, a_reason, an_alert

OPENSEARCH, ELASTIC = Setting("opensearch", detector_id="det1"), Setting("elasticsearch")
START = round(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp() * 1000)


def at(document, path):
    """Values at a path, of whatever lists it leads through."""
    found = [document]
    for part in path.split("."):
        inner = [each for one in found for each in (one if isinstance(one, list) else [one])]
        found = [each[part] for each in inner if isinstance(each, dict) and part in each]
    return found[0] if len(found) == 1 else found


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("alert_id", "a1"), ("revision", 1), ("day", "2026-03-02"), ("raised", True), ("record_score", 91.4),
        ("window_start", "2026-03-02T09:00:00Z"), ("oddtrail.model_id", "20513-0123456789abcdef"),
        ("oddtrail.influencers.field", "source.address"), ("oddtrail.related", []),
        ("oddtrail.events.index", ["cloudtrail-2026.03.02"]), ("oddtrail.deployment", "default"),
        ("job_id", "oddtrail"), ("result_type", "record"), ("timestamp", START), ("bucket_span", 3600),
        ("detector_index", 0), ("is_interim", False), ("initial_record_score", 91.4), ("function", "rare"),
        ("function_description", "rare"), ("over_field_name", "user.name"), ("over_field_value", "deploy"),
        ("partition_field_name", "cloud.account.id"), ("partition_field_value", "111122223333"),
        ("typical", [0.0]), ("actual", [1.0]), ("influencers.influencer_field_name", "source.address"),
        ("influencers.influencer_field_values", ["198.51.100.7"]), ("causes.function", ["rare", "high_count"]),
        ("causes.by_field_name", "event.action"), ("causes.by_field_value", "iam:CreateAccessKey"),
        ("causes.typical", [[0.0], [1.4]]), ("causes.actual", [[1.0], [25.0]]),
        ("causes.over_field_value", ["deploy", "deploy"]),
        ("data_start_time", START), ("data_end_time", START + 3_600_000), ("schema_version", 7),
        ("execution_end_time", START + 3_600_000), ("anomaly_grade", 0.914), ("threshold", 4.0),
        ("entity.name", ["user.name", "cloud.account.id"]), ("entity.value", ["deploy", "111122223333"]),
        ("feature_data.feature_id", ["surprise", "own_past"]), ("feature_data.data", [8.25, 1.0]),
        ("expected_values.value_list.data", [0.0, 0.0]),
        ("ecs.version", "8.11.0"), ("event.kind", "alert"), ("event.action", ["iam:CreateAccessKey"]),
        ("event.severity", 99), ("event.start", "2026-03-02T09:00:00Z"), ("user.name", "deploy"),
        ("user.id", "role/111122223333/AROAEXAMPLEDEPLOY"), ("source.ip", ["198.51.100.7"]),
        ("source.address", ["198.51.100.7"]), ("cloud.provider", "aws"), ("cloud.account.id", ["111122223333"]),
        ("threat.tactic.name", ["Persistence"]), ("threat.tactic.id", ["TA0003"]), ("threat.technique.id", ["T1098"]),
        ("related.user", ["deploy", "arn:aws:iam::111122223333:role/deploy"]), ("related.ip", ["198.51.100.7"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("setting", [OPENSEARCH, ELASTIC], ids=lambda setting: setting.product)
def test_each_part_says_the_same_of_an_alert(setting, path, value):
    assert at(make_document(an_alert(), setting), path) == value


def test_what_depends_on_the_engine():
    ours, theirs = make_document(an_alert(), OPENSEARCH), make_document(an_alert(), ELASTIC)
    assert ours["anomaly_score"] == 9.5
    assert "anomaly_score" not in theirs  # 0 to 100, and of buckets, to Elastic
    assert ours["detector_id"] == "det1"
    assert ours["model_id"].startswith("det1_entity_")
    assert not [name for name in ours if "." in name]
    assert {name: value for name, value in theirs.items() if "." in name} == {
        "user.name": ["deploy"], "cloud.account.id": ["111122223333"], "event.action": [],
        "source.address": ["198.51.100.7"], "cloud.region": [], "user_agent.name": [],
    }  # fmt: skip
    assert "@timestamp" not in ours | theirs


def test_our_own_fields_are_all_there_with_the_values_they_have():
    alert = an_alert()
    document = make_document(alert, ELASTIC)
    for name, value in json.loads(json.dumps(alert.as_dict())).items():
        path = f"oddtrail.{name}" if name in ("model_id", "related", "influencers") else name
        holder = document["oddtrail"] if path.startswith("oddtrail.") else document
        assert holder[name] == value, path


SESSION = {
    "access_key": "ASIAEXAMPLE", "session_name": "build-1", "identity": "arn:aws:iam::111122223333:role/ci",
    "account": "111122223333", "started": None, "mfa": None, "agents": ["aws-cli/2"],
    "addresses": ["vpce-1", "10.0.0.9"],
    "calls": 3, "issued_keys": [],
    "opened_by": [{
        "principal_name": "ann", "principal_kind": "human", "identity": "arn:aws:iam::111122223333:user/ann",
        "access_key": "", "session_name": "", "action": "sts:AssumeRole", "time": "2026-03-02T08:00:00Z",
        "address": "2001:db8::1", "agent": "", "event_id": "e0",
    }],
}  # fmt: skip
HARM = {"kind": "persistence", "tried": False, "calls": 1, "actions": ["iam:CreateUser"], "regions": ["eu-west-1"]}
LINE = {"time": "2026-03-02T09:00:00Z", "text": "iam:CreateUser", "calls": 1}


SCORES = {"incident": 97.0, "forest": 93.0, "population": 88.0, "pyod": 60.0}
MEASURE = {"model": "forest", "measure": "calls", "typical": 3.0, "actual": 800.0, "share": 0.9, "text": "800 calls",
           "hour": "2026-03-02T09:00:00Z"}  # fmt: skip


def full(**named):
    """An alert with everything in it."""
    import msgspec

    from pipeline.stores.alert import Alert

    plain = an_alert(**named).as_dict() | {"sessions": [SESSION], "harms": [HARM], "story": [LINE], "related": ["b2"]}
    plain |= {"scores": SCORES, "measures": [MEASURE]}
    return msgspec.convert(plain, Alert)


def test_who_takes_part_is_found_wherever_it_is_told():
    document = make_document(full(), ELASTIC)
    assert document["source"] == {
        "address": ["198.51.100.7", "vpce-1", "10.0.0.9"],
        "ip": ["198.51.100.7", "10.0.0.9"],
    }
    assert document["related"]["ip"] == ["198.51.100.7", "10.0.0.9", "2001:db8::1"]
    assert {"ann", "arn:aws:iam::111122223333:user/ann"} <= set(document["related"]["user"])
    assert document["event"]["action"] == ["iam:CreateAccessKey", "iam:CreateUser"]
    assert document["cloud"]["region"] == ["eu-west-1"]
    assert document["user_agent"]["original"] == ["aws-cli/2"]


def leaves(value, above=""):
    for name, inner in value.items():
        path = above + name
        if isinstance(inner, dict):
            yield from leaves(inner, f"{path}.")
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            for each in inner:
                yield from leaves(each, f"{path}.")
        else:
            yield path


@pytest.mark.parametrize("setting", [OPENSEARCH, ELASTIC], ids=lambda setting: setting.product)
def test_every_part_of_a_document_has_a_field(setting):
    known = {field.name for field in ALERT_FIELDS}
    written = set(leaves(make_document(full(), setting)))
    assert written <= known
    assert {field.name for field in OURS} <= written | {"oddtrail.influencers.field"}


@pytest.mark.parametrize("setting", [OPENSEARCH, ELASTIC], ids=lambda setting: setting.product)
def test_a_document_has_one_shape_so_that_a_revision_leaves_nothing_behind(setting):
    def shape(value):
        return {name: shape(inner) for name, inner in value.items()} if isinstance(value, dict) else None

    empty = an_alert(reasons=[], influencers=[], tactics=[], techniques=[], event_ids=[], scores=SCORES)
    assert shape(make_document(empty, setting)) == shape(make_document(full(), setting))


def test_attribution_adds_up_to_one_and_names_each_feature():
    reasons = [a_reason(nats=1 / 3), a_reason(nats=0.1, feature="facts"), a_count(nats=0.7), a_count(nats=0.05)]
    document = make_document(an_alert(reasons=reasons), OPENSEARCH)
    shares = document["relevant_attribution"]
    assert math.isclose(sum(each["data"] for each in shares), 1, abs_tol=1e-12)
    assert [each["feature_id"] for each in shares] == [each["feature_id"] for each in document["feature_data"]]
    none = make_document(an_alert(reasons=[]), OPENSEARCH)
    assert [each["data"] for each in none["relevant_attribution"]] == [1.0]


@pytest.mark.parametrize(
    ("named", "path", "value"),
    [
        ({"reasons": [a_count(dimension="buckets")]}, "function", "high_distinct_count"),
        ({"reasons": [a_count(dimension="buckets")]}, "causes.field_name", "buckets"),
        ({"reasons": [a_count()]}, "detector_index", 3),
        ({"reasons": [a_reason(dimension="country")]}, "causes.by_field_name", "source.geo.country_iso_code"),
        ({"reasons": [a_reason(dimension="resource:bucket")]}, "causes.by_field_name", "oddtrail.resources"),
        ({"reasons": [a_reason(dimension="of tomorrow")]}, "causes.by_field_name", "oddtrail.of tomorrow"),
        ({"reasons": [a_reason(value="cidr:0.0.0.0/0")]}, "event.action", []),
        ({"severity": "major", "version": 1}, "event.severity", 73),
        ({"techniques": ["T1098.001", "T1098"]}, "threat.technique.id", ["T1098"]),
        ({"techniques": ["T1098.001", "T1098"]}, "threat.technique.subtechnique.id", ["T1098.001"]),
        ({"window_end": "2026-03-02T09:00:00Z"}, "bucket_span", 1),
        (
            {"window_end": "2026-03-03T01:00:00Z"}, "oddtrail.events.index",
            ["cloudtrail-2026.03.02", "cloudtrail-2026.03.03"],
        ),
        ({"window_end": "2026-03-03T00:00:00Z"}, "oddtrail.events.index", ["cloudtrail-2026.03.02"]),
        ({"evidence": float("inf")}, "anomaly_score", None),
    ],
)  # fmt: skip
def test_what_an_alert_says_decides(named, path, value):
    assert at(make_document(an_alert(**named), OPENSEARCH), path) == value


def test_the_first_revisions_score_stays_beside_the_last_ones():
    document = make_document(an_alert(revision=3), ELASTIC, initial_score=70.0)
    assert (document["initial_record_score"], document["record_score"]) == (70.0, 91.4)


def test_hostile_texts_are_inert_where_they_are_shown_and_exact_where_they_are_compared():
    evil = "x\x1b]0;owned\x07\u202egnp\ud800"
    document = make_document(
        an_alert(principal_name=evil, title=evil, principal_key=evil, event_ids=[evil], identities=[evil * 999]),
        ELASTIC,
    )
    assert document["title"] == document["message"] == "x\\x1b]0;owned\\x07\\u202egnp\\ud800"
    assert document["user.name"] == [document["title"]]
    assert document["event_ids"] == [document["user"]["id"]] == ["x\x1b]0;owned\x07\u202egnp?"]
    json.dumps(document, ensure_ascii=False).encode()
    assert len(document["identities"][0]) < 8_191


def test_a_document_is_bounded_whatever_is_in_it():
    document = make_document(
        an_alert(identities=["x" * 9_999] * 9_999, event_ids=["y" * 9_999] * 9_999, members=["z"] * 9_999), OPENSEARCH
    )
    assert len(json.dumps(document)) < 1_000_000
    assert len(document["event_ids"]) == 100


def test_the_query_can_be_sent_as_it_is():
    first, _, body = write_query(
        an_alert(event_ids=['a"b', "c"]), Setting(events="logs-*", event_field="eventID")
    ).partition(" {")
    assert first == "POST /logs-*/_search?ignore_unavailable=true"
    assert json.loads("{" + body) == {"size": 2, "query": {"terms": {"eventID": ['a"b', "c"]}}}
