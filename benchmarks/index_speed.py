"""How fast events become documents: the function's own path into nothing, and into a server beside a bare bulk loop.

    python -m benchmarks.index_speed [--events N] [--rounds 3] [--server opensearch] [--url URL] [--name NAME] [--quick]

Packs a simulated company's trail into payloads of CloudWatch Logs, as a subscription sends them, and hands them to the
function's door. In processes of their own:

- into nothing: the client's transport answers at once, so what is left is ours; events a second of one core's CPU time,
  user's and system's of all threads, with a table of where it goes. Once as to a server on this machine, and once with
  requests gzipped, as to any other;
- into a server: the door, and a bare loop of as many threads that sends the very same bytes and reads nothing of the
  answer but its status. The server has one core and they another. Both begin with fresh indices, they take turns, and
  of each the fastest round counts: what else a machine does only ever slows a round down;
- the peak of memory of a process that works on one payload of 6 MB, and on one object of 50 MB (`index_door`).

`--name` keeps what is said in `benchmarks/results/`; `--quick` is a small one without a server, for tests.
"""

import argparse
import gzip
import http.client
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
import opensearchpy

from benchmarks.index_door import HERE, NOWHERE, REQUESTS, make_door, pack, take_everything
from benchmarks.ingest_floor import PRINCIPALS, make_files
from benchmarks.soak import SERVERS
from features.normalise.normaliser import Normaliser
from pipeline.documents.document import DocumentMaker, Naming
from pipeline.documents.setup import set_up
from pipeline.search import bulk
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from tests.servers.engine import running

WANTED, AIM = 15_000, 20_000
"""Events a second of a core."""
RATIO = 0.9
"""Of a bare loop's speed."""
RESULTS = Path(__file__).parent / "results"
_A_PAYLOAD, _A_LARGE_ONE = 2_000, 20_000
"""Events of a payload: 0.3 MB, and 3 MB of the 6 that Lambda takes, which is what a server is asked to take in."""


def payloads(trail: Path, most: int, each: int = _A_PAYLOAD) -> Iterator[dict[str, Any]]:
    """The trail as a subscription would send it, so many events at a time."""
    decode = msgspec.json.Decoder(dict[str, list[msgspec.Raw]]).decode
    held: list[str] = []
    sent = 0
    for path in sorted((trail / "AWSLogs").rglob("*.json.gz")):
        held += (bytes(raw).decode() for raw in decode(gzip.decompress(path.read_bytes()))["Records"])
        while len(held) >= each:
            yield pack(held[:each])
            held, sent = held[each:], sent + each
            if sent >= most:
                return
    if held:
        yield pack(held)


class Stages:
    """CPU time by stage, of all threads; of a stage within another, the inner one's."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._within = threading.local()

    def count(self, stage: str, work: Callable[[], Any]) -> Any:
        """Do some work, and count its time to a stage."""
        outer, begun = getattr(self._within, "spent", 0.0), time.thread_time()
        self._within.spent = 0.0
        try:
            return work()
        finally:
            spent = time.thread_time() - begun
            self.spent[stage] += spent - self._within.spent
            self._within.spent = outer + spent

    def watch(self, holder: Any, name: str, stage: str) -> None:
        """Count a function's time to a stage."""
        inner = getattr(holder, name)
        setattr(holder, name, lambda *given, **named: self.count(stage, lambda: inner(*given, **named)))

    def watch_making(self) -> None:
        """Count the time of making each document."""
        inner = DocumentMaker.make

        def timed(*given: Any) -> Iterator[Any]:
            made = inner(*given)
            while (document := self.count("documents", lambda: next(made, None))) is not None:
                yield document

        DocumentMaker.make = timed  # type: ignore[method-assign,assignment]


def into_nothing(trail: Path, events: int, url: str, *, staged: bool = False) -> dict[str, Any]:
    """Hand everything to a door behind which everything is taken at once."""
    stages = Stages()
    take_everything()
    if staged:
        stages.watch(Normaliser, "normalise", "columns")
        stages.watch(Engine, "_encode", "packing")
        stages.watch(bulk._Batch, "_send_once", "requests")
        stages.watch_making()
    made = list(payloads(trail, events))
    with tempfile.TemporaryDirectory() as folder:
        door, journal = make_door(url, "speed", Path(folder), 1)
        for payload in made[:1]:  # what a warm function has done before
            door.handle(payload, 900)
        before = journal.records
        stages.spent.clear()
        wall, cpu = time.perf_counter(), time.process_time()
        for payload in made:
            door.handle(payload, 900)
        spent = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    return spent | {"events": journal.records - before, "indexed": journal.indexed, "stages": dict(stages.spent)}


