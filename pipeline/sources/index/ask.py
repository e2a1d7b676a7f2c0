"""Ask a search engine for documents: again while it is busy, and never taking part of an answer for all of it."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple, Protocol

from pipeline.errors import OddtrailError, SettingsError
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Answer, UnreachableError
from pipeline.search.outcome import Outcome, bound, classify
from pipeline.search.url import EngineUrl
from pipeline.text.inert import inert

PATIENCE: Final = 300.0
"""Seconds in which an engine may be busy or away, before a run ends."""
_BRIEFLY: Final = 5.0
_LOST: Final = "search_context_missing_exception"
_AWAY: Final = (Outcome.RETRY, Outcome.RETRY_SLOWLY)


class ReadError(OddtrailError):
    """An index cannot be read, or not wholly."""


class LostError(OddtrailError):
    """What was held open to be read has been closed by the engine: too much time passed, or it was started again."""


class GoneError(OddtrailError):
    """An index is not there any more, or closed."""


class Asked(Protocol):
    """What is asked of a search engine's client."""

    url: EngineUrl

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        params: Mapping[str, str] | None = None,
        timeout: float = 30.0,
    ) -> Answer:
        """See `pipeline.search.engine.Engine.ask`."""


class Hit(NamedTuple):
    """A document that was found."""

    id: str
    seq: int
    """Number of the operation that wrote it, unique in its shard and greater than that of all before it."""
    term: int
    """Counts how often another copy of the shard became the one that numbers."""
    source: Mapping[str, Any]


class Above(NamedTuple):
    """What a shard holds above a number, whatever a search is about."""

    last: int
    """The greatest number; -1 where there is none."""
    documents: int


class Found(NamedTuple):
    """What a search found, all of it."""

    hits: list[Hit]
    total: int
    """Documents that the search is about, these among them; -1 where that was not asked for."""
    context: str
    """Id of what is held open, where something is; it may change with every answer."""
    shards: int
    """That answered, which are all."""
    above: Above | None = None
    """Where that was asked for."""


class Asker:
    """Asks a search engine, patiently.

    Parameters
    ----------
    engine
        A client.
    patience
        Seconds in which nothing but refusals for the time being come, after which it gives up.
    """

    def __init__(self, engine: Asked, patience: float = PATIENCE) -> None:
        self._engine, self._patience = engine, patience
        self.origin = engine.url.origin

    def ask(self, method: str, path: str, body: Mapping[str, Any] | bytes | None = None, **params: str) -> Answer:
        """The answer to a question that does no harm however often it is asked.

        Raises
        ------
        UnreachableError
            None came for as long as we are patient.
        SettingsError
            We may not ask.
        LostError, GoneError
            What is asked about is closed; is not there.
        ReadError
            The engine refuses.
        """
        deadline, attempt = Deadline(self._patience), 0
        while True:
            try:
                answer = self._engine.ask(method, path, body, params=params)
                kind, reason = answer.error
                outcome = classify(answer.status, kind, reason)
                problem = f"{self.origin} takes no questions at present ({answer.status} {kind} {inert(reason)})"
            except RecursionError as error:
                raise ReadError(
                    f"{self.origin} holds a document that is nested by the hundred, which no CloudTrail record is: "
                    "leave its index out"
                ) from error
            except UnreachableError as error:
                answer, outcome, problem = Answer(0, None), Outcome.RETRY, str(error)
            if outcome is Outcome.OK:
                return answer
            if _is_lost(answer.body):
                raise LostError(f"{self.origin} closed what was being read")
            if outcome not in _AWAY:
                raise self._refusal(answer)
            if not deadline.wait(attempt, slow=outcome is Outcome.RETRY_SLOWLY):
                raise UnreachableError(f"{problem}: run again when it does; it goes on where it was")
            attempt += 1

    def once(self, method: str, path: str, body: Mapping[str, Any]) -> None:
        """Ask for something that can as well be left out: whatever comes of it."""
        with suppress(OddtrailError):
            self._engine.ask(method, path, body, timeout=_BRIEFLY)

    def search(self, path: str, body: Mapping[str, Any], **params: str) -> Found:
        """What a search finds.

        Raises
        ------
        ReadError
            Part of the index did not answer, or the answer is not one to a search; and as `ask` does.
        """
        deadline, attempt = Deadline(self._patience), 0
        while True:
            answer = self.ask("POST", path, body, **params)
            problem = find_part_missing(answer.body)
            if not problem:
                return _read(answer.body)
            if _is_lost(answer.body):
                raise LostError(f"{self.origin} closed what was being read")
            if not deadline.wait(attempt):
                raise ReadError(
                    f"{self.origin} answers in part only ({problem}): see that every shard is there, and run again"
                )
            attempt += 1

    def _refusal(self, answer: Answer) -> OddtrailError:
        kind, reason = answer.error
        told = f"{answer.status} {kind} {inert(reason)}".strip()
        if answer.status in (401, 403):
            return SettingsError(
                f"{self.origin} does not let us read ({told}): check user and password, and give the user the role "
                "`oddtrail-…-trainer` of `oddtrail setup`, or the rights that docs/sources.md lists"
            )
        if kind in ("index_not_found_exception", "index_closed_exception"):
            return GoneError(f"{self.origin} has no such index, or it is closed ({inert(reason)})")
        return ReadError(f"{self.origin} refuses to be read ({told})")


