"""Searches that an analyst would write return the right events, on every engine."""

import json
from uuid import NAMESPACE_DNS, uuid5

import pytest

from pipeline.documents.document import DocumentMaker, Naming, repair
from pipeline.documents.setup import set_up
from pipeline.enrich.place import Place
from pipeline.search.bulk import BulkWriter
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from tests.pipeline.documents.making import documents
from tests.pipeline.ingest.records import ACCOUNT, a_record
from tests.servers.fixtures import ENGINES, ONE_PROCESS

ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"


def assumed(key, name):
    """An identity that assumed the role `deploy`."""
    return {
        "type": "AssumedRole", "principalId": f"AROAEXAMPLEDEPLOY:{name}", "accountId": ACCOUNT, "accessKeyId": key,
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/{name}",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role", "principalId": "AROAEXAMPLEDEPLOY", "arn": ROLE, "accountId": ACCOUNT,
                "userName": "deploy",
            },
            "attributes": {"creationDate": "2026-03-02T11:00:00Z", "mfaAuthenticated": "false"},
        },
    }  # fmt: skip


def s3(name, key, **more):
    return a_record(
        eventSource="s3.amazonaws.com", eventName=name, eventCategory="Data", readOnly=name == "GetObject",
        requestParameters={"bucketName": "payroll", "key": key}, **more,
    )  # fmt: skip


