"""Read what the native anomaly jobs found: records of Elastic's machine learning, results of OpenSearch's detection.

There is often nothing to read: no job was ever made, its index has another name, or we may not see it. That is told and
is no error. Results are read by time, in slices so small that one answer holds all of a slice and says so; nothing is
lost between pages, and nothing is kept open.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from features.times.instant import moment_of
from pipeline.documents.alert_names import NATIVE
from pipeline.errors import OddtrailError
from pipeline.publish.bounded import bounded
from pipeline.search.engine import Engine
from pipeline.text.plural import agree, plural

MOST_OF_SLICE: Final = 5_000
MOST: Final = 100_000
"""Results that are compared; more are left out, and that is said."""
LONGEST_WINDOW: Final = timedelta(days=1)
"""Of a native result; those that began so long before are asked for as well."""
_MILLISECONDS: Final = 1_000
_FORBIDDEN: Final = (401, 403)


class NativeError(OddtrailError):
    """An engine that does not answer a search."""


class NativeResult(NamedTuple):
    """One anomaly of a native job."""

    job: str
    """The job's name, or the detector's id."""
    start: datetime
    end: datetime
    """Exclusive."""
    score: float
    """0 to 100, higher is stranger."""
    fields: tuple[tuple[str, str], ...]
    """Names and values of what it is about."""
    calls: tuple[str, ...]
    """Actions that it names."""


@dataclass
class NativeRead:
    """What was found."""

    results: list[NativeResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Why there is nothing, or not everything."""


class _Product(NamedTuple):
    """How one engine writes results."""

    start: str
    """The field of time."""
    filters: tuple[dict[str, Any], ...]
    score: str
    most_score: float


_PRODUCTS: Final = {
    "elasticsearch": _Product(
        "timestamp", ({"term": {"result_type": "record"}}, {"term": {"is_interim": False}}), "record_score", 100
    ),
    "opensearch": _Product("data_start_time", (), "anomaly_grade", 1),
}


def read_native(
    engine: Engine, product: str, since: datetime, until: datetime, *, pattern: str = "", min_score: float = 0
) -> NativeRead:
    """The anomalies of native jobs whose windows reach into a span of time.

    Parameters
    ----------
    pattern
        Of the indices they are in; "" for those of the engine.
    min_score
        0 to 100; what is no anomaly to the job itself is never read.

    Raises
    ------
    NativeError
        The engine fails.
    UnreachableError
        It does not answer.
    """
    names = pattern or ",".join(NATIVE[product])
    reading = _Reading(engine, _PRODUCTS[product], names, min_score)
    for hit in reading.read(since - LONGEST_WINDOW, until):
        result = read_result(hit, product)
        if result is not None and result.end > since and result.start < until:
            reading.done.results.append(result)
            if len(reading.done.results) >= MOST:
                reading.done.notes.append(f"only the first {MOST:,} native results are compared: give a later --since")
                break
    done = reading.done
    if not done.results and not done.notes:
        done.notes.append(
            f"no native result is in {names} since then: no job ran, none found anything, or its index has another "
            "name, which --index takes"
        )
    return done


