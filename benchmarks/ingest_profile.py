"""Where ingestion's CPU time goes, by what is done: the stack is looked at once a millisecond of it.

    python -m benchmarks.ingest_profile [--events 400000] [--out DIR]

On the trail of `benchmarks.ingest_floor`, with one worker, in this process. Python looks for signals between its own
steps, so what a function of C does counts for whoever called it.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType, FrameType
from typing import Final

from benchmarks.ingest_floor import NOW, make_files
from pipeline.ingest.run import ingest
from pipeline.stores.home import open_store

_EVERY: Final = 0.001
"""Seconds of CPU time."""
STAGES: Final[Mapping[str, str]] = {
    "pipeline/ingest/inflate.py:_gunzip": "gunzip",
    "pipeline/ingest/envelope.py:_whole": "cut documents into records",
    "features/record/usual.py:decode_records": "decode records",
    "features/record/fields.py:of": "turn records into columns",
    "features/normalise/caller.py:look_up": "look callers up",
    "features/normalise/caller.py:make_caller": "read new callers",
    "features/normalise/call.py:look_up": "look calls up",
    "features/normalise/call.py:_make_call": "read new calls",
    "features/normalise/resources.py:find": "look requests up",
    "features/normalise/resources.py:_name": "name new resources",
    "features/normalise/columns.py:_look_closer": "look closer at errors, writes, sign-ins",
    "features/normalise/normaliser.py:normalise": "the rest of normalising",
    "pipeline/stores/parquet/columns.py:arrange_rows": "arrange rows, and make them Arrow's",
    "pipeline/stores/parquet/segments.py:write_arranged": "divide rows among segments, and hash these",
    "pipeline/stores/parquet/files.py:write_parquet": "write Parquet",
    "pipeline/stores/parquet/events.py:commit": "commit",
    "pipeline/ingest/run.py:ingest": "the rest",
}
"""What is done, by the function that does it; the innermost one counts."""


class Sampler:
    """Counts by stage how often the stack was seen in it, while it is entered."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self._stages: dict[CodeType, str] = {}

    def __enter__(self) -> "Sampler":
        self._before = signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
        return self

    def __exit__(self, *_error: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, self._before)

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        while frame is not None:
            code = frame.f_code
            stage = self._stages.get(code)
            if stage is None:
                stage = self._stages[code] = stage_of(code.co_filename, code.co_name)
            frame = frame.f_back
            if stage:
                self.seen[stage] += 1
                return


def stage_of(file: str, function: str) -> str:
    """The stage of a function; "" where it is of none.

    >>> stage_of("/somewhere/features/record/fields.py", "of")
    'turn records into columns'
    >>> stage_of("/somewhere/features/record/fields.py", "other")
    ''
    """
    return next((stage for place, stage in STAGES.items() if f"{file}:{function}".endswith(f"/{place}")), "")


def lines(folder: Path) -> Iterator[str]:
    """Ingest what is in a folder, and say where the time went."""
    files = sorted(folder.rglob("*.json.gz"))
    with tempfile.TemporaryDirectory() as home, open_store(home) as store, Sampler() as sampler:
        begun = time.process_time()
        report = ingest(files, store.events, now=NOW)
        spent = time.process_time() - begun
    yield f"{report.records:,} events, {spent / report.records * 1e6:.1f} µs of CPU an event"
    every = sampler.seen.total()
    for stage in STAGES.values():
        share = sampler.seen[stage] / every
        yield f"{share:6.1%} {share * spent / report.records * 1e6:6.2f} µs  {stage}"


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=400_000, help="about so many")
    parser.add_argument("--out", type=Path, help="folder of the files, kept and used again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = given.out or Path(place) / "trail"
        make_files(folder, given.events, per_file=200)
        for line in lines(folder):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
