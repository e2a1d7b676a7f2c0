"""What a file is, is told by its first bytes; an archive is its files, each with its name."""

import bz2
import gzip
import io
import json
import lzma
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.times.instant import micros
from pipeline.ingest.inflate import Limits, Reading
from pipeline.ingest.parts import parts
from tests.pipeline.ingest.outcome import beside, into, rows
from tests.pipeline.ingest.records import a_name, a_record, envelope, write
from tests.pipeline.ingest.test_archive import tarred, zipped
from tests.pipeline.ingest.test_envelope import lines
from tests.pipeline.ingest.test_unpack import zstd

IDS = [f"00000000-0000-0000-0000-00000000000{number}" for number in range(5)]
FIVE = envelope(*[a_record(eventID=each) for each in IDS])


def parquet(*records: dict[str, Any]) -> bytes:
    held = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(records)), held)
    return held.getvalue()


FORMATS = {
    "plain.json.gz": FIVE,
    "packed.json": gzip.compress(FIVE),
    "mark.json": b"\xef\xbb\xbf" + FIVE,
    "utf16.json": FIVE.decode().encode("utf-16"),
    "utf16-be.json": "\ufeff".encode("utf-16-be") + FIVE.decode().encode("utf-16-be"),
    "utf16-bare.json": FIVE.decode().encode("utf-16-le"),
    "utf32.json": FIVE.decode().encode("utf-32"),
    "returns.ndjson": lines(*(a_record(eventID=each) for each in IDS)).replace(b"\n", b"\r\n"),
    "trail.zip": zipped({"AWSLogs/a.json": FIVE, "notes.txt": b"hello"}),
    "packed.zip": zipped({"a.json.gz": gzip.compress(FIVE)}),
    "trail.tar": tarred({"a.json": FIVE}),
    "trail.tar.gz": gzip.compress(tarred({"a.json.gz": gzip.compress(FIVE), "b.md": b"# hello"})),
    "trail.tgz": gzip.compress(tarred({"a.json": FIVE})),
    "trail.tar.zst": zstd(tarred({"a.json": FIVE})),
    "zip.gz": gzip.compress(zipped({"a.json": FIVE})),
    "trail.json.zst": zstd(FIVE),
    "trail.json.bz2": bz2.compress(FIVE),
    "trail.json.xz": lzma.compress(FIVE),
    "trail.parquet": parquet(*(a_record(eventID=each) for each in IDS)),
    "parquet.zip": zipped({"a.parquet": parquet(*(a_record(eventID=each) for each in IDS))}),
    "parquet.gz": gzip.compress(parquet(*(a_record(eventID=each) for each in IDS))),
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("within", [False, True])
def test_five_records_are_five_however_they_are_packed(target, tmp_path, name, within):
    path = write(tmp_path / "in" / name, FORMATS[name], pack=False)
    report = into(target, path.parent if within else path)
    assert (report.stored, report.set_aside, report.repaired) == (5, 0, 0)
    assert [each for (each,) in rows(target)] == IDS


def test_files_of_an_archive_lay_where_their_names_say_and_were_delivered_then(target, tmp_path):
    name = a_name("20260302T1205Z")
    content = gzip.compress(envelope(a_record(eventTime="2026-03-02T12:00:00Z")))
    write(tmp_path / "copy.zip", zipped({f"backup/{name}": content, "loose.json": envelope(a_record())}), pack=False)
    into(target, tmp_path / "copy.zip")
    origins = {row["origin"] for row in target.events.values()}
    assert origins == {name, "copy.zip/loose.json"}
    told = {row["origin"]: row["delivered_at"] for row in target.events.values()}
    assert told[name] == micros(datetime(2026, 3, 2, 12, 5, tzinfo=UTC))
    assert sorted(row["position"] for row in target.events.values()) == [0, 1]
    again = into(target, tmp_path / "copy.zip")
    assert (again.files, again.skipped_files) == (0, 1)


def test_what_else_is_in_an_archive_is_passed_over_by_name(target, tmp_path):
    files = {
        "AWSLogs/111122223333/Config/x.json": b"{",
        "ocsf.json": b'{"class_uid": 1, "metadata": {}}',
        "readme.md": b"# hello",
        "inner.zip": zipped({"a.json": FIVE}),
        "a.json": FIVE,
    }
    write(tmp_path / "a.zip", zipped(files), pack=False)
    report = into(target, tmp_path / "a.zip")
    assert (report.stored, report.passed_over, report.not_logs) == (5, {"AWS Config": 1, "OCSF": 1}, 2)


def test_a_broken_file_of_an_archive_takes_no_neighbour(target, tmp_path):
    packed = gzip.compress(FIVE)
    write(tmp_path / "a.zip", zipped({"cut.json.gz": packed[:-30], "a.json": FIVE}), pack=False)
    report = into(target, tmp_path / "a.zip")
    assert (report.stored, report.set_aside) == (5, 1)
    assert beside(target, "set_aside", "origin, reason") == [("a.zip/cut.json.gz", "gzip is truncated")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped({"a.json": FIVE})[:-30], "zip is truncated"),
        (tarred({"a.json": FIVE, "b.json": FIVE})[:1000], "tar is truncated"),
        (zstd(FIVE)[:-5], "zstd is truncated"),
        (parquet(a_record())[:-9], "Parquet is damaged"),
        (bytes(range(256)) * 99, "neither text nor packed"),
        (gzip.compress(bytes(range(256)) * 99), "neither text nor packed"),
        (b"\0" + gzip.compress(FIVE), "neither text nor packed"),
    ],
    ids=["zip", "tar", "zstd", "Parquet", "bytes", "packed bytes", "gzip behind a zero"],
)
def test_what_cannot_be_read_is_one_piece_with_the_reason(target, tmp_path, content, reason):
    report = into(target, write(tmp_path / "x", content))
    assert report.set_aside == 1
    assert beside(target, "set_aside")[0][0].startswith(reason)


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_all_files_of_an_archive_together_are_bounded_by_its_size(pack):
    bombs = {f"{number}.json.gz": gzip.compress(b" " * (16 << 20)) for number in range(16)}
    data = zipped({**bombs, "last.json": b" " * (64 << 20)}) if pack is zipped else gzip.compress(tarred(bombs))
    reading, limits = Reading(), Limits(ratio_from=1 << 20)
    out = sum(
        len(b"".join(map(bytes, found.records)))
        for part in parts(io.BytesIO(data), reading, limits)
        for found in part.contents
    )
    assert out == 0
    assert reading.problem.endswith("inflates more than 250-fold")
    assert reading.size < limits.ratio * len(data) + (4 << 20)


def test_a_file_of_text_that_is_none_is_read_no_further_than_its_beginning(target, tmp_path):
    flow = b"2 123456789010 eni-1 172.31.16.139 172.31.16.21 1 22 6 20 4249 1 2 ACCEPT OK\n"
    write(tmp_path / "in/flow.log.gz", flow * 200_000)
    report = into(target, tmp_path / "in")
    assert (report.records, report.passed_over) == (0, {"VPC flow logs": 1})
    assert json.loads(json.dumps(report.as_dict()))["passed_over"] == {"VPC flow logs": 1}
