"""Credentials for AWS: the caller's own, or those of a role in another account, renewed before they run out."""

from typing import Any

from pipeline.errors import SettingsError


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
        There are none.
    """
    import boto3
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

    session = boto3.Session(region_name=region or None)
    own = session.get_credentials()
    if own is None:
        raise SettingsError("no AWS credentials are there: set a profile, or give the function a role")
    if not role:
        return own
    extra = {"RoleSessionName": "oddtrail", **({"ExternalId": external_id} if external_id else {})}
    fetcher = AssumeRoleCredentialFetcher(session._session.create_client, own, role, extra_args=extra)
    return DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
