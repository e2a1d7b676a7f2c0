"""Clients of AWS with the rights that an address names, and what AWS answers in words."""

from typing import Any, Final

from pipeline.delivery.box import GONE
from pipeline.ingest.listing import SourceError, UnreadableError
from pipeline.search.aws import find_credentials
from pipeline.sources.address import Access

AT_ONCE: Final = 16
"""Requests under way at the same time: one takes some 40 ms, whatever the object."""
_TRIES: Final = 8
"""Times that something is asked for, waiting up to 20 s in between, a random part of it (botocore's standard mode)."""
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "403", "Forbidden", "InvalidObjectState"})
_SLOW: Final = frozenset({"SlowDown", "503", "ServiceUnavailable", "Throttling", "ThrottlingException"})
_WHO: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidToken",
     "RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch", "UnrecognizedClientException"}
)  # fmt: skip
AGAIN: Final = "what was committed stays, so run again"


class DeniedError(UnreadableError):
    """This may not be read."""


class GoneError(UnreadableError):
    """This is not there any more."""


def make_client(service: str, access: Access, *, patient: bool = True) -> Any:
    """A client with an address's rights.

    Parameters
    ----------
    patient
        Whether what is asked for is worth waiting for: else it is asked twice, some seconds each.

    Raises
    ------
    SettingsError
        There are no credentials.
    """
    import boto3
    from botocore.config import Config
    from botocore.session import get_session

    session = get_session()
    session._credentials = find_credentials(access.role, access.external_id, access.region)
    config = Config(
        connect_timeout=10 if patient else 2, read_timeout=60 if patient else 5, max_pool_connections=2 * AT_ONCE,
        retries={"mode": "standard", "total_max_attempts": _TRIES if patient else 2},
    )  # fmt: skip
    return boto3.Session(botocore_session=session).client(service, region_name=access.region or None, config=config)


def explain(where: str, error: Exception, access: Access, action: str) -> Exception:
    """The error of ours for one of botocore's: of this object alone, or of all.

    One of an object alone does not say which: it is kept as the reason beside the object's place.

    Parameters
    ----------
    action
        The permission that was needed, such as `s3:GetObject`.
    """
    told = getattr(error, "response", {}).get("Error", {})
    code, message = str(told.get("Code", "")), str(told.get("Message", ""))[:300]
    who = access.role or "the credentials in use"
    if getattr(error, "operation_name", "") == "AssumeRole":
        return SourceError(
            f"the role {access.role} cannot be assumed ({code}): have its trust policy allow it, with the external id "
            "that it asks for"
        )
    if code in GONE:
        return GoneError("it is not there any more: it was deleted after it was listed or told")
    if code == "InvalidObjectState":
        return DeniedError(f"it is archived ({code}): restore it")
    if code.startswith("KMS.") or (code in _DENIED and "kms" in message.lower()):
        return DeniedError(f"it is encrypted with a key that may not be used ({code}): allow {who} kms:Decrypt of it")
    if code in _DENIED:
        return DeniedError(f"it may not be read ({code}): allow {who} {action}")
    if code == "NoSuchBucket":
        return SourceError(f"{where}: there is no such bucket: check its name")
    if code in ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"):
        return SourceError(f"{where}: there is no such queue: check its region, account and name")
    if code in ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"):
        return SourceError(f"{where} is in another region ({code}): add ?region= and where it is")
    if code in _WHO:
        return SourceError(f"{where} cannot be read with {who} ({code}): renew the credentials, set the clock; {AGAIN}")
    if code in _SLOW:
        return SourceError(f"{where} answers nothing but {code}, {_TRIES} times: {AGAIN} later")
    name = type(error).__name__
    if name in ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "SSOTokenLoadError"):
        return SourceError(f"{where} cannot be read without credentials ({name}): set a profile or give a role")
    if name == "NoRegionError":
        return SourceError(f"{where}: no region is set: add ?region= and where it is")
    if code:
        return SourceError(f"{where} cannot be read ({code}: {message}): {AGAIN} once that is put right")
    return SourceError(f"{where} cannot be reached ({name}): {AGAIN} once it can")


def end_run(where: str, told: Exception) -> SourceError:
    """The error for something without which nothing can be read, such as a listing."""
    return told if isinstance(told, SourceError) else SourceError(f"{where}: {told}")
