"""The function's door before an engine that takes everything at once, for `benchmarks.index_speed`.

    python -m benchmarks.index_door payload FILE        # or: object FILE

tells how much memory a process has at most that works on one payload, or one object. Nothing is imported here that a
function does not load.
"""

import base64
import gzip
import json
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import opensearchpy

from pipeline.delivery.allowed import Allowed, Place
from pipeline.delivery.dead_letter import FolderDeadLetters
from pipeline.delivery.door_sink import DoorSink
from pipeline.delivery.handle import Door
from pipeline.delivery.make_door import HELD_BYTES, HELD_ROWS
from pipeline.documents.document import Naming, Transport
from pipeline.documents.template import MADE_BY, VERSION
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.memory import use_lean_memory
from pipeline.ingest.work import make_engine
from pipeline.search import bulk
from pipeline.search.bulk import Document
from pipeline.search.url import parse_url

REQUESTS = 4
_TAKEN = b'{"create":{"status":201}}'
_NO_INDEX = {"error": {"type": "index_not_found_exception", "reason": "no such index"}}
HERE, NOWHERE = "opensearch+http://127.0.0.1:1", "opensearch+https://nowhere.invalid"
"""Servers that nobody asks: to one of this machine requests are not packed."""
_ACCOUNT = "111122223333"
_decode = msgspec.json.decode


class Quiet:
    """A journal that keeps what an invocation came to."""

    def __init__(self) -> None:
        self.indexed = self.records = self.troubles = 0

    def trouble(self, what: str, **about: object) -> None:
        self.troubles += 1

    def done(self, kind: str, tally: Any, again: int, seconds: float) -> None:
        self.records += tally.records
        self.indexed += tally.indexed + tally.duplicates


def pack(messages: Sequence[str]) -> dict[str, Any]:
    """One payload of CloudWatch Logs."""
    events = [{"id": f"{at:056}", "timestamp": 1_772_000_000_000, "message": text} for at, text in enumerate(messages)]
    content = {
        "messageType": "DATA_MESSAGE", "owner": _ACCOUNT, "logGroup": "trail", "logStream": f"{_ACCOUNT}_CloudTrail",
        "subscriptionFilters": ["all"], "logEvents": events,
    }  # fmt: skip
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(content).encode(), 6)).decode()}}


def make_door(url: str, prefix: str, folder: Path, requests: int) -> tuple[Door, Quiet]:
    """The function's door, with what it needs of AWS in a folder."""
    sink = DoorSink(
        parse_url(url), Naming(prefix, timedelta(days=30_000)), FolderDeadLetters(folder / "letters"), requests=requests
    )
    engine, journal = make_engine(sink), Quiet()
    engine.held_rows, engine.held_bytes = HELD_ROWS, HELD_BYTES
    use_lean_memory()
    return Door(engine, sink, Allowed((), frozenset()), journal), journal


class Nothing:
    """A transport that answers at once, and may keep the bulks' bytes."""

    def __init__(self, kept: list[bytes] | None = None) -> None:
        self.kept = kept
        self._documents = threading.local()

    def perform_request(self, method: str, path: str, *, body: bytes | None = None, **named: Any) -> Any:
        """Take everything in; no template is missing, and nothing is elsewhere."""
        if path == "/_mget":
            return {"docs": [_NO_INDEX]}  # asked once a request, as long as nothing is in quarantine
        if path != "/_bulk":
            return {"template": {"mappings": {"_meta": {"made_by": MADE_BY, "version": VERSION}}}}
        if self.kept is not None and body is not None:
            self.kept.append(body)
        return _decode(b'{"errors":false,"items":[%b]}' % b",".join([_TAKEN] * self._documents.sent))

    def note(self, write: Callable[..., bytes], group: Sequence[Document]) -> bytes:
        """Note how many documents a body has, which cannot be seen once it is packed."""
        self._documents.sent = len(group)
        return write(group)


def take_everything(kept: list[bytes] | None = None) -> None:
    """Have every engine of this process answer as `Nothing` does."""
    nothing, write = Nothing(kept), bulk._write
    opensearchpy.Transport.perform_request = lambda self, *given, **named: nothing.perform_request(*given, **named)
    bulk._write = lambda group: nothing.note(write, group)  # type: ignore[assignment]


def memory(kind: str, what: Path, folder: Path) -> dict[str, Any]:
    """The peak of a process that works on one payload, or one object."""
    take_everything()
    door, journal = make_door(NOWHERE, "speed", folder, REQUESTS)
    if kind == "payload":
        door.handle(msgspec.json.decode(what.read_bytes()), 900)
    else:
        file = LogFile(what, "0" * 64, "a.json.gz", Delivery(), None)
        door.allowed = Allowed((Place("bucket", "", "eu-west-1"),), frozenset())
        door.fetch = lambda item: nullcontext((file, Transport()))
        door.handle(_OBJECT, 900)
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return {"megabytes": int(peak.split()[1]) / 1024, "events": journal.records}


_OBJECT = {
    "Records": [
        {
            "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": "eu-west-1",
            "s3": {"bucket": {"name": "bucket"}, "object": {"key": "a.json.gz"}},
        }
    ]
}  # fmt: skip


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(memory(sys.argv[1], Path(sys.argv[2]), Path(place))))
