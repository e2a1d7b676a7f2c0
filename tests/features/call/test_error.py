"""Families of error codes."""

import time

import pytest

from features.call.error import FAMILIES, classify_error
from tests.records import a_record, event_of

CODES = {
    "denied": "AccessDenied AccessDeniedException UnauthorizedOperation Client.UnauthorizedOperation VpceAccessDenied "
    "AuthorizationError NotAuthorized KMS.AccessDeniedException UnauthorizedAccess AccessDeniedFault Forbidden",
    "credential": "InvalidClientTokenId CloudTrailInvalidClientTokenIdException ExpiredToken ExpiredTokenException "
    "RequestExpired SignatureDoesNotMatch AuthFailure PasswordPolicyViolation UnrecognizedClientException "
    "Client.InvalidAccessKeyId InvalidSignatureException",
    "probe": "Client.DryRunOperation DryRunOperation NoSuchEntity NoSuchEntityException NotFoundException "
    "EntityNotFoundException NoSuchBucket NoSuchKey ResourceNotFoundException Client.InvalidInstanceID.NotFound "
    "NoSuchPublicAccessBlockConfiguration ServerSideEncryptionConfigurationNotFoundError TrailNotFoundException",
    "conflict": "EntityAlreadyExists EntityAlreadyExistsException ConflictException LimitExceededException "
    "BucketNotEmpty ResourceInUseException Client.InvalidGroup.Duplicate EntityTemporarilyUnmodifiable "
    "ServiceQuotaExceededException VcpuLimitExceeded",
    "validation": "ValidationError ValidationException MalformedPolicyDocumentException MalformedPolicyDocument "
    "UnknownParameter InvalidParameterValue Client.InvalidParameterCombination MissingParameter InvalidInputException",
    "throttle": "Throttling ThrottlingException RequestLimitExceeded TooManyRequestsException SlowDown "
    "Client.RequestLimitExceeded ProvisionedThroughputExceededException",
    "failed": "InternalError Server.InternalError ServiceUnavailable Novelty",
}


@pytest.mark.parametrize(("family", "code"), [(family, code) for family in CODES for code in CODES[family].split()])
def test_codes(family: str, code: str) -> None:
    assert classify_error(code) == family


def test_a_family_needs_no_test_of_its_own_to_be_known() -> None:
    assert {family.name for family in FAMILIES} == set(CODES) - {"failed"}


@pytest.mark.parametrize(
    ("message", "family"),
    [
        ("Failed authentication", "credential"),
        ("User: arn is not authorized to perform: s3:GetObject", "denied"),
        ("Request would have succeeded, but DryRun flag is set.", "probe"),
        ("Rate exceeded", "throttle"),
        ("something else", "failed"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_message_alone_is_a_failure(message: str | None, family: str) -> None:
    assert classify_error(None, message) == family


def test_a_dry_run_that_would_have_worked_is_no_success() -> None:
    event = event_of(a_record(errorCode="Client.DryRunOperation", errorMessage="Request would have succeeded"))
    assert (event["error"], event["error_code"]) == ("probe", "Client.DryRunOperation")


def test_any_code_has_a_family_at_once() -> None:
    start = time.process_time()
    for code in ("x" * 100_000, "Client." * 10_000, "\x00", " ", "Exception", "Client.", "#"):
        assert classify_error(code) in CODES
    assert time.process_time() - start < 1
