"""The day from files to alerts says whether its bound is kept, and by what."""

from benchmarks.whole_day import kept, verdict

JOB = {"wall_seconds": 90.0, "cpu_seconds": 150.0, "peak_bytes": 2_000_000_000}
RESULT = {
    "made": {"events": 8_000_000, "files": 11_000, "bytes": 1_000_000_000, "inflated": 10_000_000_000},
    "ingest": JOB | {"peak_worker_bytes": 400_000_000, "memo_hit_rate": 0.9, "events": 8_000_000, "set_aside": 0},
    "score": JOB | {"report": {"raised": 3}},
}


def test_a_day_within_the_bound_is_kept():
    assert kept(RESULT)
    assert verdict(RESULT).endswith("together 180.0 s, at most 180 s at 8,000,000 calls: kept")


def test_of_fewer_calls_nothing_is_said():
    few = RESULT | {"made": RESULT["made"] | {"events": 100}, "ingest": RESULT["ingest"] | {"events": 100}}
    assert verdict(few).endswith("these are too few to say")


def test_a_day_that_takes_longer_or_loses_a_call_is_not():
    assert not kept(RESULT | {"score": RESULT["score"] | {"wall_seconds": 90.5}})
    lost = RESULT | {"ingest": RESULT["ingest"] | {"events": 7_999_999}}
    assert not kept(lost)
    assert "NOT all of them stored" in verdict(lost)
