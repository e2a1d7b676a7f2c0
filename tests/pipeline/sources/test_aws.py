"""What AWS answers, in words; and with whose rights it is asked."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, NoRegionError

from pipeline.ingest.listing import SourceError
from pipeline.sources.address import OWN, Access
from pipeline.sources.aws import DeniedError, GoneError, end_run, explain, make_client

ROLE = "arn:aws:iam::123456789012:role/read"


def error(code: str, message: str = "no", action: str = "GetObject") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, action)


@pytest.mark.parametrize(
    ("found", "kind", "told"),
    [
        (error("NoSuchKey"), GoneError, "is not there any more"),
        (error("AccessDenied"), DeniedError, r"\(AccessDenied\): allow the credentials in use s3:GetObject"),
        (error("AccessDenied", "not authorized to perform: kms:Decrypt"), DeniedError, "kms:Decrypt of it"),
        (error("KMS.DisabledException"), DeniedError, r"KMS.DisabledException"),
        (error("InvalidObjectState"), DeniedError, "is archived.*restore it"),
        (error("NoSuchBucket"), SourceError, "no such bucket: check its name"),
        (error("QueueDoesNotExist"), SourceError, "no such queue: check its region"),
        (error("PermanentRedirect"), SourceError, r"another region.*\?region="),
        (error("ExpiredToken"), SourceError, "renew the credentials.*what was committed stays"),
        (error("SlowDown"), SourceError, "answers nothing but SlowDown.*run again later"),
        (error("Strange", "so it is"), SourceError, r"\(Strange: so it is\)"),
        (error("AccessDenied", action="AssumeRole"), SourceError, "cannot be assumed.*trust policy"),
        (NoRegionError(), SourceError, r"no region is set: add \?region="),
        (NoCredentialsError(), SourceError, "set a profile or give a role"),
        (EndpointConnectionError(endpoint_url="https://x"), SourceError, r"cannot be reached \(EndpointConnection"),
    ],
)  # fmt: skip
def test_an_error_says_what_was_found_and_what_to_do(found, kind, told):
    made = explain("s3://b/k", found, OWN, "s3:GetObject")
    assert type(made) is kind
    with pytest.raises(kind, match=told):
        raise made


def test_what_ends_a_run_says_of_what_it_is():
    assert str(end_run("s3://b/k", DeniedError("it may not be read"))) == "s3://b/k: it may not be read"
    told = SourceError("no")
    assert end_run("s3://b/k", told) is told


def test_a_role_is_assumed_and_named_in_errors(aws, monkeypatch):
    client = make_client("s3", Access(ROLE, "an id", "eu-west-1"))
    asked = {}
    client.meta.events.register("before-send.s3", lambda request, **_: asked.update(request.headers))
    client.list_buckets()
    assert b"Credential=testing/" not in asked["Authorization"]
    assert "X-Amz-Security-Token" in asked
    with pytest.raises(DeniedError, match=f"allow {ROLE} s3:GetObject"):
        raise explain("s3://b/k", error("AccessDenied"), Access(ROLE), "s3:GetObject")
