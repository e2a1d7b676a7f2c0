"""Write alerts so that the highest revision stands, whoever else writes them, and what others wrote beside it stays.

An alert that is not there is created. One that is there is changed field by field, under the condition that nobody
changed it since it was read; else it is read again. One of the same revision or a higher one is left.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from pipeline.documents.members import write
from pipeline.search.bulk import MOST_BYTES
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Answer, Engine, UnreachableError, read_error
from pipeline.search.outcome import Outcome, classify
from pipeline.text.plural import plural

MOST_ALERTS: Final = 100
"""Of a request."""
_LEAST_TIME: Final = 1.0
_LONGEST_REQUEST: Final = 30.0
_LOOK: Final = {"_source_includes": "revision"}
_FILTER: Final = {"filter_path": "errors,items.*.status,items.*.error"}
_FIRST: Final = "initial_record_score"
"""Written once, with the document."""


class Wanted(NamedTuple):
    """A revision that is to stand."""

    index_name: str
    id: str
    revision: int
    document: Mapping[str, Any]
    first_score: Callable[[], float]
    """Record score of the alert's first revision, asked only where the document is created."""


@dataclass
class Upserted:
    """What became of revisions; each is in one of the three."""

    written: list[str] = field(default_factory=list)
    """Ids of those that were created or changed."""
    superseded: list[str] = field(default_factory=list)
    """Ids of those that a revision as high or higher was there of."""
    refused: dict[str, str] = field(default_factory=dict)
    """Ids of those that the engine does not take, with its reason."""
    left: list[str] = field(default_factory=list)
    """Ids of those that are not finished."""
    problem: str = ""
    """Why some are left."""


class _Held(NamedTuple):
    """What is there of an alert."""

    revision: int
    seq_no: int
    primary_term: int


class _Obstacle(NamedTuple):
    """Why a request brought nothing."""

    outcome: Outcome
    reason: str


def upsert(engine: Engine, wanted: Sequence[Wanted], deadline: Deadline, *, again: bool = False) -> Upserted:
    """Write revisions, as far as the time goes.

    Parameters
    ----------
    again
        Write what is there in the same revision as well.
    """
    done = Upserted()
    for group in _divide(wanted):
        if done.problem:
            done.left += [each.id for each in group]
        else:
            _Group(engine, deadline, again, done).settle(group)
    return done


def _divide(wanted: Sequence[Wanted]) -> Iterator[list[Wanted]]:
    """Revisions, a request's worth at a time."""
    group: list[Wanted] = []
    size = 0
    for each in wanted:
        length = len(write(each.document))
        if group and (len(group) >= MOST_ALERTS or size + length > MOST_BYTES):
            yield group
            group, size = [], 0
        group.append(each)
        size += length
    if group:
        yield group


