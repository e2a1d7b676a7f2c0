"""zstd, bzip2 and xz: whole, in members, cut off, damaged and as bombs; none is loaded before it is met."""

import bz2
import io
import lzma
import subprocess
import sys
from collections.abc import Callable

import pyarrow
import pytest

from pipeline.ingest.inflate import Limits, Reading, blocks
from pipeline.ingest.unpack import packing_of
from tests.pipeline.ingest.test_inflate import TEXT


def zstd(data: bytes) -> bytes:
    packed = pyarrow.compress(data, codec="zstd", asbytes=True)
    assert isinstance(packed, bytes)
    return packed


PACKERS: dict[str, Callable[[bytes], bytes]] = {"zstd": zstd, "bzip2": bz2.compress, "xz": lzma.compress}


@pytest.fixture(params=PACKERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def read(data: bytes, limits: Limits | None = None) -> tuple[bytes, Reading]:
    reading = Reading()
    return b"".join(blocks(io.BytesIO(data), reading, limits or Limits())), reading


def test_what_is_packed_is_opened_and_known_by_its_first_bytes(name: str) -> None:
    packed = PACKERS[name](TEXT)
    assert packing_of(packed) == name
    out, reading = read(packed)
    assert (out, reading.problem, reading.packed, reading.taken) == (TEXT, "", name, len(packed))


def test_members_follow_each_other(name: str) -> None:
    assert read(PACKERS[name](TEXT) + PACKERS[name](b"more"))[0] == TEXT + b"more"


def test_what_is_packed_twice_is_opened_twice(name: str) -> None:
    assert read(PACKERS[name](PACKERS[name](TEXT)))[0] == TEXT


def test_what_is_cut_off_or_damaged_is_told_and_what_came_before_is_kept(name: str) -> None:
    noise = b"".join(b"%064x" % (number * 7919**9) for number in range(60_000))
    packed = PACKERS[name](noise)
    out, reading = read(packed[: len(packed) - 99])
    assert reading.problem == f"{name} is truncated"
    assert len(out) > 1_000_000
    assert noise.startswith(out)
    broken = bytearray(packed)
    broken[len(packed) // 2 : len(packed) // 2 + 300_000] = b"\xff" * 300_000
    assert read(bytes(broken))[1].problem.startswith(f"{name} is damaged")


def test_a_bomb_is_stopped_by_its_ratio(name: str) -> None:
    out, reading = read(PACKERS[name](bytes(32 << 20)), Limits(ratio_from=1 << 20))
    assert reading.problem == f"{name} inflates more than 250-fold"
    assert len(out) <= 3 << 20


def test_pyarrow_is_loaded_when_zstd_is_met() -> None:
    script = """
import io, sys
from pipeline.ingest.inflate import Reading, blocks
list(blocks(io.BytesIO(b"{}"), Reading()))
assert "pyarrow" not in sys.modules
list(blocks(io.BytesIO(b"\\x28\\xb5\\x2f\\xfd"), Reading()))
assert "pyarrow" in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)
