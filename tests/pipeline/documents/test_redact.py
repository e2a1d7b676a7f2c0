"""Secrets leave a record before it goes anywhere: by name, by look, in JSON in text, in bytes nobody decodes."""

import json

import pytest

from pipeline.documents.redact import MARK, Suspicion, hide, hide_in_text, redact
from tests.pipeline.documents.making import body
from tests.pipeline.documents.test_secret_name import HARMLESS, HOLDING
from tests.pipeline.ingest.records import a_record

SECRET = "Zq7-hush-9182736455"
PLACES = ("requestParameters", "responseElements", "additionalEventData", "serviceEventDetails", "somethingNew")
TOKEN = "IQoJb3JpZ2luX2Vj" + "A1b2" * 60
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlMTIz"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"
SHAPES = {
    "an object": {"masterUserPassword": SECRET},
    "a deep object": {"a": [{"b": {"c": {"password": SECRET}}}]},
    "a list of passwords": {"passwords": [SECRET, SECRET]},
    "an object of a password": {"password": {"value": SECRET}},
    "a number": {"mfaCode": 9182736455},
    "an option": {"optionSettings": [{"namespace": "n", "optionName": "DBPassword", "value": SECRET}]},
    "a parameter of a stack": {"parameters": [{"parameterKey": "DbPassword", "parameterValue": SECRET}]},
    "a header as a field": {"headers": {"Authorization": f"Bearer {SECRET}"}},
    "a header by name": {"headers": [{"name": "X-Api-Key", "value": SECRET}]},
    "a tag": {"tags": [{"key": "password", "value": SECRET}]},
    "variables": {"environment": {"variables": {"HARMLESS_NAME": SECRET}}},
    "variables of a container": {"containerDefinitions": [{"environment": [{"name": "X", "value": SECRET}]}]},
    "variables of a build": {"environmentVariables": [{"name": "X", "value": SECRET, "type": "PLAINTEXT"}]},
    "JSON in text": {"payload": json.dumps({"credentials": {"sessionToken": SECRET}})},
    "JSON in JSON in text": {"payload": json.dumps({"inner": json.dumps({"password": SECRET})})},
    "JSON after words": {"message": 'request was {"password": "' + SECRET + '"} and failed'},
    "a signed address": {"url": f"https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature={SECRET}"},
    "an old signed address": {"url": f"https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIA1&Signature={SECRET}&Expires=1"},
    "a coded signed address": {"url": f"https%3A%2F%2Fb%2Fk%3FX-Amz-Security-Token%3D{SECRET}"},
    "a signed address of others": {"url": f"https://x.blob.core.windows.net/c?sv=1&sig={SECRET}"},
    "a password in an address": {"url": f"postgres://admin:{SECRET}@db.example.com/x"},
    "a connection": {"target": f"Server=db;User=admin;Password={SECRET};Timeout=3"},
    "a signed query": {"X-Amz-Signature": SECRET, "X-Amz-Date": "20260302T000000Z"},
    "a signature in a header": {"said": f"AWS4-HMAC-SHA256 Credential=AKIA1/x, SignedHeaders=host, Signature={SECRET}"},
    "a name with escapes": {"pass\u0077ord": SECRET},
}
LOOKS = {"a session token": TOKEN, "a web token": JWT, "a private key": PEM, "a hub's token": "ghp_" + "a1B2" * 9}


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("shape", SHAPES)
def test_no_secret_leaves_with_the_document(shape, where):
    found = json.dumps(body(a_record(**{where: SHAPES[shape]})))
    assert SECRET not in found
    assert "9182736455" not in found
    assert MARK in found


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("look", LOOKS)
def test_what_looks_like_a_secret_is_hidden_whatever_its_field_is_called(look, where):
    found = body(a_record(**{where: {"whatever": [f"it is {LOOKS[look]}"]}}))
    assert LOOKS[look].splitlines()[-1] not in json.dumps(found)
    assert json.dumps(LOOKS[look])[1:-1] not in found["@message"]


@pytest.mark.parametrize("name", ["errorMessage", "userAgent"])
@pytest.mark.parametrize("shape", ["a signed address", "a password in an address", "a connection", "JSON after words"])
def test_no_secret_leaves_in_a_text_of_the_record(shape, name):
    (text,) = SHAPES[shape].values()
    found = json.dumps(body(a_record(errorCode="AccessDenied", **{name: text})))
    assert SECRET not in found


