"""How long it takes from an event indexed to its alert, with a real engine and a real watch, at 1,000 events a second.

    python -m benchmarks.latency [--minutes 6] [--rate 1000] [--thefts 12] [--untold] [--name NAME]

A simulated company's fortnight ends now, and is learnt (`benchmarks.live_company`). Then, each a process of its own and
by the machine's clock: a search engine; a writer that indexes what the company does next, so many events each second,
by the code behind `oddtrail index`; and `oddtrail watch` as anybody runs it, which reads that index and publishes into
the same engine. Amid the events are thieves' calls. Meanwhile `oddtrail-alerts` is searched twice a second.

Told is, for each thief's call that an alert names, the time from when the engine had taken it to when a search found
the alert; and for each thief, from the last such call before the alert was raised. At the end each event that was
written is looked for in the home. `--name` keeps what is said in `benchmarks/results/`. Exits with 1 when an alert took
longer than promised, or an event is missing or there twice.
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec
import pyarrow as pa

from benchmarks.delays import MOST, Slice, Tick, Told, find_delays, say, tell_ticks
from benchmarks.live_company import Live, geo_folder, id_of, make_home, pack, plan_thefts, simulate_until, slices
from benchmarks.soak import SERVERS
from pipeline.connection import connect
from pipeline.delivery.dead_letter import FolderDeadLetters
from pipeline.delivery.known_files import KnownFiles
from pipeline.delivery.target import IndexSink, IndexTarget
from pipeline.documents.document import Naming
from pipeline.documents.setup import set_up
from pipeline.ingest.run import ingest
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from pipeline.settings import Settings, load_settings
from pipeline.stores.home import open_store
from tests.servers.engine import Server, ServerError, running

NAMING = Naming("cloudtrail", timedelta(days=400))
RESULTS = Path(__file__).parent / "results"
_EVERY = 0.5
"""Seconds between two searches."""
_PATIENCE = 300.0
"""Seconds in which the watch has to be through with what was written."""
_FIRST = 20
"""Files of the history that are indexed before the watch begins, so that there is an index."""


# -- writing ---------------------------------------------------------------------------------------------------------


def make_target(folder: Path, url: str) -> IndexTarget:
    """Where events go, as with `oddtrail index`."""
    known = KnownFiles(folder / "known.sqlite", "latency")
    return IndexTarget(IndexSink(parse_url(url), NAMING), FolderDeadLetters(folder / "letters"), known)


def write(folder: Path, url: str, seconds: int, rate: int, *, untold: bool) -> None:
    """What the writer's process does: index a second's events each second, and say a line of JSON of each."""
    live = msgspec.json.decode((folder / "live.json").read_bytes(), type=Live)
    choice, target = Random(11), make_target(folder, url)
    begun = time.time()
    plan = plan_thefts(live.thefts, seconds)
    for number, records in enumerate(slices(live, plan, rate, choice)):
        due = begun + number
        time.sleep(max(due - time.time(), 0.0))
        place = folder / "slices" / str(number)
        ids = pack(records, place, datetime.now(UTC), number, choice, untold=untold)
        ingest([place], target, threads=1)
        print(json.dumps(Slice(due, time.time(), ids)), flush=True)
    tally = target.tally
    if tally.duplicates or tally.dead_letters or tally.only_counted or tally.quarantined:
        raise ValueError(f"not every event was indexed once: {tally}")


# -- watching --------------------------------------------------------------------------------------------------------


def cpu_of(session: int) -> float:
    """Seconds of CPU that the processes of a session have used, those that ended among them."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            told = path.read_text().rpartition(")")[2].split()
            if int(told[3]) == session:
                ticks += sum(map(int, told[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_of(process: int) -> float:
    """Megabytes that a process has held at most."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


class Watching:
    """A watch that runs, and its ticks."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.ticks: list[Tick] = []
        self.said: list[str] = []
        """Lines that are no ticks."""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        before = 0.0
        for line in self.process.stderr:
            told = json.loads(line) if line.startswith("{") else {}
            if told.get("event") != "tick":
                self.said.append(line)
                continue
            cpu = cpu_of(self.process.pid)
            self.ticks.append(
                Tick(
                    time.time(), told["seconds"], cpu - before, told["events"], told["problems"], told["set_aside"],
                    told["revisions"],
                )
            )  # fmt: skip
            before = cpu

    def wait_for(self, events: int, ticks: int = 1) -> None:
        """Wait until it has taken so many events, in so many ticks at least."""
        end = time.monotonic() + _PATIENCE
        while len(self.ticks) < ticks or sum(tick.events for tick in self.ticks) < events:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the watch took {self.ticks} of {events} events; it said {self.said[-5:]}")
            time.sleep(0.2)

    def end(self) -> float:
        """End it as systemd does; megabytes that it held at most."""
        held = peak_of(self.process.pid)
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout=120):
            raise RuntimeError(f"the watch ended with {self.process.returncode}: {''.join(self.said[-5:])}")
        self._reader.join()
        return held


@contextmanager
def watching(settings: Settings, url: str) -> Iterator[Watching]:
    """Run `oddtrail watch`."""
    with geo_folder() as geo:
        process = subprocess.Popen(
            [
                sys.executable, "-c", "from pipeline.cli.app import main; main()", "watch",
                f"{url}/{NAMING.prefix}-*", "--alerts", url, "--home", str(settings.home), "--geoip", str(geo),
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            yield Watching(process)
        finally:
            process.kill()
            process.wait()


class Finder(threading.Thread):
    """Searches for alerts again and again, and notes when each revision was found first."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self._server = server
        self.found: dict[tuple[str, int], Told] = {}
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(_EVERY):
            with suppress(ServerError):  # before the first alert there is no index
                self._look()

    def _look(self) -> None:
        search = {"size": 1_000, "_source": ["alert_id", "revision", "raised", "event_ids"]}
        hits = self._server.ask("POST", "/oddtrail-alerts/_search", search)["hits"]["hits"]
        at = time.time()
        for one in (hit["_source"] for hit in hits):
            told = Told(at, one["alert_id"], one["revision"], one["raised"], frozenset(one["event_ids"]))
            self.found.setdefault((told.alert, told.revision), told)


# -- what came of it -------------------------------------------------------------------------------------------------


def count_in_home(settings: Settings, ids: Sequence[str]) -> tuple[int, int]:
    """How many rows of a home have these ids, and how many of these ids are there."""
    written = pa.table({"event_id": pa.array(ids)})
    with open_store(settings.home) as store, connect(settings.threads, settings.memory) as connection:
        store.events.view(connection, datetime.now(UTC) - timedelta(days=2), corrected=False)
        connection.register("written", written)
        [counts] = connection.execute(
            "SELECT count(*), count(DISTINCT event_id) FROM events SEMI JOIN written USING (event_id)"
        ).fetchall()
    return int(counts[0]), int(counts[1])


class Ran(NamedTuple):
    """A run."""

    lines: Sequence[str]
    is_kept: bool
    """What is promised."""


def run(folder: Path, server: Server, given: argparse.Namespace) -> Ran:
    """Do it all."""
    now = datetime.now(UTC)
    earlier, live = simulate_until(folder / "company", now, given.principals, given.thefts, given.seed)
    (folder / "live.json").write_bytes(msgspec.json.encode(live))
    (folder / "slices").mkdir()
    settings = load_settings({"home": folder / "home"})
    report = make_home(settings, earlier, now, times=round(given.minutes * 60 * given.rate / len(live.calls)))
    print(f"learnt {report.days} days of {report.principals:,} principals", file=sys.stderr)
    engine = Engine(parse_url(server.url), connections=1)
    set_up(engine, NAMING)
    engine.close()
    ingest(earlier[-_FIRST:], make_target(folder, server.url), threads=1)
    finder = Finder(server)
    with watching(settings, server.url) as watch:
        watch.wait_for(0)
        finder.start()
        sent = list(written(folder, server.url, given))
        watch.wait_for(sum(len(one.ids) for one in sent), len(watch.ticks) + 1)
        time.sleep(2 + 2 * _EVERY)  # until what was published last can be found
        held = watch.end()
    finder.over.set()
    finder.join()
    return conclude(settings, live, sent, watch, finder, held)


def written(folder: Path, url: str, given: argparse.Namespace) -> Iterator[Slice]:
    """Run the writer; each second's events, once they are indexed."""
    seconds = round(given.minutes * 60)
    what = ["--write", str(folder), "--url", url, "--minutes", str(seconds / 60), "--rate", str(given.rate)]
    what += ["--untold"] if given.untold else []
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.latency", *what], stdout=subprocess.PIPE, text=True
    ) as told:
        assert told.stdout is not None
        yield from (Slice(*json.loads(line)) for line in told.stdout)
    if told.returncode:
        raise RuntimeError("the writer failed")


def conclude(
    settings: Settings, live: Live, sent: Sequence[Slice], watch: Watching, finder: Finder, held: float
) -> Ran:
    """Say what came of it, and whether that is what is promised."""
    indexed = {event_id: one.indexed for one in sent for event_id in one.ids}
    thefts = [[id_of(record) for record in theft.records] for theft in live.thefts]
    delays = find_delays(indexed, finder.found.values(), thefts)
    rows, there = count_in_home(settings, list(indexed))
    aside = sum(tick.set_aside for tick in watch.ticks)
    problems = [problem for tick in watch.ticks for problem in tick.problems]
    raised = {told.alert for told in finder.found.values() if told.raised}
    alerts = {told.alert for told in finder.found.values()}
    lines = [
        *say(delays, sent),
        *tell_ticks(watch.ticks, sent),
        f"the watch held {held:,.0f} MB at most; of {len(alerts):,} alerts it raised {len(raised):,}",
        f"of {len(indexed):,} events {there:,} are in the home, in {rows:,} rows; {aside} were set aside",
        *(f"problem: {problem}" for problem in problems),
    ]
    whole = rows == there == len(indexed) and not aside and not problems
    return Ran(lines, whole and bool(delays.thefts) and max(*delays.calls, *delays.thefts) <= MOST)


def write_result(target: Path, given: argparse.Namespace, ran: Ran) -> None:
    """Keep what was said, with the conditions."""
    conditions = (
        f"{given.rate:,} events a second for {given.minutes:g} minutes into {SERVERS[given.server]}, whose events come "
        f"into sight twice a minute, beside a writer, on {os.cpu_count()} cores that others used too (load "
        f"{os.getloadavg()[1]:.1f} at the end). {given.principals:,} principals; Python {platform.python_version()}."
        f"{' Documents do not say when they were delivered.' if given.untold else ''}"
    )
    target.write_text(
        "\n".join(["# From an event indexed to its alert", "", conditions, "", "```", *ran.lines, "```", ""])
    )


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=6.0, help="of writing")
    parser.add_argument("--rate", type=int, default=1_000, help="events a second")
    parser.add_argument("--thefts", type=int, default=12)
    parser.add_argument("--principals", type=int, default=1_000)
    parser.add_argument("--untold", action="store_true", help="documents do not say when they were delivered")
    parser.add_argument("--seed", type=int, default=7, help="of the company")
    parser.add_argument("--server", choices=SERVERS, default="opensearch", help="started for the benchmark")
    parser.add_argument("--name", default="", help="of the file in benchmarks/results/")
    parser.add_argument("--work", type=Path, help="folder of the files, which is kept")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        write(given.write, given.url, round(given.minutes * 60), given.rate, untold=given.untold)
        return 0
    with ExitStack() as stack:
        folder = given.work or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        server = stack.enter_context(running(SERVERS[given.server]))
        ran = run(folder, server, given)
    print("\n".join(ran.lines))
    if given.name:
        write_result(RESULTS / f"{given.name}.md", given, ran)
    return 0 if ran.is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
