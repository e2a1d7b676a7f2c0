"""Take secrets out of a record before it leaves: by the names of the fields that hold them, and out of signed URLs.

CloudTrail hides most of what it knows to be secret; what gets through is known from what people found in their logs
(session tokens in the answers of STS, passwords in requests of RDS and directories, keys in the answers of key pairs).
It works on bytes as delivered, so that a record no decoder takes is redacted as well, and what is left stays as it was.
"""

import re
from functools import lru_cache
from typing import Final

_LONGEST_NAME: Final = 64
_SHORTEST: Final = 16
"""Characters of a text from which on it may hold fields of its own."""
MARK: Final = "REDACTED"
_NAMES: Final = """
    access_?token additional_?authentication_?data admin_?password api_?key_?value auth_?parameters
    auth_?token authorization_?code authorization_?token bearer_?token bind_?password
    certificate_?private_?key client_?secret connect_?password current_?password database_?password
    db_?password default_?password device_?secret domain_?password id_?token inline_?password key_?material
    ldap_?password master_?user_?password master_?password mfa_?code new_?password old_?password
    pass_?phrase passphrase password password_?data plaintext plain_?text pre_?shared_?key
    previous_?password private_?key private_?key_?plaintext proposed_?password refresh_?token root_?password
    saml_?assertion saml_?response secret secret_?access_?key secret_?binary secret_?hash secret_?key
    secret_?string security_?token session_?token shared_?secret signin_?token smb_?password
    source_?password target_?password temp_?password temporary_?password tunnel\\d?_?pre_?shared_?key
    user_?password web_?identity_?token x-amz-security-token
"""
"""Names of fields whose values are secret, as patterns, upper or lower case alike."""

_NAME: Final = "(?:" + "|".join(_NAMES.split()) + ")"
_TEXT: Final = r'"(?:[^"\\]|\\.)*"'
_VALUE: Final = rf"(?:{_TEXT}|-?[0-9][-+0-9.eE]*|\[[^\[\]{{}}]*\])"
_FIELD = re.compile(rf'("{_NAME}"\s*:\s*){_VALUE}'.encode(), re.IGNORECASE | re.DOTALL)
_INNER_FIELD = re.compile(rf'(\\"{_NAME}\\"\s*:\s*)\\"(?:[^"\\]|\\\\.)*\\"'.encode(), re.IGNORECASE | re.DOTALL)
"""The same in JSON that is a text in JSON."""
_VARIABLES = re.compile(rb'("(?:environment_?)?variables"\s*:\s*)\{[^{}]*\}', re.IGNORECASE)
"""Variables of a function's environment, which often are passwords."""
_SIGNED = re.compile(
    rb"((?:X-Amz-Signature|X-Amz-Security-Token|X-Amz-Credential|Signature|Security-?Token|sig|access_token)(?:=|%3D))"
    rb"[^&\s\"'\\<>]+",
    re.IGNORECASE,
)
_WHOLE_NAME = re.compile(rf"{_NAME}|(?:environment_?)?variables", re.IGNORECASE)
_HINTS: Final = (
    "pass", "secret", "token", "private", "material", "plain", "shared", "assertion", "saml", "mfa", "authoriz", "sig",
    "credential", "variables", "auth",
)  # fmt: skip
"""Without one of these, in lower case, a text that holds fields or addresses of its own holds no secret."""


@lru_cache(4_096)
def _is_secret_name(name: str) -> bool:
    return _WHOLE_NAME.fullmatch(name) is not None


def may_hold_secret(name: str, text: object) -> bool:
    """Whether a field may hold a secret, by its name, or by what its text looks like; quick, and never wrongly false.

    >>> may_hold_secret("sessionToken", "FwoG"), may_hold_secret("nextToken", "abc"), may_hold_secret("name", "a" * 99)
    (True, False, False)
    """
    if len(name) <= _LONGEST_NAME and _is_secret_name(name):
        return True
    if not isinstance(text, str) or len(text) < _SHORTEST or not ("=" in text or '"' in text or "%3" in text):
        return False
    lower = text.lower()
    return any(hint in lower for hint in _HINTS)


def redact(record: bytes) -> bytes:
    """The record without its secrets; the same object where it has none.

    It is slow, so ask `may_hold_secret` of a record's fields first.

    Examples
    --------
    >>> redact(b'{"credentials": {"accessKeyId": "ASIA1", "sessionToken": "FwoG"}}')
    b'{"credentials": {"accessKeyId": "ASIA1", "sessionToken": "REDACTED"}}'
    >>> redact(b'{"url": "https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=0a1b"}')
    b'{"url": "https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=REDACTED"}'
    """
    mark = MARK.encode()
    found = _FIELD.sub(rb'\1"%b"' % mark, record)
    found = _INNER_FIELD.sub(rb'\1\\"%b\\"' % mark, found)
    found = _VARIABLES.sub(rb'\1{"%b": true}' % mark, found)
    found = _SIGNED.sub(rb"\1%b" % mark, found)
    return record if found == record else found
