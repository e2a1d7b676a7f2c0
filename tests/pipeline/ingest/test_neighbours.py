"""Whatever one record of a file holds, however broken, nobody else's record is lost and nobody's is invented.

A property over mutated records in every wrapping. A failure names its seed, and `read_with(SEED)` does it again.
"""

import gzip
import io
import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from benchmarks.recordings import FOLDER
from features.call.action import ActionCatalogue
from features.normalise.normaliser import Normaliser
from features.record.split import split
from pipeline.ingest.envelope import chunks
from pipeline.ingest.inflate import Reading, blocks

BLOCKS, IN_A_BLOCK = 20, 1_000
NOW = datetime(2030, 1, 1, tzinfo=UTC)
WORDS = (
    "logEvents", "Records", "awslogs", "message", "detail", "_source", "CONTROL_MESSAGE", "H4sIAAAA", "data", "Events",
    '{"Records":[', '}],"logEvents":[{"message":"', '\\"},{\\"eventVersion\\":', '{"eventName":"ListUsers"}',
    '"messageType":"CONTROL_MESSAGE"', "]}\n{",
)  # fmt: skip
INVENTED = "99999999-9999-9999-9999-999999999999"
FORGED = json.dumps(
    {
        "eventID": INVENTED,
        "eventName": "ListBuckets",
        "eventSource": "s3.amazonaws.com",
        "eventTime": "2026-03-02T09:00:00Z",
        "userIdentity": {"type": "Root", "accountId": "111122223333"},
    }
)


def recorded() -> list[dict[str, Any]]:
    found = [
        json.loads(bytes(record))
        for path in sorted(FOLDER.glob("*.json.gz"))
        for record in split(gzip.decompress(path.read_bytes())).records[:30]
    ]
    return list({record["eventID"]: record for record in found}.values())


RECORDS = recorded()


def wrap(kind: str, raws: list[bytes]) -> bytes:
    """A document of records, in one of the ways that senders have."""
    texts = [json.dumps(raw.decode("utf-8", "replace")).encode() for raw in raws]
    if kind == "records":
        return b'{"Records":[' + b",".join(raws) + b"]}"
    if kind == "pretty":
        return b'{\n "Records": [\n  ' + b",\n  ".join(raws) + b"\n ]\n}"
    if kind == "array":
        return b"[" + b",".join(raws) + b"]"
    if kind == "lines":
        return b"\n".join(raws)
    if kind == "payload":
        events = b",".join(b'{"id":"1","timestamp":0,"message":' + text + b"}" for text in texts)
        return b'{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logEvents":[' + events + b"]}"
    if kind == "lookup":
        return b'{"Events":[' + b",".join(b'{"EventId":"1","CloudTrailEvent":' + text + b"}" for text in texts) + b"]}"
    if kind == "bridge":
        return b"\n".join(
            b'{"version":"0","detail-type":"AWS API Call via CloudTrail","detail":' + r + b"}" for r in raws
        )
    assert kind == "beats"
    return b"\n".join(b'{"@timestamp":"2026-03-01T09:00:00Z","message":' + text + b"}" for text in texts)


KINDS = ("records", "pretty", "array", "lines", "payload", "lookup", "bridge", "beats")


def mutate(raw: bytes, rng: random.Random) -> bytes:
    """A record as damage, an attacker or a careless sender may leave it."""
    data, way = bytearray(raw), rng.randrange(7)
    at = rng.randrange(len(data))
    if way == 0:
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    elif way == 1:
        del data[at : at + rng.randint(1, 40)]
    elif way == 2:
        data[at:at] = bytes(rng.choices(b'{}[]",:\\\n x\x00\xff', k=rng.randint(1, 5)))
    elif way == 3:
        return raw[: at + 1]
    elif way == 4:
        record = json.loads(raw)
        record[rng.choice(list(record))] = rng.choice([None, 1, "", [], {}, "y" * 2_000, True])
        return json.dumps(record).encode()
    else:
        record = json.loads(raw)
        record["requestParameters"] = {rng.choice(WORDS): rng.choice(WORDS), "tags": {rng.choice(WORDS): FORGED}}
        data = bytearray(json.dumps(record).encode())
        if way == 6:
            data[-1:-1] = rng.choice([b',"x":NaN', b',"x":"\xff\xfe"', b',"x":"\\ud800"', b',"x":1e999'])
    return bytes(data)


def read_with(seed: int) -> tuple[list[str], list[str]]:
    """Ids of the records that nobody touched, and of the events that a document with one mutated record gives."""
    rng = random.Random(seed)
    some = rng.sample(RECORDS, rng.randint(2, 7))
    raws = [json.dumps(record, separators=(",", ":")).encode() for record in some]
    at = rng.randrange(len(raws))
    whole = [record["eventID"] for place, record in enumerate(some) if place != at]
    raws[at] = mutate(raws[at], rng)
    document = wrap(rng.choice(KINDS), raws)
    if rng.random() < 0.3:
        document = gzip.compress(document, 1)
    reading = Reading()
    normaliser = Normaliser(ActionCatalogue({"services": {}}, {"actions": {}}))
    events: list[str] = []
    for found in chunks(blocks(io.BytesIO(document), reading), reading):
        events += normaliser.normalise(found.records, delivered_at=None, now=NOW).columns["event_id"]
    return whole, events


@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_mutated_record_takes_no_neighbour_with_it_and_invents_nobody(block: int) -> None:
    first = random.SystemRandom().randrange(1 << 40)
    for seed in range(first, first + IN_A_BLOCK):
        whole, events = read_with(seed)
        assert set(whole) <= set(events), f"seed {seed} lost {set(whole) - set(events)}"
        assert len(events) <= len(whole) + 1, f"seed {seed} made {len(events)} events of {len(whole) + 1} records"
        assert INVENTED not in events, f"seed {seed} made a record of a tag's text"
