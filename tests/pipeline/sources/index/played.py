"""A search engine in memory, as far as reading asks one: shards, points in time, numbers of operations. And faults."""

import json
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from fnmatch import fnmatch
from typing import Any
from urllib.parse import unquote
from zlib import crc32

from pipeline.ingest.run import ingest
from pipeline.search.engine import Answer
from pipeline.search.url import parse_url
from pipeline.sources.index.kind import look_up
from pipeline.sources.index.listing import IndexListing
from pipeline.sources.index.snapshot import OPENSEARCH, Way
from tests.pipeline.ingest.memory_sink import MemoryTarget
from tests.pipeline.ingest.records import NOW

Fault = Callable[[str, str, Any], Answer | None]
"""Answers a request in place of the engine; None lets it pass."""


class PlayedIndex:
    """An index: documents by shard, each with its number and term."""

    def __init__(self, uuid: str, shards: int = 1) -> None:
        self.uuid, self.is_open = uuid, True
        self.shards: list[dict[str, tuple[int, int, Any]]] = [{} for _ in range(shards)]
        self.next = [0] * shards
        self.term = 1

    def put(self, name: str, source: Any, *, shard: int | None = None) -> None:
        at = crc32(name.encode()) % len(self.shards) if shard is None else shard
        self.shards[at][name] = (self.next[at], self.term, source)
        self.next[at] += 1

    def put_late(self, name: str, source: Any, seq: int) -> None:
        """A document whose number came into sight after greater ones."""
        self.shards[0][name] = (seq, self.term, source)


class PlayedEngine:
    """Answers as OpenSearch does."""

    url = parse_url("opensearch+http://localhost")

    def __init__(self) -> None:
        self.indices: dict[str, PlayedIndex] = {}
        self.faults: list[Fault] = []
        self.held: dict[str, tuple[str, int, dict[str, tuple[int, int, Any]]]] = {}
        self.scrolled: dict[str, list[Any]] = {}
        self.asked: list[tuple[str, str, Any]] = []
        self.opened = 0

    def index(self, name: str, shards: int = 1) -> PlayedIndex:
        self.indices[name] = PlayedIndex(f"uuid{len(self.indices)}-{self.opened}", shards)
        return self.indices[name]

    def ask(self, method: str, path: str, body: Any = None, **named: Any) -> Answer:
        params = named.get("params") or {}
        self.asked.append((method, path, deepcopy(body)))
        for fault in list(self.faults):
            answer = fault(method, path, body)
            if answer is not None:
                return answer
        path = unquote(path)
        if path == "/_msearch":
            lines = [json.loads(line) for line in body.splitlines()]
            each = [
                self._search_index(head["index"], one, head) for head, one in zip(lines[::2], lines[1::2], strict=True)
            ]
            return Answer(200, {"responses": [one.body for one in each]})
        if path.endswith("/_search/point_in_time") and method == "POST":
            return self._hold(path.split("/")[1], params)
        if method == "DELETE":
            for name in body.get("pit_id") or body.get("scroll_id") or ():
                self.held.pop(name, None)
                self.scrolled.pop(name, None)
            return Answer(200, {})
        if path == "/_search":
            context = body["pit"]["id"]
            if context not in self.held:
                return lost()
            _, _, documents = self.held[context]
            return Answer(200, _searched(documents, body) | {"pit_id": context})
        if path == "/_search/scroll":
            return self._scroll(body["scroll_id"])
        if path.endswith("/_search"):
            return self._search_index(path.split("/")[1], body, params)
        return self._list(path.strip("/"), params)

    def _list(self, pattern: str, params: Mapping[str, str]) -> Answer:
        wanted = params["expand_wildcards"] == "open"
        found = {
            name: {"settings": {"index": {"uuid": index.uuid, "number_of_shards": str(len(index.shards))}}}
            for name, index in self.indices.items()
            if index.is_open is wanted and any(fnmatch(name, part) for part in pattern.split(","))
        }
        return Answer(200, found)

    def _hold(self, name: str, params: Mapping[str, str]) -> Answer:
        if name not in self.indices:
            return gone(name)
        self.opened += 1
        shard = _shard(params)
        assert shard is not None
        context = f"pit{self.opened}"
        self.held[context] = (name, shard, dict(self.indices[name].shards[shard]))
        return Answer(200, {"pit_id": context})

    def _search_index(self, name: str, body: Any, params: Mapping[str, str]) -> Answer:
        if name not in self.indices:
            return gone(name)
        shard, index = _shard(params), self.indices[name]
        chosen = index.shards if shard is None else [index.shards[shard]]
        documents = {key: value for one in chosen for key, value in one.items()}
        if "scroll" not in params:
            return Answer(200, _searched(documents, body, len(chosen)))
        whole = _searched(documents, {**body, "size": 10**6})
        hits, size = whole["hits"]["hits"], body["size"]
        self.opened += 1
        context = f"scroll{self.opened}"
        pages = [hits[at : at + size] for at in range(0, len(hits), size)]
        self.scrolled[context] = [whole | {"hits": {**whole["hits"], "hits": page}} for page in (*pages, [])]
        counted = body["aggs"]["all"]["aggs"]["above"]["filter"]
        above = [seq for seq, _, source in documents.values() if _fits(counted, seq, source)]
        told = {"last": {"value": float(max(above)) if above else None}, "documents": {"value": len(above)}}
        self.scrolled[context][0] |= {"aggregations": {"all": {"above": told}}}
        return self._scroll(context)

    def _scroll(self, context: str) -> Answer:
        if context not in self.scrolled:
            return lost()
        pages = self.scrolled[context]
        return Answer(200, (pages.pop(0) if len(pages) > 1 else pages[0]) | {"_scroll_id": context})