class _Group:
    """Some revisions on their way."""

    def __init__(self, engine: Engine, deadline: Deadline, again: bool, done: Upserted) -> None:
        self._engine, self._deadline, self._again, self._done = engine, deadline, again, done

    def settle(self, group: list[Wanted]) -> None:
        """Read and write until each has ended, or no time is left."""
        failures = 0
        problem = ""
        while group and self._deadline.left >= _LEAST_TIME:
            try:
                group, obstacle = self._try(group)
            except UnreachableError as error:
                obstacle = _Obstacle(Outcome.RETRY, str(error))
            if obstacle is None:
                continue
            if obstacle.outcome is Outcome.SPLIT:
                return self._halve(group, obstacle.reason)
            problem, failures = obstacle.reason, failures + 1
            if obstacle.outcome is Outcome.CONFIGURATION:
                break
            if not self._deadline.wait(failures, obstacle.outcome is Outcome.RETRY_SLOWLY):
                break
        if group:
            self._done.left += [each.id for each in group]
            self._done.problem = problem or "no time was left"

    def _halve(self, group: list[Wanted], reason: str) -> None:
        """What is too much together is sent in two parts; what is too much alone is refused."""
        if len(group) == 1:
            self._done.refused[group[0].id] = reason
            return
        middle = len(group) // 2
        self.settle(group[:middle])
        self.settle(group[middle:])

    def _try(self, group: list[Wanted]) -> tuple[list[Wanted], _Obstacle | None]:
        """Once: those that are left, and what was in the way."""
        answer = self._ask("/_mget", {"docs": [{"_index": each.index_name, "_id": each.id} for each in group]}, _LOOK)
        found = answer.body.get("docs") if answer.status == 200 and isinstance(answer.body, dict) else None
        if not isinstance(found, list) or len(found) != len(group):
            return group, _obstacle(answer, len(group))
        lines: list[bytes] = []
        sent: list[Wanted] = []
        for each, told in zip(group, found, strict=True):
            held, refused = _read_held(told)
            if refused:
                self._done.refused[each.id] = refused
            elif held and (held.revision > each.revision or (held.revision == each.revision and not self._again)):
                self._done.superseded.append(each.id)
            else:
                lines += _lines(each, held)
                sent.append(each)
        if not sent:
            return [], None
        answer = self._ask("/_bulk", b"".join(lines), _FILTER)
        items = answer.body.get("items") if answer.status == 200 and isinstance(answer.body, dict) else None
        if not isinstance(items, list) or len(items) != len(sent):
            return sent, _obstacle(answer, len(sent))
        return self._sort(sent, items)

    def _ask(self, path: str, body: Mapping[str, Any] | bytes, params: Mapping[str, str]) -> Answer:
        timeout = max(min(self._deadline.left, _LONGEST_REQUEST), _LEAST_TIME)
        return self._engine.ask("POST", path, body, params=params, timeout=timeout)

    def _sort(self, sent: list[Wanted], items: list[Any]) -> tuple[list[Wanted], _Obstacle | None]:
        """What became of each."""
        left: list[Wanted] = []
        worst: _Obstacle | None = None
        for each, item in zip(sent, items, strict=True):
            inner = next(iter(item.values()), None) if isinstance(item, dict) and item else None
            status = inner.get("status", 0) if isinstance(inner, dict) else 0
            kind, reason = read_error(inner.get("error") if isinstance(inner, dict) else None)
            said = f"{status} {kind} {reason}".strip()
            outcome = classify(status, kind, reason)
            if outcome is Outcome.OK:
                self._done.written.append(each.id)
            elif outcome in (Outcome.REPAIR, Outcome.SPLIT, Outcome.BURY):
                self._done.refused[each.id] = said
            else:
                left.append(each)
                if kind == "document_missing_exception" or outcome is Outcome.DUPLICATE:
                    outcome = Outcome.RETRY  # somebody else wrote or removed it meanwhile: it is read again
                if worst is None or outcome is not Outcome.RETRY:
                    worst = _Obstacle(outcome, said)
        return left, worst


def _lines(wanted: Wanted, held: _Held | None) -> list[bytes]:
    """A line that says what to do, and one with what it is done with."""
    name: dict[str, Any] = {"_index": wanted.index_name, "_id": wanted.id}
    document = dict(wanted.document)
    if held is None:
        document[_FIRST] = wanted.first_score()
        return [write({"create": name}), b"\n", write(document), b"\n"]
    del document[_FIRST]
    condition = {"if_seq_no": held.seq_no, "if_primary_term": held.primary_term}
    return [write({"update": name | condition}), b"\n", write({"doc": document}), b"\n"]


def _read_held(told: Any) -> tuple[_Held | None, str]:
    """What is there of an alert, and why that cannot be told.

    >>> _read_held({"found": True, "_seq_no": 4, "_primary_term": 1, "_source": {"revision": 2}})[0]
    _Held(revision=2, seq_no=4, primary_term=1)
    >>> _read_held({"found": False}), _read_held({"error": {"type": "index_closed_exception", "reason": "closed"}})
    ((None, ''), (None, 'index_closed_exception closed'))
    """
    if not isinstance(told, dict):
        return None, "an answer that says nothing"
    if "error" in told:
        kind, reason = read_error(told["error"])
        return None, "" if kind == "index_not_found_exception" else f"{kind} {reason}".strip()
    if not told.get("found"):
        return None, ""
    source = told.get("_source")
    revision = source.get("revision") if isinstance(source, dict) else None
    return _Held(revision if isinstance(revision, int) else 0, told["_seq_no"], told["_primary_term"]), ""


def _obstacle(answer: Answer, asked: int) -> _Obstacle:
    """Why a request as a whole brought nothing."""
    if answer.status == 200:
        return _Obstacle(Outcome.RETRY, f"an answer that does not account for all of {plural(asked, 'alert')}")
    kind, reason = answer.error
    outcome = classify(answer.status, kind, reason)
    if outcome not in (Outcome.RETRY, Outcome.RETRY_SLOWLY, Outcome.SPLIT):
        outcome = Outcome.CONFIGURATION
    return _Obstacle(outcome, f"{answer.status} {kind} {reason}".strip())
