"""How fast ingestion is, against the floor: gunzip and a typed decode of the same files on one core.

    python -m benchmarks.ingest_floor [--events 400000] [--per-file 200] [--again 1] [--rounds 3] [--out DIR]

Makes a simulated company's trail, packed into two busy accounts' files (`--per-file 0` leaves it in thirty small ones).
This is the trail that is judged. Its 2,000 principals make 54,000 calls a day, seven a session, and one record in six
has a caller, credential or place never seen before. `--again 10` shows how much depends on that: each call is made ten
times, 37 seconds apart, so that a session holds seventy. It flatters, for a call made again asks the very same.

Then measures in processes of their own: the floor (gunzip, one-shot typed decode of the fields that ingest reads, the
free-form objects as raw bytes), ingestion with one and with two workers, and the peak memory for a quarter of the files
and for all. Floor and ingestion take turns, and of each the fastest round counts: what else a machine does only ever
slows a round down. Prints ratios of that one run, with the CPU time and the slowest round beside them.
"""

import argparse
import gzip
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from benchmarks.activity_speed import peak_bytes
from features.record.cloudtrail import Addendum, Record, UserIdentity
from pipeline.ingest.run import ingest
from pipeline.stores.home import open_store

NOW = datetime(2026, 6, 1, tzinfo=UTC)
START = date(2026, 3, 2)
PRINCIPALS = 2_000
EVENTS_A_DAY = 54_000
"""Roughly what a simulated company of that size makes."""
BUSY = ("111122223333", "444455556666")

_TIME = re.compile(rb'"eventTime":"[0-9-]{10}T([0-9]{2}):([0-9]{2}):([0-9]{2})Z"')
_OWN = {name: re.compile(f'"{name}":"[0-9a-f-]{{36}}"'.encode()) for name in ("eventID", "requestID")}

_TYPED = {"user_identity": UserIdentity | None, "addendum": Addendum | None}
FloorRecord = msgspec.defstruct(
    "FloorRecord",
    [
        (each.name, _TYPED.get(each.name, each.type), msgspec.field(default=None, name=each.encode_name))
        for each in msgspec.structs.fields(Record)
    ],
    gc=False,
)
"""The fields that ingest reads: the identity typed, free-form objects raw."""


class Envelope(msgspec.Struct):
    """A file as the floor decodes it."""

    Records: list[FloorRecord]  # type: ignore[valid-type]


def make_files(folder: Path, events: int, per_file: int, again: int = 1) -> None:
    """Simulate a company into `folder`, its records packed `per_file` to a file (0: as simulated).

    Packed, each call is made `again` times: another event of the same session, a little later.
    """
    from pipeline.simulate.company import simulate  # worker processes load this module, and have no use for it

    if folder.exists():
        return
    days = max(1, round(events / EVENTS_A_DAY / again))
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        made = Path(place) / "trail"
        simulate(made, seed=7, days=days, principals=PRINCIPALS, start=START, campaigns=None)
        if per_file:
            _repack(made, Path(place) / "packed", per_file, again)
            shutil.rmtree(made)
            made = Path(place) / "packed"
        made.rename(folder)


def _repack(made: Path, packed: Path, per_file: int, again: int) -> None:
    """Join everything into two busy accounts' files of `per_file` records, delivered through one day."""
    accounts = sorted({path.name[:12] for path in made.rglob("*.json.gz")})
    days = sorted({path.name.split("_")[3][:8] for path in made.rglob("*.json.gz")})
    swaps = [(account.encode(), BUSY[n % len(BUSY)].encode()) for n, account in enumerate(accounts)]
    swaps += [(f"{day[:4]}-{day[4:6]}-{day[6:]}T".encode(), f"{START}T".encode()) for day in days]
    held: dict[str, list[bytes]] = {account: [] for account in BUSY}
    for file in sorted(made.rglob("*.json.gz"), key=lambda path: path.name.split("_")[3][9:]):
        data = gzip.decompress(file.read_bytes())
        for old, new in swaps:
            data = data.replace(old, new)
        account = BUSY[accounts.index(file.name[:12]) % len(BUSY)]
        held[account] += map(bytes, msgspec.json.decode(data, type=dict[str, list[msgspec.Raw]])["Records"])
    written = 0
    for account, records in held.items():
        for some in _batched(_made_again(records, again), per_file):
            minute = f"{(min(second for second, _ in some) // 60 + 5) // 60 % 24:02d}{written % 60:02d}"
            name = f"{account}_CloudTrail_us-east-1_{START:%Y%m%d}T{minute}Z_{written:016d}.json.gz"
            target = packed / f"AWSLogs/{account}/CloudTrail/us-east-1/{START:%Y/%m/%d}" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            whole = b'{"Records":[' + b",".join(record for _, record in some) + b"]}"
            target.write_bytes(gzip.compress(whole, 6))
            written += 1


def _made_again(records: list[bytes], again: int) -> Iterator[tuple[int, bytes]]:
    """Each record so often, with an id and a time of its own, in the order of their seconds of the day."""
    choice = Random(7)
    seconds = [_second_of_day(record) for record in records]
    every = [(min(second + 37 * n, 86_399), at, n) for at, second in enumerate(seconds) for n in range(again)]
    for second, at, n in sorted(every):
        record = records[at]
        if n:
            time = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
            record = _TIME.sub(f'"eventTime":"{START}T{time}Z"'.encode(), record, count=1)
            for name, pattern in _OWN.items():
                own = UUID(int=choice.getrandbits(128), version=4)
                record = pattern.sub(f'"{name}":"{own}"'.encode(), record, count=1)
        yield second, record


