"""Error families: what a failed call says about the caller. AWS has no closed list of codes; the families are ours."""

import re
from typing import NamedTuple


class ErrorFamily(NamedTuple):
    """Error codes that mean the same to us, without `Client.`, `Server.`, `Exception`, `Fault` and `Error`."""

    name: str
    codes: frozenset[str]
    pattern: re.Pattern[str]


def _make_family(name: str, codes: str, pattern: str) -> ErrorFamily:
    return ErrorFamily(name, frozenset(_shorten(code) for code in codes.split()), re.compile(pattern, re.IGNORECASE))


def _shorten(code: str) -> str:
    """Take from a code what says nothing: who failed, a namespace, and that it is an error."""
    code = code.removeprefix("Client.").removeprefix("Server.").rpartition("#")[2].rpartition(":")[2]
    for suffix in ("Exception", "Fault", "Error"):
        if len(code) > len(suffix):
            code = code.removesuffix(suffix)
    return code.lower()


FAMILIES: tuple[ErrorFamily, ...] = (
    _make_family(
        "denied",
        "AccessDenied AccessDeniedException UnauthorizedOperation Client.UnauthorizedOperation VpceAccessDenied "
        "AuthorizationError NotAuthorized UnauthorizedException Forbidden AuthorizationErrorException 403 "
        "KMSAccessDeniedException AllAccessDisabled AccountProblem OptInRequired NotAuthorizedException "
        "UnauthorizedAccess UnauthorizedAccessException AccessDeniedFault Unauthorized OperationNotPermittedException "
        "KMS.AccessDeniedException AWSOrganizationsNotInUseException UnauthorizedClientException",
        r"access.?denied|unauthorized|not.?authorized|forbidden",
    ),
    _make_family(
        "credential",
        "InvalidClientTokenId CloudTrailInvalidClientTokenIdException ExpiredToken ExpiredTokenException "
        "RequestExpired SignatureDoesNotMatch AuthFailure PasswordPolicyViolation InvalidAccessKeyId InvalidToken "
        "UnrecognizedClientException MissingAuthenticationToken MissingAuthenticationTokenException "
        "IncompleteSignature "
        "InvalidSignatureException TokenRefreshRequired InvalidIdentityToken IDPRejectedClaim IDPCommunicationError "
        "InvalidSecurity InvalidUserPoolConfigurationException RequestTimeTooSkewed InvalidAuthenticationCode",
        r"expired.?token|invalid.?(client)?token|signature|authentication",
    ),
    _make_family(
        "probe",
        "DryRunOperation Client.DryRunOperation NoSuchEntity NoSuchEntityException NotFoundException "
        "EntityNotFoundException NoSuchBucket NoSuchKey NotFound ResourceNotFoundException 404",
        r"dry.?run|not.?found|^no.?such|does.?not.?exist|unknown.?resource|nonexistent|^no\w*exists?$",
    ),
    _make_family(
        "conflict",
        "EntityAlreadyExists EntityAlreadyExistsException ConflictException LimitExceededException BucketNotEmpty "
        "DeleteConflict ResourceInUseException BucketAlreadyExists BucketAlreadyOwnedByYou OperationAborted "
        "ServiceQuotaExceededException ConditionalCheckFailedException PreconditionFailed IncorrectState "
        "DependencyViolation TransactionCanceledException InsufficientInstanceCapacity EntityTemporarilyUnmodifiable"
        " InvalidGroup.Duplicate InvalidPermission.Duplicate InvalidKeyPair.Duplicate IdempotentParameterMismatch",
        r"already|conflict|in.?use|limit.?exceeded|quota|not.?empty|incorrect\w*state|concurrent|duplicate",
    ),
    _make_family(
        "throttle",
        "Throttling ThrottlingException RequestLimitExceeded TooManyRequestsException SlowDown Throttled "
        "ProvisionedThroughputExceededException RequestThrottled BandwidthLimitExceeded",
        r"throttl|too.?many.?requests|slow.?down|request.?limit|rate.?exceeded|throughput.?exceeded",
    ),
    _make_family(
        "validation",
        "ValidationError ValidationException MalformedPolicyDocumentException MalformedPolicyDocument UnknownParameter "
        "InvalidParameterValue MissingParameter InvalidInput InvalidRequest BadRequestException",
        r"validation|malformed|invalid|missing|unknown.?parameter|unsupported|bad.?request|required",
    ),
)
_MESSAGES = (
    (re.compile(r"failed authentication|no username found|invalid mfa|password", re.IGNORECASE), "credential"),
    (re.compile(r"not authorized|access denied|explicit deny", re.IGNORECASE), "denied"),
    (re.compile(r"would have succeeded|not found|does not exist", re.IGNORECASE), "probe"),
    (re.compile(r"rate exceeded|throttl", re.IGNORECASE), "throttle"),
)


def classify_error(code: str | None, message: str | None = None) -> str:
    """Find the family of a failed call: denied, credential, probe, conflict, validation, throttle or failed.

    It is "" for a success. A code or a message alone is a failure. A dry run that would have worked is a probe, not a
    success.

    >>> classify_error("Client.UnauthorizedOperation"), classify_error("NoSuchBucket"), classify_error(None)
    ('denied', 'probe', '')
    >>> classify_error(None, "Failed authentication")
    'credential'
    """
    if code:
        short = _shorten(code[:256])
        for family in FAMILIES:
            if short in family.codes:
                return family.name
        for family in FAMILIES:
            if family.pattern.search(short):
                return family.name
        return "failed"
    if message:
        return next((name for pattern, name in _MESSAGES if pattern.search(message[:1024])), "failed")
    return ""
