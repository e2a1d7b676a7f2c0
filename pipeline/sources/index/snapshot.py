"""Read one shard of one index as it is at a moment, in the order in which its documents were written.

Documents are sorted by the number of the operation that wrote them (`_seq_no`), which is unique in a shard, grows with
every write and needs no mapping. Any other order loses events: by `_doc` or `_shard_doc` over several shards, or by a
time that documents share, pages have been seen to pass over some (OpenSearch 2.19 and 3.8, `docs/sources.md`).
"""

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from pipeline.documents.capabilities import Capabilities
from pipeline.sources.index.ask import Above, Asker, Found, Hit, ReadError

EVERY: Final[Mapping[str, Any]] = {"match_all": {}}
BEFORE_ALL: Final = -1
"""Below every number of an operation."""
KEEP_ALIVE: Final = "5m"
"""How long an engine holds a moment open between two questions."""
MOST: Final = 2_000
"""Documents of a page."""
FEWEST: Final = 20
PAGE_BYTES: Final = 6 << 20
"""Bytes of a page's records, as far as those of the page before it tell."""
_FIRST: Final = 200
"""Documents of the first page: nobody knows yet how large they are."""
_SCROLLED: Final = 500
"""Of every page where it cannot be changed on the way."""
_WANTED: Final = ",".join(
    (
        "pit_id", "_scroll_id", "timed_out", "terminated_early", "_shards", "hits.max_score", "hits.total",
        "hits.hits._id", "hits.hits._seq_no", "hits.hits._primary_term", "hits.hits._source", "aggregations", "error",
        "status",
    )
)  # fmt: skip
"""Of an answer. The score is always there, so that an answer without documents is told from one without an answer."""


class Way(NamedTuple):
    """How an engine holds a moment open."""

    kind: str
    """`pit` of OpenSearch, `_pit` of Elasticsearch, or `scroll` of those that know neither."""


OPENSEARCH: Final = Way("pit")
ELASTICSEARCH: Final = Way("_pit")
SCROLL: Final = Way("scroll")


def way_of(capabilities: Capabilities) -> Way:
    """How an engine holds a moment open.

    >>> way_of(Capabilities("opensearch", (2, 3, 0))), way_of(Capabilities("elasticsearch", (7, 17, 0)))
    (Way(kind='scroll'), Way(kind='_pit'))
    """
    if capabilities.product == "elasticsearch":
        return ELASTICSEARCH if capabilities.version >= (7, 10) else SCROLL
    return OPENSEARCH if capabilities.version >= (2, 4) else SCROLL


class Shard(NamedTuple):
    """A shard of a concrete index."""

    of: str
    """Name of the index."""
    number: int


