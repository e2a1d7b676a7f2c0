"""Memory is bounded, whatever comes: a full payload, a large object, and bombs; each in a process of its own."""

import base64
import gzip
import json
import random
import subprocess
import sys
import uuid
import zlib
from pathlib import Path

import pytest

from tests.pipeline.delivery.doors import packed_logs
from tests.records import a_record

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux tells it")

RUN = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
import pipeline.delivery.fetch as fetch
from lambda_ingest.handler import handler
from pipeline.delivery.dead_letter import FolderDeadLetters
from pipeline.delivery import make_door
from pipeline.documents.template import MADE_BY, VERSION
from pipeline.search.engine import Answer, Engine

def take(self, method, path, body=None, **named):
    if path == "/_mget":
        return Answer(200, {"docs": [{"found": False}] * len(body["docs"])})
    if path != "/_bulk":
        return Answer(200, {"template": {"mappings": {"_meta": {"made_by": MADE_BY, "version": VERSION}}}})
    return Answer(200, {"errors": False, "items": [{"create": {"status": 201}}] * (body.count(b"\\n") // 2)})

class Bucket:
    def get_object(self, Bucket, Key):
        return {"Body": open(sys.argv[1], "rb")}

class Context:
    def get_remaining_time_in_millis(self):
        return 900_000

Engine.ask = take
fetch.client = lambda *asked: Bucket()
make_door.open_dead_letters = lambda place: FolderDeadLetters(sys.argv[2])
answer = handler(json.loads(sys.stdin.read()), Context())
dead = [letter.reason for _, letter in FolderDeadLetters(sys.argv[2]).read()]
[peak] = [line for line in open("/proc/self/status") if line.startswith("VmHWM:")]  # of this program, not its parent
megabytes = int(peak.split()[1]) >> 10
print(json.dumps({"answer": answer, "dead": dead, "megabytes": megabytes}))
"""
OBJECT = {
    "Records": [
        {
            "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": "eu-west-1",
            "s3": {"bucket": {"name": "the-trail"}, "object": {"key": "AWSLogs/a.json.gz"}},
        }
    ]
}  # fmt: skip


def run(tmp_path: Path, event: object, content: bytes = b"") -> dict:
    (tmp_path / "object").write_bytes(content)
    environment = {
        "ODDTRAIL_URL": "opensearch+http://127.0.0.1:1", "ODDTRAIL_DEAD_LETTERS": "s3://dead/x/",
        "ODDTRAIL_BUCKETS": "the-trail", "ODDTRAIL_RETENTION": "10000", "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", RUN, tmp_path / "object", tmp_path / "dead"],
        input=json.dumps(event), capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said: dict = json.loads(done.stdout.splitlines()[-1])
    return said


def records(count: int) -> list[dict]:
    """Records that compress as real ones do, about tenfold."""
    draw = random.Random(count)
    return [
        a_record(
            eventID=str(uuid.UUID(bytes=draw.randbytes(16))), requestID=str(uuid.UUID(bytes=draw.randbytes(16))),
            requestParameters={"instanceId": draw.randbytes(110).hex(), "tags": ["one", "two"] * 12},
        )
        for _ in range(count)
    ]  # fmt: skip


def gzip_of(block: bytes, times: int, before: bytes, after: bytes) -> bytes:
    """Gzip of a block repeated, quickly: its deflated bytes are repeated."""
    packer, check, size = zlib.compressobj(6, zlib.DEFLATED, -15), 0, 0
    parts = [b"\x1f\x8b\x08\0\0\0\0\0\0\xff"]
    for piece in (before, block):
        parts.append(packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH))
    body = parts.pop()
    parts += [body] * times
    parts.append(packer.compress(after) + packer.flush())
    for piece in (before, *[block] * times, after):
        check, size = zlib.crc32(piece, check), size + len(piece)
    return b"".join(parts) + check.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")


def test_a_payload_of_six_megabytes(tmp_path):
    packed = packed_logs([json.dumps(record) for record in records(22_000)])
    data = base64.b64encode(packed).decode()
    assert 4.4e6 < len(data) < 6.3e6
    said = run(tmp_path, {"awslogs": {"data": data}})
    assert said["answer"]["indexed"] == 22_000
    assert said["megabytes"] < 256


def test_a_large_object(tmp_path):
    """Twelve megabytes and four times as much need the same, so fifty do; those take half a minute."""
    block = ",".join(map(json.dumps, records(2_000))).encode() + b","
    found = {}
    for times in (8, 32):
        content = gzip_of(block, times, b'{"Records":[', json.dumps(a_record()).encode() + b"]}")
        said = run(tmp_path, OBJECT, content)
        assert said["answer"]["records"] == 2_000 * times + 1
        found[len(content)] = said["megabytes"]
    assert max(found) > 10e6
    assert max(found.values()) < 320
    assert abs(max(found.values()) - min(found.values())) < 64


@pytest.mark.parametrize("blank", [b" ", b"\0", b'{"a":1},'])
def test_an_object_of_ten_gigabytes_of_nothing(tmp_path, blank):
    block = blank * (1 << 20)
    times = (10 << 30) // len(block)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    content = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + body * min(times, (30 << 20) // len(body))
    said = run(tmp_path, OBJECT, content)
    stopped = ("250-fold", "no CloudTrail record among its first thousands")
    if blank != b"\0":  # of what no text begins with, nothing is taken for a log
        assert [reason for reason in said["dead"] if any(why in reason for why in stopped)]
    assert said["megabytes"] < 320


def test_a_payload_of_a_gigabyte_of_nothing(tmp_path):
    data = base64.b64encode(gzip.compress(bytes(1 << 30), 9)).decode()
    said = run(tmp_path, {"awslogs": {"data": data}})
    assert "64 MiB" in said["dead"][0]
    assert said["megabytes"] < 256
