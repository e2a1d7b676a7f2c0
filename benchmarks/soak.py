"""Index a million events while the server is killed every half minute: nothing lost, nothing twice.

    python -m benchmarks.soak [--events 1000000] [--every 30] [--kills 0] [--server opensearch] [--out DIR]

Simulates a company's trail, sets a server of its own up, and indexes the trail by the code behind `oddtrail index`. A
second after second the server runs; `--every` seconds after it answered it is killed (SIGKILL) and started again on
its folder, until all is sent (`--kills` bounds how often). Then every id in the files is looked for in the indices, by
the engine's own count and one by one. Exits with 1 when one is missing, twice, or was written over.
"""

import argparse
import gzip
import json
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.ingest_floor import NOW, make_files
from pipeline.delivery.dead_letter import FolderDeadLetters
from pipeline.delivery.known_files import KnownFiles
from pipeline.delivery.target import IndexSink, IndexTarget
from pipeline.documents.document import Naming
from pipeline.documents.setup import set_up
from pipeline.ingest.run import ingest
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from tests.servers.engine import ELASTICSEARCH_8, OPENSEARCH_2, OPENSEARCH_3, Kind, Server, running

SERVERS = {
    "opensearch": OPENSEARCH_3,
    "opensearch-2": OPENSEARCH_2,
    "elasticsearch": ELASTICSEARCH_8,
}
NAMING = Naming("soak", timedelta(days=30_000))
_PAGE = 5_000


@dataclass
class Soaked:
    """What became of the events."""

    events: int
    """Ids in the files."""
    kills: int
    seconds: float
    indexed: int
    duplicates: int
    """Sent again since nobody knew what became of them, and there already."""
    dead_letters: int
    found: int
    """Documents in the indices, by the engine's count."""
    lost: int
    twice: int

    @property
    def is_whole(self) -> bool:
        """Nothing lost, nothing twice."""
        return not self.lost and not self.twice and self.found + self.dead_letters == self.events


class Killer(threading.Thread):
    """Kills a server so long after it began to answer, again and again."""

    def __init__(self, server: Server, every: float, most: int) -> None:
        super().__init__(daemon=True)
        self.server, self.every, self.most = server, every, most
        self.kills = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(self.every) and not (self.most and self.kills >= self.most):
            self.server.kill()
            self.kills += 1
            self.server.start()

    def end(self) -> None:
        """Leave the server running."""
        self.over.set()
        self.join()


def soak(trail: Path, kind: Kind, every: float, kills: int = 0, threads: int = 2) -> Soaked:
    """Index a trail while its server is killed.

    Parameters
    ----------
    every
        Seconds from when the server answers until it is killed.
    kills
        At most; 0 for no bound.
    """
    with running(kind) as server, tempfile.TemporaryDirectory() as kept:
        engine = Engine(parse_url(server.url), connections=1)
        set_up(engine, NAMING)
        engine.close()
        letters = FolderDeadLetters(Path(kept) / "letters")
        known = KnownFiles(Path(kept) / "known.sqlite", "soak")
        target = IndexTarget(IndexSink(parse_url(server.url), NAMING), letters, known)
        killer = Killer(server, every, kills)
        begun = time.monotonic()
        killer.start()
        ingest([trail / "AWSLogs"], target, now=NOW, threads=threads)
        seconds = time.monotonic() - begun
        killer.end()
        wanted = ids_in(trail)
        there, overwritten = ids_there(server)
        tally = target.tally
        return Soaked(
            events=len(wanted),
            kills=killer.kills,
            seconds=round(seconds, 1),
            indexed=tally.indexed + tally.quarantined,
            duplicates=tally.duplicates,
            dead_letters=tally.dead_letters,
            found=server.ask("GET", f"/{NAMING.prefix}-*/_count")["count"],
            lost=len(wanted - set(there)) - tally.dead_letters,
            twice=len(there) - len(set(there)) + overwritten,
        )


class _Envelope(msgspec.Struct):
    """A file of a trail."""

    Records: list["_Id"]


class _Id(msgspec.Struct):
    eventID: str  # noqa: N815


def ids_in(trail: Path) -> set[str]:
    """Ids of the events in the files, read without a line of the code that is tried."""
    decode = msgspec.json.Decoder(_Envelope).decode
    return {
        each.eventID for path in trail.rglob("*.json.gz") for each in decode(gzip.decompress(path.read_bytes())).Records
    }


def ids_there(server: Server) -> tuple[list[str], int]:
    """Ids of the documents in the indices, and how many were written more than once."""
    server.ask("POST", f"/{NAMING.prefix}-*/_refresh")
    found: list[str] = []
    overwritten = 0
    names = sorted(server.ask("GET", f"/{NAMING.prefix}-*/_settings"))
    for name in names:  # one by one: an index has each id once, two may both have it
        after: list[Any] | None = None
        while True:
            search: dict[str, Any] = {"size": _PAGE, "sort": [{"event.id": "asc"}], "version": True, "_source": False}
            hits = server.ask("POST", f"/{name}/_search", search | ({"search_after": after} if after else {}))
            some = hits["hits"]["hits"]
            if not some:
                break
            found += [hit["_id"] for hit in some]
            overwritten += sum(hit["_version"] != 1 for hit in some)
            after = some[-1]["sort"]
    return found, overwritten


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000, help="about so many")
    parser.add_argument("--every", type=float, default=30.0, help="seconds of a server's life")
    parser.add_argument("--kills", type=int, default=0, help="at most; 0 for no bound")
    parser.add_argument("--server", choices=SERVERS, default="opensearch")
    parser.add_argument("--out", type=Path, help="folder of the files, kept and used again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = given.out or Path(place) / "trail"
        make_files(folder, given.events, per_file=0)
        done = soak(folder, SERVERS[given.server], given.every, given.kills)
    print(json.dumps(asdict(done) | {"server": given.server, "whole": done.is_whole}))
    return 0 if done.is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
