"""A search engine over real sockets that does as it is told: what a test scripts, and then what the real ones do.

It is strict where they are: a bulk has an action and a document a line, an id is created once.
"""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.documents.template import MADE_BY, VERSION
from tests.servers.loopback import Handler, serving

Answered = tuple[int, Any]
"""Status, and the body: an object, or bytes as they are."""
Script = Callable[[list[str]], Answered | None]
"""Answers a bulk of documents by their ids; None takes it in as usual."""


class Sham:
    """Holds documents, by index and id."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], dict[str, Any]] = {}
        self.bulks: list[list[str]] = []
        """Ids of every bulk that came."""
        self.scripts: list[Script] = []
        """Used up one a bulk."""
        self.always: Script | None = None
        """Asked for each bulk when no script is left."""
        self.refuses: Callable[[dict[str, Any]], str] = lambda document: ""
        """Why a document cannot be parsed; nothing when it can."""
        self.before_answering: Callable[[], None] = lambda: None
        """Called when a bulk was taken in and nobody knows yet."""
        self.most_bytes = 100 << 20
        self.has_template = True
        self.properties: dict[str, Any] = {}
        """Of its template's mapping."""
        self.cluster = "sham-cluster"
        self.port = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"opensearch+http://127.0.0.1:{self.port}"

    @property
    def ids(self) -> list[str]:
        """Every id that is indexed, in order."""
        return sorted(name for _, name in self.held)

    def answer(self, method: str, path: str, body: bytes) -> Answered:
        """What it answers to a request."""
        path = path.partition("?")[0]
        if path == "/":
            return 200, {"cluster_uuid": self.cluster, "version": {"number": "3.8.0", "distribution": "opensearch"}}
        if "_simulate_index" in path:
            meta = {"made_by": MADE_BY, "version": VERSION}
            mappings = {"_meta": meta, "properties": self.properties} if self.has_template else {}
            return 200, {"template": {"mappings": mappings}}
        if path == "/_bulk":
            return self._bulk(body)
        if path == "/_mget":
            return 200, {"docs": [self._get(asked["_index"], asked["_id"]) for asked in json.loads(body)["docs"]]}
        return 404, {"error": {"type": "resource_not_found_exception", "reason": path}}

    def _bulk(self, body: bytes) -> Answered:
        if len(body) > self.most_bytes:
            return 413, b"Request size exceeded"
        lines = body.split(b"\n")
        if lines.pop() != b"" or len(lines) % 2:
            return 400, {"error": {"type": "illegal_argument_exception", "reason": "must be terminated by a newline"}}
        actions = [json.loads(line)["create"] for line in lines[::2]]
        ids = [action["_id"] for action in actions]
        with self._lock:
            self.bulks.append(ids)
            script = self.scripts.pop(0) if self.scripts else self.always
        told = script(ids) if script else None
        if told is not None:
            return told
        items = []
        for action, line in zip(actions, lines[1::2], strict=True):
            items.append({"create": self._create((action["_index"], action["_id"]), line)})
        self.before_answering()
        return 200, {"errors": any("error" in item["create"] for item in items), "items": items}

    def _get(self, index: str, name: str) -> dict[str, Any]:
        with self._lock:
            if not any(index == each for each, _ in self.held):
                return {"error": {"type": "index_not_found_exception", "reason": f"no such index [{index}]"}}
            found = self.held.get((index, name))
        return {"found": True, "_source": {"@timestamp": found["@timestamp"]}} if found else {"found": False}

    def _create(self, key: tuple[str, str], line: bytes) -> dict[str, Any]:
        document = json.loads(line)
        if why := self.refuses(document):
            return {"status": 400, "error": {"type": "mapper_parsing_exception", "reason": why}}
        with self._lock:
            if key in self.held:
                return {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "exists"}}
            self.held[key] = document
        return {"status": 201}


@contextmanager
def sham(port: int = 0) -> Iterator[Sham]:
    """Run one on loopback."""
    engine = Sham()

    class Answers(Handler):
        def _serve(self) -> None:
            body = self.body()
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            status, told = engine.answer(self.command, self.path, body)
            self.answer(status, told if isinstance(told, bytes) else json.dumps(told).encode())

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    with serving(Answers, port) as engine.port:
        yield engine
