"""Write documents in bulk so that each ends in the index or is handed back with a reason, whatever the engine does.

Documents are created, never overwritten: an id is its event's, so sending twice is harmless, and a conflict means
that the event is there. An answer that does not account for each document sent says nothing about any of them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event as Flag
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import quote

import msgspec

from pipeline.search.deadline import Deadline
from pipeline.search.elsewhere import leave_out
from pipeline.search.engine import Answer, Engine, UnreachableError, read_error
from pipeline.search.outcome import Outcome, Problem, classify, describe
from pipeline.text.plural import plural

MOST_BYTES: Final = 5 << 20
"""Of a request; small domains of AWS refuse 10 MB."""
MOST_DOCUMENTS: Final = 1_000
PATIENCE: Final = 600.0
"""Seconds in which nothing of a request gets through, after which it is handed back."""
LONGEST_REQUEST: Final = 60.0
"""Seconds until no answer means that nobody knows what became of a request."""
_LEAST_TIME: Final = 1.0
"""Seconds that must be left for a request to be worth sending."""
_STOPPED: Final = "the sending was stopped"
_FILTER: Final = {"filter_path": "errors,items.*.status,items.*.error"}


class Document(NamedTuple):
    """A document to be created."""

    index_name: str
    id: str
    body: bytes
    """One JSON object, without a line break."""
    raw: bytes
    """The record it was made of."""
    repairs: int = 0
    """How often it was made smaller after the engine refused it."""
    elsewhere: str = ""
    """Another index in which it may be already, as `pipeline.search.elsewhere` says; "" for none."""


Repair: TypeAlias = Callable[[Document, str], Document | None]
"""Makes a document that was refused, for a reason, acceptable; None when nothing is left to try."""


class Refused(NamedTuple):
    """A document that cannot be indexed."""

    document: Document
    reason: str


@dataclass
class Sent:
    """What became of documents: each is counted or listed once."""

    indexed: int = 0
    duplicates: int = 0
    repaired: int = 0
    """Of those indexed, the ones that had to be repaired."""
    bytes: int = 0
    """Of requests that were answered."""
    by_index: Counter[str] = field(default_factory=Counter, repr=False)
    """Those indexed, by the index they are in."""
    dead: list[Refused] = field(default_factory=list)
    left: list[Document] = field(default_factory=list)
    """Not finished: send them again."""
    problem: str = ""
    """Why some are left."""
    misconfigured: bool = False
    """Somebody has to mend a right or a template before anything can be taken."""

    def add(self, other: "Sent") -> None:
        """Count another's documents in."""
        self.indexed += other.indexed
        self.duplicates += other.duplicates
        self.repaired += other.repaired
        self.bytes += other.bytes
        self.by_index += other.by_index
        self.dead += other.dead
        self.left += other.left
        if other.misconfigured and not self.misconfigured:  # what has to be mended is told before what only has to wait
            self.problem, self.misconfigured = other.problem, True
        self.problem = self.problem or other.problem


