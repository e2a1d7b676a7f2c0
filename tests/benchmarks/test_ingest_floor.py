"""The floor and ingestion look at the same records."""

from benchmarks.ingest_floor import floor, ours
from tests.pipeline.ingest.records import write_bucket


def test_the_floor_and_ingestion_count_the_same_events(tmp_path):
    ids = write_bucket(tmp_path, files=4, each=10)
    files = sorted(tmp_path.rglob("*.json.gz"))
    base, one = floor(files), ours(files, threads=1)
    assert base["events"] == one["events"] == len(ids) == 40
    assert base["cpu_s"] > 0
    assert one["memo_hit_rate"] > 0.5
