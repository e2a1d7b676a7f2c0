"""What became of what was sent to a search engine, by status and error: one table for requests and for items of a bulk.

Sources: the servers' own answers (tests/pipeline/search ask real ones), AWS's knowledge base on blocked clusters, and
the measured habits of clients, which retry what must not be and give up what must not be.
"""

from enum import Enum
from typing import Final, NamedTuple


class Outcome(Enum):
    """What to do about an item or a request."""

    OK = "ok"
    DUPLICATE = "duplicate"
    """It is there already: the same event, delivered again."""
    RETRY = "retry"
    """It may have been taken or not; sending it again is harmless, since its id is the event's."""
    RETRY_SLOWLY = "retry slowly"
    """The cluster takes nothing in at present: disk full, memory full, blocked."""
    REPAIR = "repair"
    """This document cannot be taken as it is."""
    CREATE_INDEX = "create index"
    """Its index is not there, and the engine makes none by itself."""
    SPLIT = "split"
    """The request is too large."""
    CONFIGURATION = "configuration"
    """Nothing can be taken until somebody mends a right or a template; the events must stay where they are."""


class Problem(NamedTuple):
    """Why something was not taken."""

    outcome: Outcome
    reason: str
    """Bounded text of the engine."""


_LONGEST_REASON: Final = 500
_BLOCKED: Final = frozenset({"cluster_block_exception", "index_create_block_exception"})
_BUSY: Final = frozenset({408, 429, 500, 502, 503, 504})
_TEMPLATE: Final = ("limit of total fields", "limit of nested fields", "limit of mapping depth")
"""Reasons that say that the template is missing or overridden, in lower case."""


def classify(status: int, kind: str = "", reason: str = "") -> Outcome:
    """Tell what an HTTP status and an error's type and reason mean, of a request or of one item of a bulk.

    Examples
    --------
    >>> classify(201), classify(409, "version_conflict_engine_exception")
    (<Outcome.OK: 'ok'>, <Outcome.DUPLICATE: 'duplicate'>)
    >>> classify(403, "cluster_block_exception"), classify(403, "security_exception")
    (<Outcome.RETRY_SLOWLY: 'retry slowly'>, <Outcome.CONFIGURATION: 'configuration'>)
    """
    said = reason.lower()
    if 200 <= status < 300:
        return Outcome.OK
    if status == 409 and kind in ("version_conflict_engine_exception", ""):
        return Outcome.DUPLICATE
    if kind in _BLOCKED or "flood-stage" in said or "flood_stage" in said:
        return Outcome.RETRY_SLOWLY
    if status in _BUSY or status == 409:
        return Outcome.RETRY
    if status == 413:
        return Outcome.SPLIT
    if status == 404 and kind == "index_not_found_exception":
        return Outcome.CREATE_INDEX
    if status in (401, 403, 404, 405) or any(text in said for text in _TEMPLATE):
        return Outcome.CONFIGURATION
    if status == 400:
        return Outcome.REPAIR
    return Outcome.CONFIGURATION if 300 <= status < 500 else Outcome.RETRY


def bound(reason: object) -> str:
    """An engine's words, bounded: it repeats parts of documents.

    >>> bound("x" * 1_000)[-3:]
    'xx…'
    """
    text = str(reason or "")
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"
