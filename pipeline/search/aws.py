"""Credentials for AWS: the caller's own, or those of a role in another account, renewed before they run out."""

from typing import Any, Final

from pipeline.errors import SettingsError

_BUSY: Final = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded", "SlowDown"})
"""Codes by which AWS asks to come again, whatever the status."""


def find_credentials(role: str = "", external_id: str = "", region: str = "") -> Any:
    """Credentials that stay good while they are used.

    Parameters
    ----------
    role
        ARN of a role to assume; "" for the caller's own credentials.
    external_id
        What the role's owner asks for, so that nobody makes us use it for them.

    Raises
    ------
    SettingsError
        There are none, or what names them cannot be used.
    """
    import boto3
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
    from botocore.exceptions import BotoCoreError

    try:
        session = boto3.Session(region_name=region or None)
        own = session.get_credentials()
    except BotoCoreError as error:
        raise SettingsError(f"AWS credentials cannot be used ({error}): check the profile") from error
    if own is None:
        raise SettingsError("no AWS credentials are there: set a profile, or give the function a role")
    if not role:
        return own
    extra = {"RoleSessionName": "oddtrail", **({"ExternalId": external_id} if external_id else {})}
    fetcher = AssumeRoleCredentialFetcher(session._session.create_client, own, role, extra_args=extra)
    return DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")


def explain_refusal(error: object) -> str:
    """Why AWS gives no credentials; "" where it may when it is asked again, or where that is not what happened.

    Parameters
    ----------
    error
        What was raised while a request was signed.
    """
    if not type(error).__module__.startswith("botocore"):
        return ""
    from botocore.exceptions import ClientError

    if not isinstance(error, ClientError):
        return ""
    told, answered = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    code = str(told.get("Code", "refused"))
    if code in _BUSY or answered.get("HTTPStatusCode", 400) >= 500:
        return ""
    said = f"{code} {told.get('Message', '')}".strip()
    return f"AWS gives no credentials ({said}): check the role, whom it trusts and its external id"