def _is_lost(body: Any) -> bool:
    """Whether an answer says that what is held open is not."""
    error = body.get("error") if isinstance(body, dict) else None
    shards = body.get("_shards") if isinstance(body, dict) else None
    reasons: list[Any] = [error, shards]
    for _ in range(100):  # bounded: each of them is some levels deep
        if not reasons:
            return False
        one = reasons.pop()
        if isinstance(one, dict):
            if one.get("type") == _LOST:
                return True
            reasons += [one.get(name) for name in ("caused_by", "root_cause", "failed_shards", "failures", "reason")]
        elif isinstance(one, list):
            reasons += one[:10]
    return False


def find_part_missing(body: Any) -> str:
    """Why an answer is not to be taken for the whole of it; "" where it is."""
    if not isinstance(body, dict):
        return "it is no JSON object"
    shards, hits = body.get("_shards"), body.get("hits")
    if not isinstance(shards, dict) or not isinstance(hits, dict):
        return "it is no answer to a search"
    if body.get("timed_out") is not False:
        return "it ran out of time"
    if body.get("terminated_early"):
        return "it ended early"
    total, successful, failed = (shards.get(name) for name in ("total", "successful", "failed"))
    if failed or total != successful:
        failures = shards.get("failures")
        first: Any = failures[0] if isinstance(failures, list) and failures else {}
        why = first.get("reason") if isinstance(first, dict) else None
        said = f": {inert(bound(why.get('reason')))}" if isinstance(why, dict) else ""
        return f"{successful} of {total} shard{'s' * (total != 1)} answered{said}"
    return ""


def _read(body: Mapping[str, Any]) -> Found:
    total = body["hits"].get("total")
    count = total.get("value") if isinstance(total, dict) and total.get("relation") == "eq" else total
    context = body.get("pit_id") or body.get("_scroll_id") or ""
    hits = [_read_hit(hit) for hit in body["hits"].get("hits") or ()]
    count = count if isinstance(count, int) else -1
    return Found(hits, count, context, body["_shards"]["total"], _read_above(body.get("aggregations")))


def _read_above(told: Any) -> Above | None:
    """See `Above`; None where an answer does not tell."""
    try:
        above = told["all"]["above"]
        last = above["last"]["value"]
        return Above(-1 if last is None else int(last), int(above["documents"]["value"]))
    except (KeyError, TypeError, ValueError):
        return None


def _read_hit(hit: Any) -> Hit:
    try:
        seq, term = int(hit["_seq_no"]), int(hit["_primary_term"])
        return Hit(str(hit["_id"]), seq, term, hit.get("_source") or {})
    except (KeyError, TypeError, ValueError) as error:
        raise ReadError(
            "the documents have no numbers of their operations (_seq_no), by which they are read: a serverless "
            "collection cannot be read, nor what is no OpenSearch or Elasticsearch"
        ) from error
