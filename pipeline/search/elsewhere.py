"""Leave out documents that are there already, in the other of the two indices in which an event may be.

Whether an event's time can be believed is told by the clock: what was ahead of it and went to quarantine belongs in its
day's index when it is sent again later, and an id is unique only within an index. So each document names the other one,
and that is asked before it is sent, by id, which every engine answers as of now and not as of its last refresh.
"""

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any, Final, NamedTuple, Protocol, TypeVar

import msgspec

from pipeline.search.engine import Engine, UnreachableError, read_error
from pipeline.search.outcome import Outcome, Problem, classify, describe
from pipeline.text.plural import plural

_PATH: Final = "/_mget"
_PARAMS: Final = {"_source_includes": "@timestamp", "filter_path": "docs.found,docs.error,docs._source"}
_NOWHERE: Final = frozenset({"index_not_found_exception", "index_closed_exception"})
"""Errors that say that nobody finds anything in an index."""
_FORBIDDEN: Final = "security_exception"


class Placed(Protocol):
    """A document, as far as it matters here."""

    @property
    def id(self) -> str:
        """Its event's."""

    @property
    def body(self) -> bytes:
        """One JSON object."""

    @property
    def elsewhere(self) -> str:
        """Another index in which it may be already; "" for none."""


P = TypeVar("P", bound=Placed)


class _Timed(msgspec.Struct):
    time: str = msgspec.field(name="@timestamp", default="")


class _Asked(NamedTuple):
    """What an engine says of documents elsewhere."""

    there: Sequence[bool]
    missing: frozenset[str]
    """Indices that are not there, or closed."""


_NOTHING: Final = _Asked((), frozenset())


def leave_out(engine: Engine, documents: Sequence[P], timeout: float) -> list[P] | Problem:
    """The documents that are nowhere else, or why that cannot be told.

    An index that is not there, as quarantine mostly is not, is asked for one document only: it costs an engine as much
    to say that an index is missing as to look into it.
    """
    firsts = list({each.elsewhere: each for each in documents if each.elsewhere}.values())
    if not firsts:
        return list(documents)
    asked = _ask(engine, firsts, timeout)
    if isinstance(asked, Problem):
        return asked
    first = set(map(id, firsts))
    others = [
        each for each in documents if each.elsewhere and each.elsewhere not in asked.missing and id(each) not in first
    ]
    rest = _ask(engine, others, timeout) if others else _NOTHING
    if isinstance(rest, Problem):
        return rest
    there = set(compress(map(id, [*firsts, *others]), [*asked.there, *rest.there]))
    return [each for each in documents if id(each) not in there]


def _ask(engine: Engine, documents: Sequence[Placed], timeout: float) -> _Asked | Problem:
    wanted = {"docs": [{"_index": each.elsewhere, "_id": each.id} for each in documents]}
    try:
        answer = engine.ask("POST", _PATH, wanted, params=_PARAMS, timeout=timeout)
    except UnreachableError as error:
        return Problem(Outcome.RETRY, str(error))
    if answer.status != 200:
        return _trouble(answer.status, *answer.error)
    items = answer.body.get("docs") if isinstance(answer.body, dict) else None
    if not isinstance(items, list) or len(items) != len(documents):
        return Problem(
            Outcome.RETRY, f"an answer that does not account for all of {plural(len(documents), 'document')}"
        )
    there, missing = [], set[str]()
    for document, item in zip(documents, items, strict=True):
        kind, reason = read_error(item.get("error") if isinstance(item, dict) else "no object")
        if kind in _NOWHERE:
            missing.add(document.elsewhere)
        elif kind or reason:
            return _trouble(403 if kind == _FORBIDDEN else 503, kind, reason)
        there.append(item.get("found") is True and _is_same(document, item.get("_source")))
    return _Asked(there, frozenset(missing))


def _is_same(document: Placed, found: Any) -> bool:
    """Whether what is there is of the same time: an id that somebody gave to two events hides neither."""
    time = found.get("@timestamp") if isinstance(found, Mapping) else None
    return bool(time == msgspec.json.decode(document.body, type=_Timed).time)


def _trouble(status: int, kind: str, reason: str) -> Problem:
    outcome = classify(status, kind, reason)
    waits = outcome in (Outcome.RETRY, Outcome.RETRY_SLOWLY)
    text = f"{describe(status, kind, reason)} (asked by id what is there already)"
    return Problem(outcome if waits else Outcome.CONFIGURATION, text)
