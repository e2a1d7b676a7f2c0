"""What became of what was sent to a search engine, by status and error: one table for requests and for items of a bulk.

Sources: the servers' own answers (tests/pipeline/search ask real ones), AWS's knowledge base on blocked clusters, and
the measured habits of clients, which retry what must not be and give up what must not be.
"""

import re
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
    BURY = "bury"
    """Its index takes nothing, this document as little as any other; the other indices do."""
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
_FAULTS: Final = (
    (re.compile(r"(\[\d+:\d+\] failed to parse: )?Limit of (total fields|nested fields|mapping depth) \["), "template"),
    (re.compile(r"pipeline with id \["), "template"),
    (re.compile(r"no write index is defined for alias \["), "template"),
    (re.compile(r"Validation Failed: \d+: this action would add \[\d+\].*\bshards\b"), "full"),
)
"""How reasons begin that are no fault of the document they came with. They are read from their beginning only: further
on, an engine repeats what somebody wrote into the document."""
_OF_INDEX: Final = {
    "index_closed_exception": Outcome.BURY,
    "invalid_index_name_exception": Outcome.CONFIGURATION,
    "strict_dynamic_mapping_exception": Outcome.CONFIGURATION,
}
"""Types of errors 400 that are an index's and not a document's."""


def classify(status: int, kind: str = "", reason: str = "") -> Outcome:
    """Tell what an HTTP status and an error's type and reason mean, of a request or of one item of a bulk.

    Examples
    --------
    >>> classify(201), classify(409, "version_conflict_engine_exception")
    (<Outcome.OK: 'ok'>, <Outcome.DUPLICATE: 'duplicate'>)
    >>> classify(403, "cluster_block_exception"), classify(403, "security_exception")
    (<Outcome.RETRY_SLOWLY: 'retry slowly'>, <Outcome.CONFIGURATION: 'configuration'>)
    """
    if 200 <= status < 300:
        return Outcome.OK
    if status == 409 and kind in ("version_conflict_engine_exception", ""):
        return Outcome.DUPLICATE
    if kind in _BLOCKED:
        return Outcome.RETRY_SLOWLY
    if status in _BUSY or status == 409:
        return Outcome.RETRY
    if status == 413:
        return Outcome.SPLIT
    if status == 404 and kind == "index_not_found_exception":
        return Outcome.CREATE_INDEX
    if status == 400:
        return _classify_refusal(kind, reason)
    return Outcome.CONFIGURATION if 300 <= status < 500 else Outcome.RETRY


def _classify_refusal(kind: str, reason: str) -> Outcome:
    """What a 400 means: mostly that this document cannot be taken as it is."""
    if kind in _OF_INDEX:
        return _OF_INDEX[kind]
    for pattern, fault in _FAULTS:
        if pattern.match(reason):
            return Outcome.RETRY_SLOWLY if fault == "full" else Outcome.CONFIGURATION
    return Outcome.REPAIR


def describe(status: int, kind: str, reason: str) -> str:
    """An error in a line; it begins with its status.

    >>> describe(403, "", "The security token included in the request is expired")
    '403 The security token included in the request is expired'
    """
    return " ".join(filter(None, (str(status), kind, reason)))


def bound(reason: object) -> str:
    """An engine's words, bounded: it repeats parts of documents.

    >>> bound("x" * 1_000)[-3:]
    'xx…'
    """
    text = str(reason or "")
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"