class _Reading:
    """Slices of time."""

    def __init__(self, engine: Engine, product: _Product, names: str, min_score: float) -> None:
        self._engine, self._product, self._names = engine, product, names
        self._least = min_score / 100 * product.most_score
        self.done = NativeRead()

    def read(self, since: datetime, until: datetime) -> Iterator[Mapping[str, Any]]:
        """Results that begin in a span, in order of their slices."""
        spans = [(round(since.timestamp() * _MILLISECONDS), round(until.timestamp() * _MILLISECONDS))]
        while spans:
            start, end = spans.pop()
            hits, total = self._ask(start, end)
            if total > len(hits) and end - start > 1:
                middle = (start + end) // 2
                spans += [(middle, end), (start, middle)]
                continue
            if left := max(total - len(hits), 0):
                self.done.notes.append(f"{plural(left, 'native result')} of one millisecond {agree(left)} left out")
            yield from hits

    def _ask(self, start: int, end: int) -> tuple[list[Mapping[str, Any]], int]:
        product = self._product
        span = {"range": {product.start: {"gte": start, "lt": end, "format": "epoch_millis"}}}
        scored = {"range": {product.score: {"gte": self._least} if self._least else {"gt": 0}}}
        query = {"bool": {"filter": [span, scored, *product.filters], "must_not": [{"exists": {"field": "alert_id"}}]}}
        order = {product.start: {"order": "asc", "unmapped_type": "date"}}
        body = {"size": MOST_OF_SLICE, "track_total_hits": True, "query": query, "sort": [order]}
        answer = self._engine.ask(
            "POST",
            f"/{quote(self._names, safe='*,')}/_search",
            body,
            params={"ignore_unavailable": "true", "allow_no_indices": "true", "expand_wildcards": "all"},
        )
        kind, reason = answer.error
        origin = self._engine.url.origin
        if answer.status in _FORBIDDEN:
            self.done.notes.append(
                f"{origin} does not let us read {self._names} ({answer.status} {kind} {reason}): give the user "
                "the right to read these indices"
            )
            return [], 0
        if answer.status == 404:
            return [], 0
        found = answer.body.get("hits") if answer.status == 200 and isinstance(answer.body, dict) else None
        if not isinstance(found, dict) or not isinstance(found.get("hits"), list):
            raise NativeError(f"{origin} does not answer a search of {self._names} ({answer.status} {kind} {reason})")
        total = found.get("total")
        count = total.get("value") if isinstance(total, dict) else total
        failed = (answer.body.get("_shards") or {}).get("failed", 0)
        if failed:
            self.done.notes.append(f"{plural(failed, 'shard')} of {self._names} did not answer: results are missing")
        hits = [hit["_source"] for hit in found["hits"] if isinstance(hit.get("_source"), dict)]
        return hits, count if isinstance(count, int) else len(hits)


def read_result(source: Mapping[str, Any], product: str) -> NativeResult | None:
    """A native result; None where a document is none.

    >>> found = read_result({"job_id": "j", "timestamp": 0, "bucket_span": 900, "record_score": 80.0,
    ...     "partition_field_name": "user.name", "partition_field_value": "ann", "by_field_name": "event.action",
    ...     "by_field_value": "GetObject"}, "elasticsearch")
    >>> found.score, found.fields, found.calls
    (80.0, (('event.action', 'GetObject'), ('user.name', 'ann')), ('GetObject',))
    """
    try:
        if product == "elasticsearch":
            start = _moment(source["timestamp"])
            end = start + timedelta(seconds=float(source["bucket_span"]))
            job, score, fields = source["job_id"], float(source["record_score"]), _fields_of_record(source)
        else:
            start, end = _moment(source["data_start_time"]), _moment(source["data_end_time"])
            job, score = source["detector_id"], float(source["anomaly_grade"]) * 100
            fields = [(str(one["name"]), str(one["value"])) for one in source.get("entity") or []]
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    pairs = tuple(dict.fromkeys((bounded(name), bounded(value)) for name, value in fields))
    calls = tuple(value for name, value in pairs if name.rpartition(".")[2].lower() in ("action", "eventname"))
    return NativeResult(bounded(str(job)), start, end, score, pairs, calls)


def _fields_of_record(source: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for holder in (source, *(source.get("causes") or [])):
        for kind in ("by", "over", "partition"):
            if f"{kind}_field_name" in holder and f"{kind}_field_value" in holder:
                found.append((str(holder[f"{kind}_field_name"]), str(holder[f"{kind}_field_value"])))
    for one in source.get("influencers") or []:
        found += [(str(one["influencer_field_name"]), str(value)) for value in one["influencer_field_values"]]
    return found


def _moment(time: Any) -> datetime:
    """An instant as engines write it: milliseconds since 1970, or ISO 8601 text."""
    if isinstance(time, int | float):
        return moment_of(round(time * 1000))
    found = datetime.fromisoformat(str(time))
    if found.tzinfo is None:
        raise ValueError(f"{time!r} names no time zone")
    return found
