"""The profile of ingestion knows the functions it names, and counts where the time goes."""

import time
from pathlib import Path

from benchmarks.ingest_profile import STAGES, Sampler, lines
from tests.pipeline.ingest.records import write_bucket

ROOT = Path(__file__).parents[2]


def test_each_stage_is_a_function_that_there_is():
    for place in STAGES:
        file, _, function = place.partition(":")
        assert f"def {function}(" in (ROOT / file).read_text(encoding="utf-8"), place


def test_what_ingestion_does_is_seen_and_adds_up(tmp_path):
    write_bucket(tmp_path, files=20, each=100)
    first, *stages = lines(tmp_path)
    assert first.startswith("2,000 events, ")
    shares = [float(line.split("%")[0]) for line in stages]
    assert len(shares) == len(STAGES)
    assert 99 < sum(shares) < 101


def test_nothing_is_seen_outside():
    with Sampler() as sampler:
        pass
    begun = time.process_time()
    while time.process_time() < begun + 0.02:
        pass
    assert not sampler.seen
