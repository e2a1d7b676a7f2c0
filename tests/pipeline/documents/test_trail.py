"""`aws.cloudtrail.*` under the names and in the types of Elastic's integration, and what ECS says of a request."""

import pytest

from pipeline.documents.document import DocumentMaker
from tests.pipeline.documents.making import at, body
from tests.pipeline.ingest.records import ACCOUNT, a_record

RESOURCE = {"arn": "arn:1", "account_id": ACCOUNT, "type": "AWS::S3::Bucket"}
REQUEST = "4346220d-96d0-467a-b294-a6a22e465808"
CONSOLE = a_record(
    eventSource="signin.amazonaws.com", eventName="ConsoleLogin", readOnly=False, eventType="AwsConsoleSignIn",
    responseElements={"ConsoleLogin": "Success"}, sessionCredentialFromConsole="true", sharedEventID="s-1",
    additionalEventData={"LoginTo": "https://console.aws.amazon.com/s3/", "MobileVersion": "No", "MFAUsed": "Yes"},
    vpcEndpointId="vpce-1", apiVersion="2010-05-08", serviceEventDetails={"keyId": "k-1"},
    requestParameters={"roleName": "r", "tags": [{"key": "team", "value": "a"}], "nothing": None},
    tlsDetails={"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES", "clientProvidedHostHeader": "h.amazonaws.com"},
    resources=[
        {"ARN": "arn:1", "accountId": ACCOUNT, "type": "AWS::S3::Bucket"},
        {"ARN": "arn:1", "accountId": ACCOUNT, "type": "AWS::S3::Bucket"},
        {"type": "AWS::S3::Object", "ARNPrefix": "arn:2"},
        "odd",
    ],
)  # fmt: skip
CONSOLE["requestID"] = REQUEST


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("event_version", "1.09"), ("event_type", "AwsConsoleSignIn"), ("event_category", "Management"),
        ("api_version", "2010-05-08"), ("recipient_account_id", ACCOUNT), ("vpc_endpoint_id", "vpce-1"),
        ("session_credential_from_console", "true"), ("shared_event_id", "s-1"), ("read_only", False),
        ("management_event", True), ("request_id", REQUEST),
        ("flattened.request_parameters", {"roleName": "r", "tags": [{"key": "team", "value": "a"}]}),
        ("flattened.response_elements", {"ConsoleLogin": "Success"}),
        ("flattened.additional_eventdata.MFAUsed", "Yes"),
        ("flattened.service_event_details", {"keyId": "k-1"}),
        ("console_login.additional_eventdata.mfa_used", True),
        ("console_login.additional_eventdata.mobile_version", False),
        ("console_login.additional_eventdata.login_to", "https://console.aws.amazon.com/s3/"),
        ("resources", [RESOURCE, {"type": "AWS::S3::Object"}]),
        ("request_parameters", None),
    ],
)  # fmt: skip
def test_a_record_as_elastic_has_it(path, value):
    assert at(body(CONSOLE), f"aws.cloudtrail.{path}") == value


def test_what_ecs_says_of_the_connection():
    assert body(CONSOLE)["tls"] == {
        "version_protocol": "tls", "version": "1.3", "cipher": "TLS_AES", "client": {"server_name": "h.amazonaws.com"},
    }  # fmt: skip


def test_a_refused_call_tells_its_error():
    document = body(a_record(errorCode="AccessDenied", errorMessage="not authorized to perform: iam:ListUsers"))
    assert at(document, "aws.cloudtrail.error_code") == at(document, "error.code") == "AccessDenied"
    assert at(document, "aws.cloudtrail.error_message") == at(document, "error.message")
    assert at(document, "event.outcome") == "failure"
    assert at(document, "oddtrail.error") == "denied"


def test_requests_are_written_as_texts_for_rules_that_read_them_so():
    document = body(a_record(requestParameters={"a": "b", "c": [1]}), maker=DocumentMaker(writes_texts=True))
    assert at(document, "aws.cloudtrail.request_parameters") == "{a=b, c=[1]}"


def test_a_request_about_a_user_tells_whom():
    document = body(
        a_record(
            eventName="CreateUser",
            requestParameters={"userName": "eve"},
            responseElements={"user": {"userId": "AIDA9"}},
        )
    )
    assert at(document, "user.target") == {"name": "eve", "id": "AIDA9"}
    assert at(document, "user.name") == "alice"
    assert at(document, "related.user") == ["alice", "eve"]
    renamed = body(a_record(eventName="UpdateUser", requestParameters={"userName": "eve", "newUserName": "bob"}))
    assert at(renamed, "user.changes.name") == "bob"
    grouped = body(a_record(eventName="AddUserToGroup", requestParameters={"userName": "eve", "groupName": "admins"}))
    assert at(grouped, "group.name") == "admins"


def test_what_names_the_request_once_more_is_left_out_of_what_is_searched():
    document = body(a_record(responseElements={"requestId": "r", "x": 1}, additionalEventData={"x-amz-id-2": "i"}))
    assert at(document, "aws.cloudtrail.flattened") == {"response_elements": {"x": 1}}
    assert "x-amz-id-2" in document["@message"]


@pytest.mark.parametrize(
    ("field", "odd"),
    [
        ("eventVersion", "x" * 40_000), ("requestID", {"a": 1}), ("requestID", 12), ("requestID", "y" * 40_000),
        ("apiVersion", 3), ("resources", "x"), ("resources", [1]), ("tlsDetails", []), ("tlsDetails", "x"),
        ("managementEvent", "yes"), ("additionalEventData", "x"), ("errorMessage", "z" * 40_000),
    ],
)  # fmt: skip
def test_a_known_field_of_another_type_or_size_is_bounded_or_left_out(field, odd):
    record = CONSOLE | {field: odd}
    document = body(record)
    trail = document["aws"]["cloudtrail"]
    texts = [value for value in trail.values() if isinstance(value, str)]
    assert max(map(len, texts)) <= 8_191
    assert isinstance(trail.get("request_id", ""), str)
    assert isinstance(trail.get("management_event", True), bool)


@pytest.mark.parametrize("asked", [{"a": "x" * 40_000}, {"k" * 33_000: 1}, {str(n): n for n in range(3_000)}])
def test_what_is_not_searchable_is_flagged_and_in_the_message(asked):
    document = body(a_record(requestParameters=asked))
    assert at(document, "oddtrail.flags") == ["unsearchable"]
    assert next(iter(asked)) in document["@message"]