def _shard(params: Mapping[str, str]) -> int | None:
    found = re.fullmatch(r"_shards:(\d+)", params.get("preference", ""))
    return int(found[1]) if found else None


def _searched(documents: Mapping[str, tuple[int, int, Any]], body: Any, shards: int = 1) -> dict[str, Any]:
    query = body.get("query", {"match_all": {}})
    found = sorted(
        (seq, term, name, source) for name, (seq, term, source) in documents.items() if _fits(query, seq, source)
    )
    [order] = [each["_seq_no"] for each in body.get("sort", [{"_seq_no": "asc"}])]
    if order == "desc":
        found.reverse()
    hits = [
        {"_id": name, "_seq_no": seq, "_primary_term": term, "_source": _fetched(source, body.get("_source", True))}
        for seq, term, name, source in found[: body["size"]]
    ]
    total = {"total": {"value": len(found), "relation": "eq"}} if body.get("track_total_hits") else {}
    return {
        "timed_out": False, "_shards": {"total": shards, "successful": shards, "skipped": 0, "failed": 0},
        "hits": {**total, "max_score": None, "hits": hits},
    }  # fmt: skip


def _fits(query: Any, seq: int, source: Any) -> bool:
    [(kind, what)] = query.items()
    if kind == "bool":
        return all(_fits(one, seq, source) for one in what["filter"])
    if kind == "range":
        limits = what["_seq_no"]
        return limits["gt"] < seq <= limits.get("lte", seq)
    if kind == "term":
        [(name, value)] = what.items()
        return bool(look_up(source, name) == value)
    if kind == "exists":
        return look_up(source, what["field"]) is not None
    assert kind == "match_all"
    return True


def _fetched(source: Any, fields: Any) -> Any:
    if not isinstance(fields, list):
        return deepcopy(source) if fields else {}
    found: dict[str, Any] = {}
    for name in fields:
        value = look_up(source, name)
        if value is not None:
            inner = found
            *above, last = name.split(".")
            for part in above:
                inner = inner.setdefault(part, {})
            inner[last] = deepcopy(value)
    return found


def lost() -> Answer:
    cause = {"type": "search_context_missing_exception", "reason": "No search context found for id [1]"}
    return Answer(404, {"error": {"type": "search_phase_execution_exception", "root_cause": [cause]}, "status": 404})


def gone(name: str) -> Answer:
    return Answer(404, {"error": {"type": "index_not_found_exception", "reason": f"no such index [{name}]"}})


class MemoryState:
    """What a home remembers, in memory."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    def checkpoint(self, name: str) -> Any:
        return json.loads(self.held[name]) if name in self.held else None

    def put_checkpoint(self, name: str, value: Any) -> None:
        self.held[name] = json.dumps(value)

    def seqs(self) -> list[int]:
        """Where we stand in every shard."""
        return [marks[-1][1] for text in self.held.values() for marks in json.loads(text)["shards"].values()]


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


class Watched:
    """A home in memory into which an engine's indices are read, again and again."""

    def __init__(self, engine: PlayedEngine, pattern: str = "*", way: Way = OPENSEARCH) -> None:
        self.engine, self.pattern, self.way = engine, pattern, way
        self.target, self.state, self.clock = MemoryTarget(), MemoryState(), Clock()
        self.listing: IndexListing

    def list(self, **named: Any) -> IndexListing:
        again = named.pop("again", False)
        self.listing = IndexListing(self.engine, self.way, self.pattern, clock=self.clock, patience=0, **named)
        self.listing.remember_in(self.state, again=again)
        return self.listing

    def read(self, **named: Any) -> Any:
        """Read what is new; the report of ingestion."""
        return ingest(self.list(**named), self.target, now=NOW)

    @property
    def ids(self) -> set[str]:
        return {row["event_id"] for row in self.target.events.values()}
