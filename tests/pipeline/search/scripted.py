"""A search engine that answers as a test tells it to, request by request, and then takes everything."""

import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from pipeline.documents.template import MADE_BY, VERSION
from pipeline.search.bulk import BulkWriter, Document
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Answer, UnreachableError
from pipeline.search.url import parse_url

META = {"made_by": MADE_BY, "version": VERSION}
"""Of our own template."""
Reply = Callable[[list[str]], Answer]
"""Answers a bulk of documents, by their ids."""


def items(*statuses: int | tuple[int, str, str]) -> Reply:
    """An answer with these items."""

    def reply(ids: list[str]) -> Answer:
        assert len(ids) == len(statuses), ids
        told = []
        for each in statuses:
            status, kind, reason = (each, "", "") if isinstance(each, int) else each
            told.append({"create": {"status": status} | ({"error": {"type": kind, "reason": reason}} if kind else {})})
        return Answer(200, {"errors": True, "items": told})

    return reply


def refuse(status: int, kind: str = "", reason: str = "") -> Reply:
    """A request that is refused as a whole."""
    return lambda ids: Answer(status, {"error": {"type": kind, "reason": reason}})


def vanish(ids: list[str]) -> Answer:
    """No answer."""
    raise UnreachableError("no answer")


class ScriptedEngine:
    """Takes documents in, after the replies it was given have been used."""

    url = parse_url("opensearch+http://localhost")

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.asked: list[list[str]] = []
        """Ids of each bulk."""
        self.held: dict[str, bytes] = {}
        """The first document of each id."""
        self.indices: dict[str, list[str]] = {}
        """In which indices each id is."""
        self.made: list[str] = []
        self.closed = 0
        self.template: Answer | Exception = Answer(200, {"template": {"mappings": {"_meta": META}}})
        """What it says of the template."""
        self.asked_for_template = 0
        self._holding = threading.Lock()
        """What is held is read and changed by one request at a time; replies may wait for each other."""

    def ask(self, method: str, path: str, body: Any = None, **named: Any) -> Answer:
        if "_simulate_index" in path:
            self.asked_for_template += 1
            if isinstance(self.template, Exception):
                raise self.template
            return self.template
        if method == "PUT":
            self.made.append(path.strip("/"))
            return Answer(200, {})
        if path == "/_mget":
            with self._holding:
                return Answer(200, {"docs": [self._get(asked["_index"], asked["_id"]) for asked in body["docs"]]})
        lines = body.split(b"\n")[:-1]
        actions = [json.loads(line)["create"] for line in lines[::2]]
        ids = [action["_id"] for action in actions]
        self.asked.append(ids)
        if self.replies:
            return self.replies.pop(0)(ids)
        with self._holding:
            documents = zip(actions, lines[1::2], strict=True)
            told = [self._take(each["_index"], each["_id"], document) for each, document in documents]
        return Answer(200, {"errors": False, "items": told})

    def _take(self, index: str, name: str, document: bytes) -> dict[str, Any]:
        self.held.setdefault(name, document)
        indices = self.indices.setdefault(name, [])
        if index in indices:
            return {"create": {"status": 409}}
        indices.append(index)
        return {"create": {"status": 201}}

    def _get(self, index: str, name: str) -> dict[str, Any]:
        if not any(index in indices for indices in self.indices.values()):
            return {"error": {"type": "index_not_found_exception", "reason": index}}
        if index not in self.indices.get(name, []):
            return {"found": False}
        return {"found": True, "_source": {"@timestamp": json.loads(self.held[name])["@timestamp"]}}

    def close(self) -> None:
        self.closed += 1


class Clock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.time = 0.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds

    def deadline(self, seconds: float) -> Deadline:
        return Deadline(seconds, now=lambda: self.time, sleep=self.sleep, draw=lambda: 1.0)


def documents(*names: str) -> list[Document]:
    return [Document("cloudtrail-2026.03.01", name, b"{}", b"raw " + name.encode()) for name in names]


def never(document: Document, reason: str) -> None:
    """A repair that knows no way."""


def writer(engine: Any, seconds: float = 600, repair: Any = never, clock: Clock | None = None) -> BulkWriter:
    return BulkWriter(engine, repair, (clock or Clock()).deadline(seconds), requests=1)


def wait_for(came: Callable[[], bool]) -> None:
    """Wait until something has come that other threads do, half a minute at most."""
    end = time.monotonic() + 30
    while not came():
        assert time.monotonic() < end
        time.sleep(0.005)


def names(some: Iterable[Document]) -> list[str]:
    return [document.id for document in some]