class BulkWriter:
    """Sends documents with a few requests under way at once.

    Parameters
    ----------
    engine
        Where they go.
    repair
        See `Repair`.
    deadline
        When what is not finished is handed back.
    requests
        Under way at once.
    patience
        Seconds in which nothing of a request gets through, after which it is handed back, whatever the deadline.
    """

    def __init__(
        self, engine: Engine, repair: Repair, deadline: Deadline, requests: int = 4, patience: float = PATIENCE
    ) -> None:
        self._engine, self._repair, self._deadline = engine, repair, deadline
        self._requests, self._patience = requests, patience
        self._end = _End()
        self._pool: ThreadPoolExecutor | None = None
        self._under_way: set[Future[Sent]] = set()

    def write(self, documents: Iterable[Document]) -> Sent:
        """Send documents; what cannot be finished in time is handed back."""
        done = Sent()
        for sent in self.send(documents):
            done.add(sent)
        return done

    def send(self, documents: Iterable[Document]) -> Iterator[Sent]:
        """Send documents, and tell request by request what became of them; no more than those under way are held.

        Whoever stops listening stops the sending.
        """
        try:
            yield from self.send_on(documents)
            yield from self.finish()
        except BaseException:
            self._under_way = set()
            self._close()
            raise

    def send_on(self, documents: Iterable[Document]) -> Iterator[Sent]:
        """The same without waiting for the last requests, which are under way while the next documents are made.

        `finish` tells what became of them, and has to follow; where this fails, or is left, `stop` does.
        """
        self._pool = self._pool or ThreadPoolExecutor(self._requests)
        try:
            for batch in divide(documents):
                if len(self._under_way) >= self._requests:
                    yield from self._wait()
                self._under_way.add(self._pool.submit(self._send, batch))
        except BaseException:
            self._end.come(_STOPPED)
            raise

    def finish(self) -> Iterator[Sent]:
        """Wait for the requests that are under way, and tell what became of them."""
        try:
            while self._under_way:
                yield from self._wait()
        except BaseException:
            self._end.come(_STOPPED)
            raise
        self._close()

    def stop(self) -> Iterator[Sent]:
        """Begin and repeat no request, and tell what became of those that are under way."""
        self._end.come(_STOPPED)
        try:
            yield from self.finish()
        finally:
            self._close()

    def _wait(self) -> Iterator[Sent]:
        """Wait for one request at least."""
        finished, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
        for future in finished:
            self._under_way.remove(future)
            yield future.result()

    def _close(self) -> None:
        """Let the threads go, once they are done."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()

    def _send(self, documents: list[Document]) -> Sent:
        return _Batch(self._engine, self._repair, self._deadline, self._end, self._patience).send(documents)


class _End:
    """Set when nothing more is to be sent, with the reason."""

    def __init__(self) -> None:
        self.came = Flag()
        self.reason = ""
        self.misconfigured = False

    def come(self, reason: str, misconfigured: bool = False) -> None:
        """End all sending; the first reason stays."""
        if not self.came.is_set():
            self.reason, self.misconfigured = reason, misconfigured
            self.came.set()


def divide(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Divide documents into requests.

    >>> some = [Document("i", str(n), b"{}", b"") for n in range(2_500)]
    >>> [len(batch) for batch in divide(some)]
    [1000, 1000, 500]
    """
    batch: list[Document] = []
    size = 0
    for document in documents:
        if batch and (len(batch) >= MOST_DOCUMENTS or size + len(document.body) > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += len(document.body) + 100
    if batch:
        yield batch


class _Batch:
    """Some documents on their way."""

    def __init__(self, engine: Engine, repair: Repair, deadline: Deadline, end: _End, patience: float) -> None:
        self._engine, self._repair, self._deadline, self._end = engine, repair, deadline, end
        self._patience = patience
        self._sent = Sent()
        self._looked = False
        """Whether documents that are elsewhere have been left out."""
        self._failures = 0
        """Sendings in a row that brought nothing."""
        self._since = deadline.now()
        """When something last got through."""

    def send(self, documents: list[Document]) -> Sent:
        """Send until all have ended, or no time is left."""
        groups = [documents]
        problem = ""
        while groups and not self._end.came.is_set() and self._deadline.left >= _LEAST_TIME:
            group = groups.pop()
            again = self._send_once(group)
            groups += again.groups
            if again.problem is None or again.progress:
                self._failures, self._since = 0, self._deadline.now()
            if again.problem is None:
                continue
            problem = again.problem.reason
            if again.problem.outcome is Outcome.CONFIGURATION:
                self._end.come(problem, misconfigured=True)
                break
            self._failures += not again.progress
            slowly = again.problem.outcome is Outcome.RETRY_SLOWLY
            if self._deadline.now() - self._since >= self._patience or not self._deadline.wait(self._failures, slowly):
                break
        self._sent.left += [document for group in groups for document in group]
        if self._sent.left:
            end = self._end
            self._sent.misconfigured = end.misconfigured
            self._sent.problem = end.reason if end.misconfigured else problem or end.reason or "no time was left"
        return self._sent

    def _send_once(self, group: list[Document]) -> "_Again":
        """Send one request, and sort what came of it."""
        if not self._looked:
            return self._look(group)
        body = _write(group)
        try:
            answer = self._engine.ask("POST", "/_bulk", body, params=_FILTER, timeout=self._timeout())
        except UnreachableError as error:
            return _Again([group], Problem(Outcome.RETRY, str(error)))
        if answer.status != 200:
            return self._sort_request(group, answer)
        items = answer.body.get("items") if isinstance(answer.body, dict) else None
        if isinstance(answer.body, dict) and answer.body.get("errors") is False and items is None:
            items = []  # some engines leave out what the filter makes empty
        if not isinstance(items, list) or len(items) != len(group):
            reason = f"an answer that does not account for all of {plural(len(group), 'document')}"
            return _Again([group], Problem(Outcome.RETRY, reason))
        self._sent.bytes += len(body)
        return self._sort_items(group, items)

    def _look(self, group: list[Document]) -> "_Again":
        """Leave out what is elsewhere already."""
        found = leave_out(self._engine, group, self._timeout())
        if isinstance(found, Problem):
            return _Again([group], found)
        self._looked = True
        self._sent.duplicates += len(group) - len(found)
        return _Again([found] if found else [])

    def _timeout(self) -> float:
        return max(min(self._deadline.left, LONGEST_REQUEST), _LEAST_TIME)

    def _sort_request(self, group: list[Document], answer: Answer) -> "_Again":
        """A request that was refused as a whole."""
        kind, reason = answer.error
        problem = Problem(classify(answer.status, kind, reason), describe(answer.status, kind, reason))
        if problem.outcome is Outcome.REPAIR and not kind:  # no engine says so: something between us and it does
            problem = Problem(Outcome.RETRY, problem.reason)
        if problem.outcome in (Outcome.SPLIT, Outcome.REPAIR):
            if len(group) > 1:  # one of them is what is wrong, or all are too much together
                middle = len(group) // 2
                return _Again([group[middle:], group[:middle]])
            mended = self._mend(group[0], problem.reason)
            return _Again([mended] if mended else [])
        if problem.outcome in (Outcome.DUPLICATE, Outcome.OK, Outcome.CREATE_INDEX, Outcome.BURY):
            problem = Problem(Outcome.CONFIGURATION, problem.reason)
        return _Again([group], problem)

    def _sort_items(self, group: Sequence[Document], items: Sequence[Any]) -> "_Again":
        """What became of each document."""
        again: list[Document] = []
        mended: list[Document] = []
        worst: Problem | None = None
        created: list[Document] = []
        for document, item in zip(group, items, strict=True):
            if item == _CREATED:
                created.append(document)
                continue
            status, kind, reason = _read_item(item)
            outcome = classify(status, kind, reason)
            if outcome is Outcome.OK:
                created.append(document)
            elif outcome is Outcome.DUPLICATE:
                self._sent.duplicates += 1
            elif outcome is Outcome.BURY:
                self._sent.dead.append(Refused(document, describe(status, kind, reason)))
            elif outcome in (Outcome.REPAIR, Outcome.SPLIT):
                mended += self._mend(document, describe(status, kind, reason))
            else:
                again.append(document)
                worst = _worse(worst, Problem(outcome, describe(status, kind, reason)))
        self._sent.indexed += len(created)
        self._sent.by_index.update(document.index_name for document in created)
        self._sent.repaired += sum(document.repairs > 0 for document in created)
        if worst is not None and worst.outcome is Outcome.CREATE_INDEX:
            worst = self._create_indices(again) or Problem(Outcome.RETRY, worst.reason)
        return _Again([some for some in (mended, again) if some], worst, progress=len(again) < len(group))

    def _mend(self, document: Document, reason: str) -> list[Document]:
        """The document made acceptable; none where it is dead."""
        mended = self._repair(document, reason)
        if mended is None:
            self._sent.dead.append(Refused(document, reason))
            return []
        return [mended]

    def _create_indices(self, documents: Iterable[Document]) -> Problem | None:
        """Make the indices that the engine does not make by itself; why that cannot be done."""
        for index in sorted({document.index_name for document in documents}):
            try:
                answer = self._engine.ask("PUT", f"/{quote(index, safe='')}", {})
            except UnreachableError as error:
                return Problem(Outcome.RETRY, str(error))
            kind, reason = answer.error
            if answer.status != 200 and kind != "resource_already_exists_exception":
                outcome = classify(answer.status, kind, reason)
                slow = outcome in (Outcome.RETRY, Outcome.RETRY_SLOWLY)
                return Problem(outcome if slow else Outcome.CONFIGURATION, f"{index} cannot be made: {kind} {reason}")
        return None


class _Again(NamedTuple):
    """What has to be sent again, and why that has to wait."""

    groups: list[list[Document]]
    problem: Problem | None = None
    progress: bool = False
    """Some documents have ended all the same."""


_ORDER: Final = (Outcome.RETRY, Outcome.RETRY_SLOWLY, Outcome.CREATE_INDEX, Outcome.CONFIGURATION)


def _worse(one: Problem | None, other: Problem) -> Problem:
    if one is None or _ORDER.index(other.outcome) > _ORDER.index(one.outcome):
        return other
    return one


def _read_item(item: Any) -> tuple[int, str, str]:
    """Status, and type and reason of the error, of an item of an answer; 0 where it says none."""
    inner = next(iter(item.values()), None) if isinstance(item, dict) else None
    if not isinstance(inner, dict) or not isinstance(inner.get("status"), int):
        return 0, "", "an item without a status"
    return inner["status"], *read_error(inner.get("error"))


_CREATED: Final = {"create": {"status": 201}}
"""An item of an answer, as nearly all are."""
_encode = msgspec.json.encode


def _write(group: Iterable[Document]) -> bytes:
    """The body of a request."""
    lines = [
        b'{"create":{"_index":%b,"_id":%b}}\n%b\n' % (_encode(index_name), _encode(id_), body)
        for index_name, id_, body, *_ in group
    ]
    return b"".join(lines)
