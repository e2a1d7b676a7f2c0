"""Files in a zip or a tar: whole, odd, damaged and as bombs."""

import io
import struct
import tarfile
import zipfile
from typing import Any

import pytest

from pipeline.ingest import archive
from pipeline.ingest.archive import ArchiveError, is_tar, read_tar, read_zip
from pipeline.ingest.inflate import Reading

FILES = {"AWSLogs/a.json": b'{"n": 1}' * 5_000, "b.json": b"{}", "long/" * 60 + "c.json": b"[]"}


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, wide: bool = False) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as packed:
        for name, content in files.items():
            with packed.open(name, "w", force_zip64=wide) as file:
                file.write(content)
    return held.getvalue()


def tarred(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=form) as packed:
        for name, content in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            packed.addfile(header, io.BytesIO(content))
    return held.getvalue()


def of_zip(data: bytes) -> list[tuple[str, bytes, str]]:
    return [(m.name, b"".join(m.blocks), m.problem or m.reading.problem) for m in read_zip(io.BytesIO(data), Reading())]


def of_tar(data: bytes, size: int = 1 << 20) -> list[tuple[str, bytes, str]]:
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    return [(m.name, b"".join(m.blocks), m.problem or m.reading.problem) for m in read_tar(pieces, Reading())]


WHOLE = [(name, content, "") for name, content in FILES.items()]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("before", [b"", b"#!/bin/sh\n" * 99])
def test_a_zip_is_read(method: int, wide: bool, before: bytes) -> None:
    assert of_zip(before + zipped(FILES, method, wide)) == WHOLE


def test_a_zip_with_a_64_bit_directory_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1)
    data = zipped(FILES, wide=True)
    assert b"PK\x06\x06" in data
    assert of_zip(data) == WHOLE


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("size", [7, 1 << 20])
def test_a_tar_is_read(form: int, size: int) -> None:
    files = {name: content for name, content in FILES.items() if form != tarfile.USTAR_FORMAT or len(name) < 100}
    data = tarred(files, form)
    assert is_tar(data)
    assert of_tar(data, size) == [(name, content, "") for name, content in files.items()]


def test_folders_and_hidden_files_are_passed_over() -> None:
    files = {"a/": b"", ".hidden.json": b"{}", "__MACOSX/b.json": b"{}", ".git/c.json": b"{}", "./d.json": b"{}"}
    assert [name for name, *_ in of_zip(zipped(files, zipfile.ZIP_STORED))] == ["./d.json"]
    assert [name for name, *_ in of_tar(tarred(files))] == ["./d.json"]


def test_a_member_need_not_be_read() -> None:
    assert [member.name for member in read_zip(io.BytesIO(zipped(FILES)), Reading())] == list(FILES)
    assert [member.name for member in read_tar(iter([tarred(FILES)]), Reading())] == list(FILES)


def test_what_cannot_be_opened_says_what_to_do() -> None:
    data = bytearray(zipped({"a.json": b"{}"}))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert of_zip(bytes(data)) == [("a.json", b"", "file in a zip is encrypted: unpack it with its password first")]
    assert "packed by method 12" in of_zip(zipped({"a.json": b"{}"}, zipfile.ZIP_BZIP2))[0][2]


@pytest.mark.parametrize("end", [30, -10, -22])
def test_a_zip_that_is_cut_off_says_so(end: int) -> None:
    with pytest.raises(ArchiveError, match="zip is truncated"):
        of_zip(zipped(FILES)[:end])


def test_a_tar_that_is_cut_off_says_so_and_what_came_before_is_kept() -> None:
    data = tarred(FILES)
    assert of_tar(data[:20_000])[0][2] == "tar is truncated"
    end = 512 + 40_448 + 512  # the second file has its header and nothing else
    assert of_tar(data[:end])[0] == WHOLE[0]
    with pytest.raises(ArchiveError, match="tar is truncated"):
        of_tar(data[: end - 100])


@pytest.mark.parametrize("offset", [40, 3_000])
def test_a_wrong_byte_in_a_zip_is_damage(offset: int) -> None:
    data = bytearray(zipped({"a.json": bytes(range(256)) * 100}, zipfile.ZIP_STORED))
    data[offset] ^= 0xFF
    assert of_zip(bytes(data))[0][2].startswith("zip is damaged")


def test_sizes_that_are_told_are_not_believed() -> None:
    data = bytearray(zipped({"a.json": b"x" * 100_000}))
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<L", data, at + 24, 10)
    [(_, out, problem)] = of_zip(bytes(data))
    assert (out, problem[:14]) == (b"", "zip is damaged")


def test_the_number_of_files_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 2)
    for read, data in ((of_zip, zipped(FILES)), (of_tar, tarred(FILES))):
        with pytest.raises(ArchiveError, match="more than 2 files: unpack it"):
            read(data)


def test_a_directory_that_lies_is_damage_and_no_loop() -> None:
    data = bytearray(zipped(FILES))
    at: Any = data.rindex(b"PK\x05\x06")
    struct.pack_into("<H", data, at + 10, 60_000)
    with pytest.raises(ArchiveError, match="zip is damaged"):
        of_zip(bytes(data))