def into_server(trail: Path, events: int, url: str) -> dict[str, Any]:
    """Hand everything to a door before a server."""
    made = list(payloads(trail, events, _A_LARGE_ONE))
    prefix = fresh(url)
    with tempfile.TemporaryDirectory() as folder:
        door, journal = make_door(url, prefix, Path(folder), REQUESTS)
        wall, cpu = time.perf_counter(), time.process_time()
        for payload in made:
            door.handle(payload, 900)
        done = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    forget(url, prefix)
    return done | {"events": journal.records, "indexed": journal.indexed}


def bare(trail: Path, events: int, url: str) -> dict[str, Any]:
    """Send the same bytes, made before, by a loop that does nothing else."""
    bodies: list[bytes] = []
    prefix = fresh(url)
    take, write = opensearchpy.Transport.perform_request, bulk._write
    take_everything(bodies)
    with tempfile.TemporaryDirectory() as folder:
        door, journal = make_door(url, prefix, Path(folder), 1)
        for payload in payloads(trail, events, _A_LARGE_ONE):
            door.handle(payload, 900)
    opensearchpy.Transport.perform_request, bulk._write = take, write  # type: ignore[method-assign]
    where = urlsplit(parse_url(url).origin)
    path = "/_bulk?filter_path=errors,items.*.status,items.*.error"

    def send(some: Iterable[bytes]) -> int:
        connection = http.client.HTTPConnection(where.hostname or "", where.port)
        taken = 0
        for body in some:
            connection.request("POST", path, body, {"content-type": "application/x-ndjson"})
            answer = connection.getresponse()
            taken += answer.read().count(b'"status":201')
            if answer.status != 200:
                raise ValueError(f"{answer.status} from {url}")
        connection.close()
        return taken

    wall, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(REQUESTS) as pool:
        taken = sum(pool.map(send, (bodies[n::REQUESTS] for n in range(REQUESTS))))
    done = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    forget(url, prefix)
    return done | {"events": journal.records, "indexed": taken, "bytes": sum(map(len, bodies))}


def fresh(url: str) -> str:
    """A prefix that nobody used, with its templates."""
    prefix = f"speed{uuid4().hex[:10]}"
    engine = Engine(parse_url(url), connections=1)
    set_up(engine, Naming(prefix, timedelta(days=30_000)))
    engine.close()
    return prefix


def forget(url: str, prefix: str) -> None:
    """Delete what was made under a prefix."""
    engine = Engine(parse_url(url), connections=1)
    for name in engine.ask("GET", f"/{prefix}-*/_settings").body:
        engine.ask("DELETE", f"/{name}")
    engine.close()