class Snapshot:
    """A shard at a moment; a context manager, that closes it whatever happens.

    Parameters
    ----------
    query
        Which of its documents are read.
    fields
        What of each document is fetched; None for all of it.

    Raises
    ------
    LostError
        Also while it is read: the engine closed it.
    """

    def __init__(
        self, asker: Asker, way: Way, shard: Shard, query: Mapping[str, Any], fields: Sequence[str] | None
    ) -> None:
        self._asker, self._way, self._shard, self._query = asker, way, shard, query
        self._fields: Any = True if fields is None else list(fields)
        self._context = ""
        self.above: Above
        """Where the way does not count: what was there when its pages began."""

    def __enter__(self) -> "Snapshot":
        if self._way is not SCROLL:
            path = "_search/point_in_time" if self._way is OPENSEARCH else "_pit"
            preference = f"_shards:{self._shard.number}"
            answer = self._asker.ask(
                "POST", f"/{quote(self._shard.of)}/{path}", keep_alive=KEEP_ALIVE, preference=preference
            )
            name = "pit_id" if self._way is OPENSEARCH else "id"
            context = answer.body.get(name) if isinstance(answer.body, dict) else None
            if not isinstance(context, str) or not context:
                raise ReadError(f"{self._asker.origin} opens no point in time and does not say why")
            self._context = context
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the engine close it; one that does not answer closes it by itself."""
        context, self._context = self._context, ""
        if not context:
            return
        ways: dict[str, tuple[str, dict[str, Any]]] = {
            "pit": ("/_search/point_in_time", {"pit_id": [context]}),
            "_pit": ("/_pit", {"id": context}),
            "scroll": ("/_search/scroll", {"scroll_id": [context]}),
        }
        path, body = ways[self._way.kind]
        self._asker.once("DELETE", path, body)

    @property
    def is_counted(self) -> bool:
        """Whether `count` is of the same moment as the pages; else only the first page's total is."""
        return self._way is not SCROLL

    def count(self, above: int, until: int) -> int:
        """How many documents are read whose numbers are above one and not above another."""
        return self._search({"size": 0}, self._query, above, until).total

    def count_all(self, until: int) -> int:
        """How many documents there are, read or not, whose numbers are not above one."""
        return self._search({"size": 0}, EVERY, BEFORE_ALL, until).total

    def last(self) -> int:
        """The greatest number of a document, read or not; `BEFORE_ALL` where there is none."""
        asked = {"size": 1, "track_total_hits": False, "_source": False, "sort": [{"_seq_no": "desc"}]}
        hits = self._search(asked, EVERY, BEFORE_ALL, None).hits
        return hits[0].seq if hits else BEFORE_ALL

    def pages(self, above: int) -> Iterator[Found]:
        """Documents whose numbers are above one, in order; the first page tells how many there are, the last is empty.

        Raises
        ------
        ReadError
            The engine does not keep to the order; and as `Asker.search` does.
        """
        if self._way is SCROLL:
            self.close()  # one that goes on would begin in the middle
        size, last = _FIRST, above
        total = -1
        while True:
            found = self._page(last, size, first=total < 0)
            if total < 0:
                total = found.total
                if total < 0:
                    raise ReadError(f"{self._asker.origin} does not count the documents of {self._shard.of}")
            last = _check(found.hits, last, self._shard.of)
            yield found._replace(total=total)
            if not found.hits:
                return
            size = next_size(len(found.hits), sum(map(_weigh, found.hits)))

    def _page(self, last: int, size: int, *, first: bool) -> Found:
        if self._way is not SCROLL:
            return self._search({"size": size, "track_total_hits": first}, self._query, last, None)
        if self._context:
            asked = {"scroll": KEEP_ALIVE, "scroll_id": self._context}
            found = self._checked(self._asker.search("/_search/scroll", asked, filter_path=_WANTED))
        else:
            body = self._body({"size": _SCROLLED, "track_total_hits": True}, self._query, last, None)
            found = self._ask_index({**body, "aggs": _count_above(last)}, scroll=KEEP_ALIVE)
            if found.above is None:
                raise ReadError(f"{self._asker.origin} does not count what {self._shard.of} holds")
            self.above = found.above
        self._context = found.context or self._context
        return found

    def _search(self, asked: Mapping[str, Any], query: Mapping[str, Any], above: int, until: int | None) -> Found:
        body = self._body({"track_total_hits": True, **asked}, query, above, until)
        if self._way is SCROLL:
            return self._ask_index(body)
        body["pit"] = {"id": self._context, "keep_alive": KEEP_ALIVE}
        answer = self._asker.search("/_search", body, allow_partial_search_results="false", filter_path=_WANTED)
        found = self._checked(answer)
        self._context = found.context or self._context
        return found

    def _ask_index(self, body: Mapping[str, Any], **params: str) -> Found:
        path = f"/{quote(self._shard.of)}/_search"
        preference = f"_shards:{self._shard.number}"
        return self._checked(self._asker.search(path, body, preference=preference, filter_path=_WANTED, **params))

    def _checked(self, found: Found) -> Found:
        if found.shards != 1:
            raise ReadError(
                f"{self._asker.origin} answers for {found.shards} shards of {self._shard.of} where one was asked for"
            )
        return found

    def _body(
        self, asked: Mapping[str, Any], query: Mapping[str, Any], above: int, until: int | None
    ) -> dict[str, Any]:
        numbers = {"gt": above} | ({} if until is None else {"lte": until})
        return {
            "query": {"bool": {"filter": [{"range": {"_seq_no": numbers}}, query]}},
            "sort": [{"_seq_no": "asc"}],
            "seq_no_primary_term": True,
            "_source": self._fields,
            **asked,
        }


def _count_above(number: int) -> dict[str, Any]:
    """Asks for what is there of documents whose numbers are above one, whatever else the question is about."""
    counts = {"last": {"max": {"field": "_seq_no"}}, "documents": {"value_count": {"field": "_seq_no"}}}
    above = {"filter": {"range": {"_seq_no": {"gt": number}}}, "aggs": counts}
    return {"all": {"global": {}, "aggs": {"above": above}}}


def next_size(documents: int, bytes_: int) -> int:
    """Documents of the next page, by what those of this one weighed.

    >>> next_size(200, 200 * 1_500), next_size(200, 200 * 100_000), next_size(200, 200 * 1_000_000)
    (2000, 62, 20)
    """
    return min(max(PAGE_BYTES * documents // max(bytes_, 1), FEWEST), MOST)


def _weigh(hit: Hit) -> int:
    """About the bytes of what was fetched of a document."""
    weight, waiting = 0, list(hit.source.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            weight += len(value)
        elif isinstance(value, dict):
            waiting += value.values()
            weight += 16 * len(value)
        elif isinstance(value, list):
            waiting += value
        else:
            weight += 8
    return weight


def _check(hits: Sequence[Hit], last: int, index: str) -> int:
    """The number of the last document; each has to be above the one before it."""
    for hit in hits:
        if hit.seq <= last:
            raise ReadError(
                f"the documents of {index} do not come in the order that was asked for: nothing more is read"
            )
        last = hit.seq
    return last