RECORDS = {
    "alice lists": a_record(),
    "alice lists from Korea": a_record(sourceIPAddress="198.51.100.9"),
    "alice is refused": a_record(errorCode="AccessDenied", errorMessage="User alice is not authorized to ListUsers"),
    "a build deploys": a_record(
        userIdentity=assumed("ASIAEXAMPLE1", "build-1"), eventSource="lambda.amazonaws.com", readOnly=False,
        eventName="UpdateFunctionCode20150331v2", requestParameters={"functionName": "billing", "s3Bucket": "code"},
        sourceIPAddress="10.2.3.4",
    ),
    "a build is refused": a_record(
        userIdentity=assumed("ASIAEXAMPLE2", "build-2"), eventSource="ec2.amazonaws.com", eventName="RunInstances",
        readOnly=False, errorCode="Client.UnauthorizedOperation", requestParameters={"instanceType": "p4d.24xlarge"},
    ),
    "payroll is read": s3("GetObject", "2026/03.csv"),
    "payroll is written": s3("PutObject", "2026/03.csv", userIdentity=assumed("ASIAEXAMPLE1", "build-1")),
    "a door is opened": a_record(
        eventSource="ec2.amazonaws.com", eventName="AuthorizeSecurityGroupIngress", readOnly=False,
        requestParameters={
            "groupId": "sg-0123456789abcdef0",
            "ipPermissions": {
                "items": [{"ipProtocol": "tcp", "fromPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]
            },
        },
    ),
    "logging is stopped": a_record(
        eventSource="cloudtrail.amazonaws.com", eventName="StopLogging", readOnly=False,
        requestParameters={"name": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"},
    ),
    "a user is made": a_record(
        eventName="CreateUser", readOnly=False, requestParameters={"userName": "eve", "tags": [{"key": "team"}]},
        responseElements={"user": {"userName": "eve", "userId": "AIDAEXAMPLEEVE", "path": "/"}},
    ),
    "somebody signs in": a_record(
        userIdentity={"type": "IAMUser", "principalId": "AIDAB", "accountId": ACCOUNT, "userName": "bob",
                      "arn": f"arn:aws:iam::{ACCOUNT}:user/bob"},
        eventSource="signin.amazonaws.com", eventName="ConsoleLogin", eventType="AwsConsoleSignIn",
        responseElements={"ConsoleLogin": "Failure"}, errorMessage="Failed authentication",
        additionalEventData={"MFAUsed": "No", "LoginTo": "https://console.aws.amazon.com/", "MobileVersion": "No"},
    ),
}  # fmt: skip
IDS = {name: str(uuid5(NAMESPACE_DNS, name)) for name in RECORDS}
EVERY_ALICE = {
    "alice lists", "alice lists from Korea", "alice is refused", "payroll is read", "a door is opened",
    "logging is stopped", "a user is made",
}  # fmt: skip


class Somewhere:
    def place(self, address):
        return (
            Place("KR", "Seoul", 37.5, 127.0)
            if address.startswith("198.51.100.")
            else Place("DE", "Berlin", 52.5, 13.4)
        )


def term(**fields):
    return {"term": {name.replace("__", "."): value for name, value in fields.items()}}


def both(*queries):
    return {"bool": {"filter": list(queries)}}


REQUEST, RESPONSE = "aws.cloudtrail.flattened.request_parameters", "aws.cloudtrail.flattened.response_elements"
SEARCHES = {
    "a principal": (term(oddtrail__principal_name="alice"), EVERY_ALICE),
    "a country": (term(source__geo__country_iso_code="KR"), {"alice lists from Korea"}),
    "denied calls": (term(oddtrail__error="denied"), {"alice is refused", "a build is refused"}),
    "a resource": (term(oddtrail__resources="bucket:payroll"), {"payroll is read", "payroll is written"}),
    "an exposure": (term(oddtrail__exposures="cidr:0.0.0.0/0"), {"a door is opened"}),
    "a fact": (term(oddtrail__facts="logging_off"), {"logging is stopped"}),
    "a request parameter": ({"term": {f"{REQUEST}.instanceType": "p4d.24xlarge"}}, {"a build is refused"}),
    "a deep request parameter": (
        {"term": {f"{REQUEST}.ipPermissions.items.ipRanges.items.cidrIp": "0.0.0.0/0"}},
        {"a door is opened"},
    ),
    "a number in a request": ({"term": {f"{REQUEST}.ipPermissions.items.fromPort": "22"}}, {"a door is opened"}),
    "a part of a response": ({"term": {f"{RESPONSE}.user.userId": "AIDAEXAMPLEEVE"}}, {"a user is made"}),
    "an address range": (term(source__ip="10.0.0.0/8"), {"a build deploys"}),
    "a person's session": (
        {"prefix": {"oddtrail.session": "ASIAEXAMPLE1/"}},
        {"a build deploys", "payroll is written"},
    ),
    "failures of an action": (
        both(term(event__action="ConsoleLogin"), term(event__outcome="failure")),
        {"somebody signs in"},
    ),
    "words of an error": ({"match": {"error.message": "authorized"}}, {"alice is refused"}),
    "a role by its ARN": (
        {"term": {"aws.cloudtrail.user_identity.session_context.session_issuer.arn": ROLE}},
        {"a build deploys", "a build is refused", "payroll is written"},
    ),
    "an action under each of its names": (term(oddtrail__action="lambda:UpdateFunctionCode"), {"a build deploys"}),
    "a user that was touched": (term(user__target__name="eve"), {"a user is made"}),
    "anything in Germany that changes something": (
        both(term(source__geo__country_iso_code="DE"), term(oddtrail__write=True), term(event__outcome="success")),
        {"a door is opened", "logging is stopped", "a user is made", "payroll is written"},
    ),
    "an area": (
        {"geo_distance": {"distance": "50km", "source.geo.location": {"lat": 37.5, "lon": 127.1}}},
        {"alice lists from Korea"},
    ),
    "a time": (
        {"range": {"@timestamp": {"gte": "2026-03-02T00:00:00Z", "lt": "2026-03-03T00:00:00Z"}}},
        set(RECORDS),
    ),
    "Elastic's job for rare errors": (
        {"exists": {"field": "aws.cloudtrail.error_code"}},
        {"alice is refused", "a build is refused"},
    ),
    "Elastic's job for error messages": (
        both(term(event__dataset="aws.cloudtrail"), {"exists": {"field": "aws.cloudtrail.error_message"}}),
        {"alice is refused", "somebody signs in"},
    ),
    "Elastic's rule for stopped trails": (
        both(
            term(event__dataset="aws.cloudtrail"), term(event__provider="cloudtrail.amazonaws.com"),
            term(event__action="StopLogging"), term(event__outcome="success"),
        ),
        {"logging is stopped"},
    ),
    "Elastic's rule for sign-ins without a second factor": (
        both(
            term(event__action="ConsoleLogin"),
            {"term": {"aws.cloudtrail.console_login.additional_eventdata.mfa_used": False}},
        ),
        {"somebody signs in"},
    ),
}  # fmt: skip
"""What is asked, and the events that answer."""


@pytest.fixture(scope="module", params=[pytest.param(name, marks=ONE_PROCESS) for name in ENGINES])
def indexed(request):
    """A server that holds the records, and the prefix of their indices."""
    server, naming = request.getfixturevalue(request.param), Naming("searches")
    engine = Engine(parse_url(server.url))
    set_up(engine, naming)
    records = [record | {"eventID": IDS[name]} for name, record in RECORDS.items()]
    made = documents(*records, maker=DocumentMaker(naming, writes_texts=True), geo=Somewhere())
    sent = BulkWriter(engine, repair, Deadline(60)).write(made)
    assert sent.indexed + sent.duplicates == len(RECORDS)
    server.ask("POST", "/searches/_refresh")
    return server


@pytest.mark.parametrize("search", SEARCHES)
def test_a_search_finds_what_it_asks_for_and_nothing_else(indexed, search):
    query, wanted = SEARCHES[search]
    hits = indexed.ask("POST", "/searches/_search", {"query": query, "size": 100})["hits"]["hits"]
    names = {identity: name for name, identity in IDS.items()}
    assert {names[hit["_id"]] for hit in hits} == wanted


def test_counts_by_principal_and_day(indexed):
    counts = {
        "who": {"terms": {"field": "oddtrail.principal_name"}},
        "when": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}},
    }
    found = indexed.ask("POST", "/searches/_search", {"size": 0, "aggs": counts})["aggregations"]
    assert {each["key"]: each["doc_count"] for each in found["who"]["buckets"]} == {"alice": 7, "deploy": 3, "bob": 1}
    assert [each["doc_count"] for each in found["when"]["buckets"]] == [len(RECORDS)]


def test_the_texts_that_older_rules_read(indexed):
    query = {"wildcard": {"aws.cloudtrail.request_parameters": "*userName=eve*"}}
    hits = indexed.ask("POST", "/searches/_search", {"query": query})["hits"]["hits"]
    assert [hit["_id"] for hit in hits] == [IDS["a user is made"]]


def test_the_record_is_there_as_it_was_delivered(indexed):
    hit = indexed.ask("GET", f"/searches-2026.03.02/_doc/{IDS['a user is made']}")["_source"]
    assert json.loads(hit["@message"]) == RECORDS["a user is made"] | {"eventID": IDS["a user is made"]}