def write_large(trail: Path, folder: Path, payload: int, object_size: int) -> None:
    """One payload and one object of so many bytes, of the trail's records again and again."""
    decode = msgspec.json.Decoder(dict[str, list[msgspec.Raw]]).decode
    files = sorted((trail / "AWSLogs").rglob("*.json.gz"))
    records = [bytes(raw) for path in files[:2_000] for raw in decode(gzip.decompress(path.read_bytes()))["Records"]]
    texts = [raw.decode() for raw in records]
    some = len(json.dumps(pack(texts[:2_000])))
    (folder / "payload").write_text(json.dumps(pack(list(islice(cycle(texts), 2_000 * payload // some)))))
    block = b",".join(records)
    with (folder / "object").open("wb") as out, gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as packed:
        packed.write(b'{"Records":[')
        packed.write(block)
        while out.tell() < object_size:
            packed.write(b"," + block)
        packed.write(b"]}")


def in_a_process(what: str, folder: Path, events: int, url: str = "") -> dict[str, Any]:
    """Measure in a process of its own."""
    return run_python(
        "benchmarks.index_speed", "--measure", what, "--work", str(folder), "--events", str(events), "--url", url
    )


def run_python(module: str, *given: str) -> dict[str, Any]:
    """What a module says that is run in a process of its own."""
    done = subprocess.run([sys.executable, "-m", module, *given], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2_000:])
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def measure(what: str, folder: Path, events: int, url: str) -> dict[str, Any]:
    """What `in_a_process` runs."""
    trail = folder / "trail"
    match what:
        case "nothing" | "stages":
            return into_nothing(trail, events, url, staged=what == "stages")
        case "server":
            return into_server(trail, events, url)
        case "bare":
            return bare(trail, events, url)
    raise ValueError(f"{what}: nothing, stages, server or bare")


def lines(folder: Path, events: int, rounds: int, url: str, sizes: tuple[int, int]) -> Iterator[str]:
    """Measure, and say it."""
    trail = folder / "trail"
    ways = {"here": HERE, "gzipped": NOWHERE}
    spent: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, each in spent.items():
            each.append(in_a_process("nothing", folder, events, ways[way]))
    for way, each in spent.items():
        rates = sorted(run["events"] / run["cpu_s"] for run in each)
        asked = f"(slowest round {rates[0]:,.0f}; wanted {WANTED:,}, aim {AIM:,})"
        yield f"into nothing, {way:8} {rates[-1]:>9,.0f} events/s of a core {asked}"
    yield from table(in_a_process("stages", folder, events, NOWHERE))
    if url:
        yield from beside_a_bare_loop(folder, events, rounds, url)
    write_large(trail, folder, *sizes)
    for what, most in (("payload", 256), ("object", 512)):
        used = run_python("benchmarks.index_door", what, str(folder / what))
        size = (folder / what).stat().st_size / 1e6
        held = f"{used['megabytes']:.0f} MB at most (wanted {most})"
        yield f"memory with one {what} of {size:.1f} MB, {used['events']:,} events: {held}"


def beside_a_bare_loop(folder: Path, events: int, rounds: int, url: str) -> Iterator[str]:
    """Send to a server by the door and by a bare loop in turn, and say how they compare."""
    runs: dict[str, list[dict[str, Any]]] = {"bare": [], "server": []}
    for _ in range(rounds):
        for name, each in runs.items():
            each.append(in_a_process(name, folder, events, url))
    for name, each in runs.items():
        taken = {run["indexed"] for run in each}
        if taken != {each[0]["events"]}:
            raise ValueError(f"of {each[0]['events']} events {name} had {taken} taken")
    speed = {name: max(run["events"] / run["wall_s"] for run in each) for name, each in runs.items()}
    cpu = {name: min(run["cpu_s"] / run["events"] for run in each) * 1e6 for name, each in runs.items()}
    size = runs["bare"][0]["bytes"] / runs["bare"][0]["events"]
    yield f"bare loop {speed['bare']:>9,.0f} events/s into the server, {cpu['bare']:.1f} µs CPU, {size:,.0f} bytes each"
    yield f"the door  {speed['server']:>9,.0f} events/s into the server, {cpu['server']:.1f} µs CPU each"
    yield f"the door / the bare loop {speed['server'] / speed['bare']:.2f} (wanted {RATIO})"


def table(run: Mapping[str, Any]) -> Iterator[str]:
    """Where the time of a core goes, in microseconds an event."""
    spent = dict(run["stages"])
    spent = {"unpacking and splitting": run["cpu_s"] - sum(spent.values()), **spent}
    named = {
        "columns": "normalising", "documents": "making documents", "packing": "gzip of requests",
        "requests": "writing requests, reading answers",
    }  # fmt: skip
    for stage, seconds in spent.items():
        each, share = seconds / run["events"] * 1e6, seconds / run["cpu_s"]
        yield f"- {named.get(stage, stage):34} {each:6.1f} µs an event {share:5.0%}"


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000, help="about so many")
    parser.add_argument("--rounds", type=int, default=3, help="of each the fastest counts")
    parser.add_argument("--server", choices=SERVERS, default="opensearch", help="started for the benchmark")
    parser.add_argument("--url", default="", help="of a server on this machine that runs already")
    parser.add_argument("--name", default="", help="of the file in benchmarks/results/")
    parser.add_argument("--quick", action="store_true", help="small, and without a server")
    parser.add_argument("--work", type=Path, help="folder of the files, kept and used again")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.work, given.events, given.url)))
        return 0
    events, rounds, sizes = given.events, given.rounds, (6_000_000, 50_000_000)
    if given.quick:
        events, rounds, sizes = 8_000, 1, (400_000, 2_000_000)
    said = []
    with ExitStack() as stack:
        folder = given.work or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        make_files(folder / "trail", max(events, 54_000), per_file=0)
        url = given.url
        if not url and not given.quick:
            server = stack.enter_context(running(SERVERS[given.server]))
            url = server.url
            if server.process is not None:
                keep_apart(server.process.pid)
        for line in lines(folder, events, rounds, url, sizes):
            print(line, flush=True)
            said.append(line)
    if given.name:
        write_result(RESULTS / f"{given.name}.md", given, said)
    return 0


def keep_apart(server: int) -> None:
    """Give the server one core, and us and who we start another: a function takes no core from its domain either."""
    ours, *others = sorted(os.sched_getaffinity(0))
    if others:
        for thread in Path(f"/proc/{server}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {others[0]})
        os.sched_setaffinity(0, {ours})


def write_result(target: Path, given: argparse.Namespace, said: Sequence[str]) -> None:
    """Keep what was said, with the conditions."""
    server = given.url or f"{SERVERS[given.server]} on a core of its own"
    conditions = (
        f"{given.events:,} events of a simulated company of {PRINCIPALS:,} principals, in payloads of {_A_PAYLOAD:,} "
        f"into nothing and of {_A_LARGE_ONE:,} into {server}, {REQUESTS} requests at once; of each the fastest of "
        f"{given.rounds} rounds, in turn. Python {platform.python_version()}, {os.cpu_count()} cores, in use by others."
    )
    target.write_text("\n".join(["# Speed and memory of indexing", "", conditions, "", "```", *said, "```", ""]))


if __name__ == "__main__":
    sys.exit(main())
