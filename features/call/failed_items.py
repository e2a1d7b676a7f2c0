"""Calls about several items that succeed as calls, and tell in their response which items failed.

`unsuccessful` of EC2, `unprocessedAccounts` of GuardDuty, `failedAccounts` of Inspector, `failures` of ECS, `errors` of
Glue: services spell it as they like, so it is known by its words. The call as a whole failed when the request's items
all did, or when the response holds nothing but failures.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from features.call.document import fold_key, walk_members

_FAILURES: Final = re.compile(
    r"(?:^|[a-z])(?:[Uu]nsuccessful|[Uu]nprocessed|[Nn]onSuccessful)|"
    r"(?:^[Ff]|[a-z]F)ail(?:ed|ures?)(?![a-z])|(?:^[Ee]|[a-z]E)rrors?(?![a-z])"
)
"""Names of members that hold the items that failed."""
_OF_ITEM: Final = frozenset({"error", "errorcode", "errormessage", "failurecode", "failuremessage", "failurereason"})
"""Members, folded, of an item that failed, in a list that holds others."""
_STATES: Final = frozenset({"failed", "failure", "error"})
_WRAPPER: Final = frozenset({"item", "items", "member", "members", "entry"})
_ASIDE: Final = frozenset({"clienttoken", "nexttoken", "requestid", "responsemetadata", "xmlns"})
"""Members, folded, of a response that say nothing of what was done."""
_RETURNS: Final = frozenset({"return", "success", "succeeded", "successful", "issuccessful"})
_CODES: Final = frozenset({"errorcode", "failurecode", "code"})
_MESSAGES: Final = ("errormessage", "failuremessage", "failurereason", "message", "result", "reason")
_DEEPEST: Final = 3
"""Levels that wrap a response."""


def find_failed_items(response: dict[str, Any], request: Any) -> tuple[str | None, str | None] | None:
    """Find code and message of the first failure where all items of a call failed; None where anything was done.

    >>> find_failed_items({"unprocessedAccounts": [{"accountId": "1", "result": "unknown"}]}, {"accountIds": ["1"]})
    (None, 'unknown')
    >>> find_failed_items({"unprocessedAccounts": [{"accountId": "1", "result": "no"}]}, {"accountIds": ["1", "2"]})
    """
    response = _unwrap(response)
    failed, done, refused = _sort(response)
    if not failed:
        return ("Failed", None) if refused and not done else None
    asked = _find_asked(request, {text for item in failed for text in (*_find_texts(item), *_find_names(item))})
    if asked is None and done:
        return None
    return _read_error(failed[0]) if asked is not False else None


def _unwrap(response: dict[str, Any]) -> dict[str, Any]:
    """Take a response out of what wraps it: `{"DeleteFlowLogsResponse": {…}}`."""
    for _ in range(_DEEPEST):
        inner = [(key, value) for key, value in response.items() if fold_key(key) not in _ASIDE]
        if len(inner) != 1 or not isinstance(inner[0][1], dict) or _FAILURES.search(inner[0][0]):
            break
        response = inner[0][1]
    return response


def _sort(response: dict[str, Any]) -> tuple[list[Any], bool, bool]:
    """Sort a response: the items that failed, whether it tells of anything done, and whether it says no."""
    failed: list[Any] = []
    done = refused = False
    for key, value in response.items():
        folded = fold_key(key)
        if folded in _ASIDE:
            continue
        if folded in _RETURNS and value is False:
            refused = True
        elif isinstance(value, dict | list):
            items = _take_items(value)
            bad = items if _FAILURES.search(key) else [item for item in items if _is_failed(item)]
            failed += bad
            done = done or len(items) > len(bad)
        elif isinstance(value, str) and value and not _FAILURES.search(key):
            done = True
    return failed, done, refused


def _take_items(value: Any) -> list[Any]:
    """Take the items of a list, however it is wrapped; an object that is no wrapper is one item."""
    for _ in range(_DEEPEST):
        if isinstance(value, dict) and len(value) == 1 and fold_key(next(iter(value))) in _WRAPPER:
            value = next(iter(value.values()))
    if isinstance(value, dict):
        return [value] if value else []
    return value[:1_000] if isinstance(value, list) else []


def _is_failed(item: Any) -> bool:
    """Whether an item of a list that holds good ones besides failed."""
    if not isinstance(item, dict):
        return False
    members = {fold_key(key): value for key, value in item.items()}
    return any(
        (key in _OF_ITEM and bool(value))
        or (key.endswith(("state", "status")) and isinstance(value, str) and value.lower() in _STATES)
        for key, value in members.items()
    )


def _find_asked(request: Any, failed: set[str]) -> bool | None:
    """Whether all items that the request lists failed; None when it lists none of those that did."""
    found = None
    for items in _find_lists(request):
        hits = [not failed.isdisjoint(_find_texts(item)) for item in items]
        if any(hits):
            if all(hits):
                return True
            found = False
    return found


def _find_lists(document: Any) -> Iterator[list[Any]]:
    """Find the lists of a request that lie in no other."""
    left = [document]
    for _ in range(1_000):
        if not left:
            return
        value = left.pop()
        if isinstance(value, list):
            yield value[:1_000]
        elif isinstance(value, dict):
            left += value.values()


def _find_texts(item: Any) -> Iterator[str]:
    """Find the texts in an item, or the item itself when it is one."""
    return (value for _, value in walk_members(item) if isinstance(value, str))


def _find_names(item: Any) -> Iterator[str]:
    """Find the names of an item's members: some services list what failed by its name."""
    return (str(key) for key in item) if isinstance(item, dict) else iter(())


def _read_error(item: Any) -> tuple[str | None, str | None]:
    """Read code and message of an item that failed."""
    code: str | None = None
    messages: dict[str, str] = {}
    for path, value in walk_members(item):
        if isinstance(value, str) and value and path:
            if path[-1] in _CODES or (path[-1] == "error" and " " not in value):
                code = code or value
            else:
                messages.setdefault(path[-1], value)
    message = next((messages[name] for name in _MESSAGES if name in messages), None)
    return (code, message) if code or message else ("Failed", None)
