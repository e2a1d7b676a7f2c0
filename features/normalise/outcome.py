"""What came of a call: its error, which some tell only in their response or details, and the key that it handed out."""

from typing import Final, NamedTuple, TypeAlias

from features.call.error import classify_error
from features.call.failure import find_failed_event, find_failed_response
from features.call.issued_key import read_issued_key
from features.normalise.call import ActionTraits
from features.normalise.memo import Memo
from features.record.cloudtrail import ABSENT, Record

_SERVICE_EVENT: Final = "AwsServiceEvent"
_LONGEST_CODE: Final = 256
_LONGEST_MESSAGE: Final = 1_024
"""Characters that are kept."""


class CallError(NamedTuple):
    """An error, or none."""

    columns: tuple[str, str | None, str | None]
    """Values of OF_ERROR."""
    cut: bool
    """A text was too long to be kept whole."""


SUCCESS: Final = CallError(("", None, None), False)
_NOTHING: Final = SUCCESS, ""
_ErrorKey: TypeAlias = tuple[str | None, str | None]
"""Code and message."""


class Outcomes:
    """Reads outcomes, and remembers errors."""

    def __init__(self) -> None:
        self._errors: Memo[_ErrorKey, CallError] = Memo(lambda key: make_error(*key), 16_384)

    def read(self, record: Record, traits: ActionTraits | None) -> tuple[CallError, str]:
        """Read the error of a call, SUCCESS when there is none, and the id of the key it handed out, "" for none.

        Without traits the response is not looked at.
        """
        code, message = record.error_code, record.error_message
        if code:
            error = self._errors[code, None]
            return _with_message(error, message) if message else error, ""  # messages seldom repeat
        if message:
            return self._errors[None, message], ""
        if record.service_event_details is not ABSENT or record.event_type == _SERVICE_EVENT:
            failed = find_failed_event(record.event_name or "", bytes(record.service_event_details))
            if failed is not None:
                return make_error(*failed), ""
        if traits is None or not traits.may_fail_silently or record.response_elements is ABSENT:
            return _NOTHING
        return self._read_response(bytes(record.response_elements), record, traits)

    def _read_response(self, response: bytes, record: Record, traits: ActionTraits) -> tuple[CallError, str]:
        if response == b"null":
            return _NOTHING
        failed = None
        if b"rror" in response or traits.is_about_items or traits.signs_in:  # most say nothing of a failure
            failed = find_failed_response(
                response, bytes(record.request_parameters), signs_in=traits.signs_in, about_items=traits.is_about_items
            )
        key = read_issued_key(response) if traits.may_issue_key else ""
        return SUCCESS if failed is None else make_error(*failed), key


def make_error(code: str | None, message: str | None) -> CallError:
    """Make an error of its code and message; a null stands for what is missing.

    >>> make_error("AccessDenied", None).columns, make_error(None, None) is SUCCESS
    (('denied', 'AccessDenied', None), True)
    """
    family = classify_error(code, message)
    if not family:
        return SUCCESS
    kept = CallError((family, code[:_LONGEST_CODE] if code else None, None), len(code or "") > _LONGEST_CODE)
    return kept if message is None else _with_message(kept, message)


def _with_message(error: CallError, message: str) -> CallError:
    family, code, _ = error.columns
    return CallError((family, code, message[:_LONGEST_MESSAGE]), error.cut or len(message) > _LONGEST_MESSAGE)
