"""Access keys that a call hands out: the response names the key, by which its later use is recognised."""

import re
from typing import Final

_ISSUING: Final = re.compile(
    r"sts:(?:AssumeRole|Get(?:Session|Federation)Token)\w*|iam:CreateAccessKey|sso:GetRoleCredentials|"
    r"cognito-identity:GetCredentialsForIdentity|rolesanywhere:CreateSession|redshift:GetClusterCredentials\w*"
)
"""Calls that answer with a credential."""
_KEY: Final = re.compile(rb'"accessKeyId"\s*:\s*"([A-Z0-9]{16,128})"')


def may_issue_key(action: str) -> bool:
    """Whether responses to this action hand out a key.

    >>> may_issue_key("sts:AssumeRoleWithSAML"), may_issue_key("sts:GetCallerIdentity")
    (True, False)
    """
    return _ISSUING.fullmatch(action) is not None


def read_issued_key(response: bytes) -> str:
    """Read the access key id in responseElements; "" when there is none.

    >>> read_issued_key(b'{"credentials": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE"}}')
    'ASIAIOSFODNN7EXAMPLE'
    """
    found = _KEY.search(response)
    return found[1].decode() if found else ""
