"""Failures that no error code tells: a response that names an error, or a service's event of its own work.

Source: CloudTrail user guide, "CloudTrail record contents"; IAM Identity Center user guide, "Sign-in events"; AWS
Organizations, Control Tower and Backup user guides, examples of service events.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from features.call.document import fold_key, read_document
from features.call.failed_items import find_failed_items
from features.call.silencing import may_switch_off


class Failure(NamedTuple):
    """What is told of a failure."""

    code: str | None
    message: str | None


SIGN_IN_FAILED: Final = Failure(None, "Failed authentication")
_MARK: Final = b"rror"
_MARKS: Final = (b"ailed", b"AILED", b"ailure", b"nsuccess", b"nprocess", b'eturn":false', b'uccess":false')
_HEAD: Final = 512
"""Bytes in which a response that tells of nothing but failures holds one of these; others are not decoded."""
_ABOUT_ITEMS: Final = re.compile(r"(?:Batch|Bulk)\w*|\w*(?:s|Task)|[A-Z][a-z]+")
"""Names of calls that may be about several items: by their plural, or with no noun at all."""
_FAILED_WORDS: Final = """
    aborted denied error errored fail failed failure rejected timedout timeout unsuccessful
"""
_FAILED: Final = frozenset(_FAILED_WORDS.split())
"""Values, folded, of something that did not come about."""
_STATE: Final = re.compile(r"(?!(?:previous|prior|old|last|desired|expected))\w*(?:state|status|result|outcome)")
_SUCCESS: Final = frozenset({"issuccessful", "success", "successful", "succeeded"})
_ERRORS: Final = ("errorcode", "errormessage")
_DEEPEST: Final = 4
"""Levels of details in which an outcome is looked for."""
_CODES: Final = ("errorcode", "failurecode", "failurereason", "reasoncode", "statusreason", "code")
_MESSAGES: Final = ("errormessage", "failuremessage", "statusmessage", "message", "reason")
_SIGN_IN: Final = re.compile(r"authenticat|credential|login|signin|mfa|password|otp", re.IGNORECASE)
_OWN_ERROR: Final = frozenset({"error", "errorCode", "Error", "ErrorCode", "errorMessage", "__type"})
"""Members of which the first of a response is one where the whole response is an error."""
_FAILED_NAME: Final = re.compile(r"(?:Failed|Failure)$")


def is_about_items(action: str) -> bool:
    """Whether a call may be about several items, and succeed while they fail.

    >>> is_about_items("guardduty:DeleteMembers"), is_about_items("sts:AssumeRole")
    (True, False)
    """
    return may_switch_off(action) or _ABOUT_ITEMS.fullmatch(action.partition(":")[2]) is not None


def find_failed_response(
    response: bytes, request: bytes, *, signs_in: bool = False, about_items: bool = False
) -> Failure | None:
    """Find the failure that only responseElements tells; None when it tells of none.

    A call that was about several items failed when all of them did.

    Parameters
    ----------
    response, request
        JSON of responseElements and requestParameters.
    signs_in
        Whether the call is a sign-in.
    about_items
        Whether `is_about_items` says so of the call.

    >>> find_failed_response(b'{"ConsoleLogin": "Failure"}', b"", signs_in=True)
    Failure(code=None, message='Failed authentication')
    >>> find_failed_response(b'{"error": {"code": "AccessDenied"}}', b"")
    Failure(code='AccessDenied', message=None)
    """
    head = response[:_HEAD]
    told = signs_in or _MARK in head or head.startswith(b'{"__type"')
    if not (told or (about_items and any(mark in head for mark in _MARKS))):
        return None
    document = read_document(response)
    if not isinstance(document, dict) or not document:
        return None
    if signs_in:
        return SIGN_IN_FAILED if any(_is_failed(value) for value in document.values()) else None
    first = next(iter(document))
    if first in _OWN_ERROR and document[first] and (own := _read_error(document, first)):
        return own
    found = find_failed_items(document, read_document(request))
    return Failure(*found) if found else None


def find_failed_event(name: str, details: bytes) -> Failure | None:
    """Find the failure that a service's event tells, by its serviceEventDetails; None when all went well.

    >>> find_failed_event("CreateAccountResult", b'{"createAccountStatus": {"state": "FAILED", "failureReason": "X"}}')
    Failure(code='X', message=None)
    >>> find_failed_event("UserAuthentication", b'{"UserAuthentication": "Success"}')
    """
    for objects in _walk_levels(read_document(details)):
        told = [_read_outcome(name, each) for each in objects]
        if True in told:
            return None
        if failures := [each for each in told if isinstance(each, Failure)]:
            return failures[0]
    return Failure(name, None) if _FAILED_NAME.search(name) else None


def _walk_levels(document: Any) -> Iterator[list[dict[str, Any]]]:
    """Walk the objects of a document level by level: the outermost that tells an outcome tells it of the whole."""
    level = [document]
    for _ in range(_DEEPEST):
        items = [item for value in level for item in (value if isinstance(value, list) else [value])][:1_000]
        objects = [item for item in items if isinstance(item, dict)]
        yield objects
        level = [value for each in objects for value in each.values()]


def _read_outcome(name: str, told: dict[str, Any]) -> Failure | bool:
    """Read the outcome that an object tells: its failure, True for a success, False when it tells of none."""
    members = {fold_key(key): value for key, value in told.items()}
    outcomes = {key: value for key, value in members.items() if _tells_outcome(name, key, value)}
    failed = next((key for key, value in outcomes.items() if value is False or _is_failed(value)), "")
    if not failed and (outcomes or not _first_text(members, _ERRORS)):
        return bool(outcomes)
    if failed and _SIGN_IN.search(f"{failed} {name}"):
        return SIGN_IN_FAILED
    return _read_reason(members, members.get(failed))


def _tells_outcome(name: str, key: str, value: Any) -> bool:
    """Whether a member tells the outcome of the event of a name."""
    if isinstance(value, bool):
        return key in _SUCCESS
    return isinstance(value, str) and value != "" and (_STATE.fullmatch(key) is not None or key == fold_key(name))


def _is_failed(value: Any) -> bool:
    return isinstance(value, str) and fold_key(value[:64].strip()).replace(" ", "") in _FAILED


def _read_error(document: dict[str, Any], first: str) -> Failure | None:
    """Read an error that is the whole answer."""
    inner = document[first] if isinstance(document[first], dict) else document
    members = {fold_key(key): value for key, value in inner.items()}
    code = _first_text(members, ("errorcode", "code", "error")) or _first_text(inner, ("__type",))
    message = _first_text(members, _MESSAGES)
    return Failure(code, message) if code or message else None


def _read_reason(members: dict[str, Any], value: Any) -> Failure:
    """Read why something failed; its value where nothing else is said."""
    code, message = _first_text(members, _CODES), _first_text(members, _MESSAGES)
    if code and " " in code:  # a sentence
        code, message = None, message or code
    return Failure(code if code or message else str(value or "Failed"), message)


def _first_text(members: dict[str, Any], names: tuple[str, ...]) -> str | None:
    found = (members.get(name) for name in names)
    return next((str(value)[:2_048] for value in found if isinstance(value, str | int) and value), None)
