"""The floor and ingestion look at the same records."""

import json

from benchmarks.ingest_floor import _made_again, floor, ours
from tests.pipeline.ingest.records import a_record, write_bucket

REQUEST = "0d1e2f3a-aaaa-bbbb-cccc-1234567890ab"


def test_the_floor_and_ingestion_count_the_same_events(tmp_path):
    ids = write_bucket(tmp_path, files=4, each=10)
    files = sorted(tmp_path.rglob("*.json.gz"))
    base, one = floor(files), ours(files, threads=1)
    assert base["events"] == one["events"] == len(ids) == 40
    assert base["cpu_s"] > 0
    assert one["memo_hit_rate"] > 0.5


def test_a_call_made_again_is_another_event_of_the_same_session_a_little_later():
    one, other = (
        json.dumps(a_record(eventTime=f"2026-03-02T{time}Z", requestID=REQUEST), separators=(",", ":")).encode()
        for time in ("09:00:30", "09:00:00")
    )
    made = [(second, json.loads(record)) for second, record in _made_again([one, other], 3)]
    assert [second for second, _ in made] == [32_400, 32_430, 32_437, 32_467, 32_474, 32_504]
    assert [record["eventTime"][11:19] for _, record in made][:3] == ["09:00:00", "09:00:30", "09:00:37"]
    assert len({record["eventID"] for _, record in made}) == 6
    assert len({record["requestID"] for _, record in made}) == 5
    assert len({json.dumps(record["userIdentity"]) for _, record in made}) == 1
