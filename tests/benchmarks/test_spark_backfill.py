"""The trail of the benchmark is a bucket's, each event once, and holds a theft."""

import gzip
import json

from benchmarks.spark_backfill import write_trail


def test_a_trail_of_many_accounts_has_each_event_once_and_a_theft(tmp_path):
    written = write_trail(tmp_path, accounts=3, days=4, roles=1, calls=2)
    files = sorted(tmp_path.rglob("*.json.gz"))
    records = [one for path in files for one in json.loads(gzip.decompress(path.read_bytes()))["Records"]]
    assert len(records) == len({one["eventID"] for one in records}) == written
    assert len({one["recipientAccountId"] for one in records}) == 3
    assert len(files) == 3 * 4 * 24
    assert [one["eventName"] for one in records if one["sourceIPAddress"] == "192.0.2.66"][-1] == "CreateAccessKey"