def test_no_secret_leaves_with_an_identity():
    identity = a_record()["userIdentity"] | {"sessionContext": {"webIdFederationData": {"idToken": SECRET}}}
    assert SECRET not in json.dumps(body(a_record(userIdentity=identity)))


def test_no_secret_leaves_with_a_resource():
    record = a_record(eventSource="s3.amazonaws.com", eventName="GetObject", eventCategory="Data")
    record["requestParameters"] = {"bucketName": "b", "key": f"k?X-Amz-Signature={SECRET}"}
    assert SECRET not in json.dumps(body(record))


@pytest.mark.parametrize("name", HOLDING)
def test_each_name_is_hidden_and_suspected(name):
    assert hide({name: SECRET}) == {name: MARK}
    assert Suspicion().falls_on({"x": [{name: SECRET}]})


@pytest.mark.parametrize("name", HARMLESS)
def test_what_an_analyst_searches_by_stays(name):
    record = {name: "prod/db"}
    assert hide(record) is record


@pytest.mark.parametrize(
    "value",
    [
        {"manageMasterUserPassword": True},
        {"password": None},
        {"password": ""},
        {"secret": "arn:aws:secretsmanager:eu-west-1:1:secret:x"},
        {"masterUserPassword": "HIDDEN_DUE_TO_SECURITY_REASONS"},
        {"masterUserPassword": "****"},
        {"environment": "production"},
        {"url": "https://console.aws.amazon.com/s3/?region=eu-west-1&state=hashArgs%23"},
        {"message": "Basic authentication failed for bearer of this"},
        {"mail": "ana@example.com", "link": "https://example.com/a@b"},
        {"policyDocument": '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*"}]}'},
        {"filter": "name=value"},
        ["x", 1, 2.5, True, None],
    ],
)
def test_what_is_no_secret_stays_as_it_was_delivered(value):
    assert hide(value) is value


def test_a_record_without_secrets_is_kept_byte_by_byte():
    raw = json.dumps(a_record(requestParameters={"nextToken": "abc", "secretId": "prod/db"}), indent=1).encode()
    assert body(raw)["@message"].encode() == raw


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_passed_over_held_nothing(shape, place):
    record = a_record(**{place: {"deep": [SHAPES[shape]], "more": "x"}})
    assert Suspicion().hide(record) == hide(record) != record


@pytest.mark.parametrize("record", [a_record(), {"name": "DB_PASSWORD", "value": "x"}, {"password": "x"}, {}])
def test_a_whole_record_is_hidden_as_any_object(record):
    hidden = Suspicion().hide(record)
    assert hidden == hide(record)
    assert (hidden is record) == (hide(record) is record)


def test_suspicion_remembers_names_and_forgets_none_of_the_secret_ones():
    suspicion = Suspicion()
    assert not suspicion.falls_on({"a": "1", "b": {"c": ["d"]}})
    assert suspicion.falls_on({"a": "1", "b": {"password": "d"}})
    assert suspicion.falls_on({"a": "1", "b": {"password": "d"}})
    assert suspicion.falls_on({"name": "DB_PASSWORD", "value": "d"})


@pytest.mark.parametrize("shape", SHAPES)
def test_bytes_that_nobody_can_decode_are_redacted_as_well(shape):
    raw = json.dumps(a_record(requestParameters=SHAPES[shape])).encode()[:-1] + b', "broken": nonsense}'
    assert SECRET not in json.dumps(body(raw))


@pytest.mark.parametrize("shape", ["an object", "a number", "a signed address", "JSON in text", "JSON in JSON in text"])
def test_what_cannot_be_read_at_all_is_redacted(shape):
    broken = json.dumps(SHAPES[shape])[:-1] + ", nonsense}"
    found = json.dumps(body(json.dumps(a_record()).encode()[:-1] + f', "somethingNew": {broken}}}'.encode()))
    assert SECRET not in found
    assert "9182736455" not in found


def test_redaction_takes_time_in_proportion_to_the_text():
    for piece in (
        "://a:",
        "eyJ",
        '\\"password\\":',
        "password=",
        "-----BEGIN PRIVATE KEY-----",
        '"password":"',
        "Basic ",
    ):
        text = piece * (200_000 // len(piece))
        hide_in_text(text)
        redact(text.encode())


def test_numbers_of_a_secret_field_are_hidden_in_bytes():
    assert redact(b'{"mfaCode": 123456, "x": nonsense}') == b'{"mfaCode": "REDACTED", "x": nonsense}'