def _second_of_day(record: bytes) -> int:
    time = _TIME.search(record)
    if time is None:
        raise ValueError(f"a simulated record has no time: {record[:200]!r}")
    return int(time[1]) * 3600 + int(time[2]) * 60 + int(time[3])


def _batched(values: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while some := list(islice(values, size)):
        yield some


def floor(files: list[Path]) -> dict[str, Any]:
    """Gunzip and decode every file; nothing else."""
    decode = msgspec.json.Decoder(Envelope).decode
    events = size = 0
    wall, cpu = time.perf_counter(), time.process_time()
    for path in files:
        data = zlib.decompress(path.read_bytes(), wbits=31)
        events += len(decode(data).Records)
        size += len(data)
    return _measured(events, wall, cpu) | {"megabytes": size / 1e6}


def ours(files: list[Path], threads: int) -> dict[str, Any]:
    """Ingest the files into a store that is thrown away."""
    with tempfile.TemporaryDirectory() as home, open_store(home) as store:
        wall, cpu = time.perf_counter(), time.process_time()
        report = ingest(files, store.events, now=NOW, threads=threads)
        measured = _measured(report.records, wall, cpu)
        if report.stored != report.records:
            raise ValueError(f"of {report.records} well-formed records only {report.stored} were stored")
        stored = sum(path.stat().st_size for path in Path(home).rglob("*.parquet"))
    return measured | {"memo_hit_rate": report.memo_hit_rate, "stored_bytes_an_event": stored / report.records}


def _measured(events: int, wall: float, cpu: float) -> dict[str, Any]:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "events": events,
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu + children.ru_utime + children.ru_stime,
        "peak_mb": peak_bytes() / (1 << 20),
        "peak_worker_mb": children.ru_maxrss / 1024,
    }


def in_a_process(folder: Path, what: str, share: int = 1, threads: int = 1) -> dict[str, Any]:
    """Measure in a process of its own, over every `share`-th file; modules are compiled, as an installation's are."""
    command = [sys.executable, "-m", "benchmarks.ingest_floor", "--measure", what, "--out", str(folder)]
    command += ["--share", str(share), "--threads", str(threads)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / "ingest-floor-modules")
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def lines(folder: Path, rounds: int) -> Iterator[str]:
    """Measure, and say it."""
    in_a_process(folder, "ours", share=1_000)  # compiles the modules
    runs: dict[str, list[dict[str, Any]]] = {"floor": [], "one worker": [], "two workers": []}
    for _ in range(rounds):
        runs["floor"].append(in_a_process(folder, "floor"))
        runs["one worker"].append(in_a_process(folder, "ours"))
        runs["two workers"].append(in_a_process(folder, "ours", threads=2))
    quarter = in_a_process(folder, "ours", share=4)
    best = {name: min(each, key=lambda run: float(run["wall_s"])) for name, each in runs.items()}
    cpu = {name: min(run["cpu_s"] for run in each) for name, each in runs.items()}
    base, one, two = best.values()
    files = sum(1 for _ in folder.rglob("*.json.gz"))
    yield f"{base['events']:,} events in {files:,} files, {base['megabytes']:,.0f} MB inflated"
    for name, each in runs.items():
        rates = sorted(run["events"] / run["wall_s"] for run in each)
        spent = cpu[name] / base["events"] * 1e6
        yield f"{name:12} {rates[-1]:>9,.0f} events/s (slowest round {rates[0]:,.0f}), {spent:5.1f} µs CPU an event"
    yield f"one worker / floor      {base['wall_s'] / one['wall_s']:.2f} (wanted 0.25, aim 0.40)"
    yield f"  the same in CPU time  {cpu['floor'] / cpu['one worker']:.2f}"
    yield f"two workers / one       {one['wall_s'] / two['wall_s']:.2f} (wanted 1.6)"
    yield f"memory, a quarter of the files {quarter['peak_mb']:,.0f} MB, all {one['peak_mb']:,.0f} MB"
    yield f"memory of two workers: {two['peak_mb']:,.0f} MB and at most {two['peak_worker_mb']:,.0f} MB each"
    yield f"memo hit rate {one['memo_hit_rate']:.3f}, {one['stored_bytes_an_event']:,.0f} bytes stored an event"


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=400_000, help="about so many")
    parser.add_argument("--per-file", type=int, default=200, help="records a file; 0 as simulated")
    parser.add_argument("--again", type=int, default=1, help="how often each call is made")
    parser.add_argument("--rounds", type=int, default=3, help="of each the fastest counts")
    parser.add_argument("--out", type=Path, help="folder of the files, kept and used again")
    parser.add_argument("--measure", choices=["floor", "ours"], help=argparse.SUPPRESS)
    parser.add_argument("--share", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=1, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        files = sorted(given.out.rglob("*.json.gz"))[:: given.share]
        print(json.dumps(floor(files) if given.measure == "floor" else ours(files, given.threads)))
        return 0
    with tempfile.TemporaryDirectory() as place:
        folder = given.out or Path(place) / "trail"
        make_files(folder, given.events, given.per_file, given.again)
        for line in lines(folder, given.rounds):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
