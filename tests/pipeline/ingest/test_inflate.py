"""Gzip as it comes: whole, concatenated, cut off, damaged, and as a bomb."""

import gzip
import io
import subprocess
import sys
import zlib

import pytest

from pipeline.ingest.inflate import Limits, Reading, blocks, inflate_payload

TEXT = b"".join(b'{"n": %d}' % n for n in range(50_000))


def read(data: bytes, limits: Limits | None = None) -> tuple[bytes, Reading]:
    reading = Reading()
    return b"".join(blocks(io.BytesIO(data), reading, limits or Limits())), reading


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_gzip_and_plain_are_told_apart_by_their_bytes(pack):
    data = pack(TEXT)
    out, reading = read(data)
    assert (out, reading.problem, reading.size) == (TEXT, "", len(TEXT))


def test_members_follow_each_other_with_padding_between():
    out, reading = read(gzip.compress(b"one") + b"\0" * 512 + gzip.compress(b"") + gzip.compress(b"two"))
    assert (out, reading.problem, reading.members) == (b"onetwo", "", [3, 3])


@pytest.mark.parametrize("members", [1, 3])
def test_what_comes_before_a_truncation_is_kept(members):
    data = gzip.compress(TEXT) * members
    for size in (len(data) - 1, len(data) - 9, len(data) - len(data) // (members * 2), 15):
        out, reading = read(data[:size])
        assert reading.problem == "gzip is truncated"
        assert (TEXT * members).startswith(out)
        assert len(out) >= len(TEXT) * (members - 1) or size == 15


def test_damage_ends_the_stream_and_what_came_before_is_kept():
    data = bytearray(gzip.compress(TEXT))
    data[len(data) // 2] ^= 0xFF
    data += b"rest"
    out, reading = read(bytes(data))
    assert reading.problem.startswith("gzip is damaged")
    assert len(out) > 1000


def test_a_wrong_checksum_is_damage():
    data = bytearray(gzip.compress(TEXT))
    data[-6] ^= 0xFF
    assert read(bytes(data))[1].problem.startswith("gzip is damaged")


def test_other_bytes_after_a_member_are_told():
    assert read(gzip.compress(TEXT) + b"and more")[1].problem == "bytes that are not gzip follow the gzip member"


@pytest.mark.parametrize("data", [b"", gzip.compress(b"")], ids=["no bytes", "an empty member"])
def test_an_empty_file_is_no_problem(data):
    assert read(data)[0] == b""
    assert read(data)[1].problem == ""


def test_a_bomb_is_stopped_by_its_ratio():
    limits = Limits(ratio_from=1 << 20)
    out, reading = read(gzip.compress(b"\0" * (64 << 20)), limits)
    assert reading.problem == "gzip inflates more than 250-fold"
    assert len(out) <= 3 << 20


def test_ten_gigabytes_of_zeros_take_little_memory():
    pytest.importorskip("resource")
    script = """
import io, resource, sys, zlib
from pipeline.ingest.inflate import Reading
from pipeline.ingest.envelope import chunks
from pipeline.ingest.inflate import blocks
packer = zlib.compressobj(9, wbits=31)
zeros = bytes(1 << 24)
first, again = (packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
packed = first + again * 639 + packer.flush()  # what is flushed stands by itself; nobody reads as far as the checksum
assert len(packed) > 9 << 20
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
reading = Reading()
found = list(chunks(blocks(io.BytesIO(packed), reading), reading))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) // 1024, reading.problem, sum(len(chunk.records) for chunk in found))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    megabytes, problem = done.stdout.split(" ", 1)
    assert int(megabytes) < 128
    assert problem.strip() == "gzip inflates more than 250-fold 0"


class Failing(io.BytesIO):
    """Reads some of itself, then no more."""

    def read(self, size=-1):
        if self.tell() > 0:
            raise OSError(5, "Input/output error")
        return super().read(size)


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_what_was_read_before_the_disk_failed_is_kept_and_the_failure_told(pack):
    data = pack(b"".join(b"%064x" % (n * 7919**9) for n in range(60_000)))
    assert len(data) > 1 << 20
    reading = Reading()
    out = b"".join(blocks(Failing(data), reading))
    assert len(out) > 500_000
    assert reading.problem == "file cannot be read: Input/output error"


def test_a_payload_is_bounded():
    assert inflate_payload(gzip.compress(b"x" * 1000)) == b"x" * 1000
    assert inflate_payload(gzip.compress(b"x" * 1000), Limits(payload=999)) is None
    assert inflate_payload(gzip.compress(b"x" * 1000)[:-3]) is None
    assert inflate_payload(zlib.compress(b"x")) is None
