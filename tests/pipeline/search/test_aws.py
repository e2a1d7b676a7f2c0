"""Credentials: whose they are, and why there are none; `tests/faults/test_signed.py` signs with them."""

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from pipeline.errors import SettingsError
from pipeline.search.aws import explain_refusal, find_credentials


@pytest.fixture(autouse=True)
def ours(monkeypatch):
    """A caller with credentials of its own, and nothing of this machine's."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOURS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def refused(code: str, message: str = "", status: int = 403) -> ClientError:
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "AssumeRole")  # type: ignore[arg-type]


def test_without_a_role_they_are_the_callers_own():
    assert find_credentials().get_frozen_credentials().access_key == "AKIAOURS"


def test_a_role_is_assumed_when_something_is_signed_and_not_before(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
    assert find_credentials("arn:aws:iam::111122223333:role/writer", "id", "eu-west-1") is not None


def test_where_there_are_none_or_no_such_profile_it_is_said(monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(SettingsError, match="no AWS credentials are there"):
        find_credentials()
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    with pytest.raises(
        SettingsError, match=r"\(The config profile \(nowhere\) could not be found\): check the profile"
    ):
        find_credentials()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (refused("AccessDenied", "User is not authorized"), "AccessDenied User is not authorized"),
        (refused("ExpiredToken"), "(ExpiredToken)"),
        (refused("RegionDisabledException", "STS is not activated"), "STS is not activated"),
        (refused("Throttling", "Rate exceeded", 400), ""),
        (refused("InternalFailure", "", 500), ""),
        (ConnectTimeoutError(endpoint_url="https://sts"), ""),
        (OSError("refused"), ""),
        (None, ""),
    ],
)
def test_a_refusal_is_told_from_what_passes(error, told):
    found = explain_refusal(error)
    assert told in found
    assert bool(found) == bool(told)
