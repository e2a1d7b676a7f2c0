"""Files become parts of a batch, with counts for each file; bounded, and with nothing held that is not needed."""

import gc
import gzip
import json
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest

from features.normalise.normaliser import Normaliser
from pipeline.enrich.networks import NO_NETWORKS
from pipeline.enrich.places import Places
from pipeline.ingest import work
from pipeline.ingest.delivery import read_delivery
from pipeline.ingest.inflate import Limits
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.rows import Rows
from pipeline.ingest.sink import FileDone, Written
from pipeline.ingest.work import Engine, Work, make_engine
from tests.pipeline.ingest.memory_sink import Kept, MemorySink
from tests.pipeline.ingest.records import NOW, a_name, a_record, envelope
from tests.records import a_catalogue


def a_file(*records: Any, content: bytes | None = None, **given: Any) -> LogFile:
    """A delivered file that was read already."""
    name = a_name()
    held = gzip.compress(envelope(*records)) if content is None else content
    values = {"digest": "d" * 64, "origin": name, "delivery": read_delivery(name), "content": held} | given
    return LogFile(Path(name), **values)


def an_engine(sink: Any = None, **given: Any) -> Engine:
    return Engine(Normaliser(a_catalogue()), sink or MemorySink(), Places(None, NO_NETWORKS), **given)


def work_on(*files: LogFile) -> Work:
    return an_engine().work(files, NOW)


def events(done: Work) -> list[dict[str, Any]]:
    return [part for part in done.batch.parts if not isinstance(part, Kept)]


def asides(done: Work) -> list[Kept]:
    return [part for part in done.batch.parts if isinstance(part, Kept)]


def test_each_file_is_done_with_its_own_counts() -> None:
    digest = {"awsAccountId": "1" * 12, "digestStartTime": "2026-03-02T00:00:00Z", "digestS3Object": "x"}
    surrogate = json.dumps(a_record()).replace("aws-cli/2.15.0", "\\ud800").encode()
    one = a_file(a_record(), surrogate, digest=digest_of("1"))
    two = a_file(a_record(eventTime="never"), digest, a_record(), digest=digest_of("2"), origin="b")
    done = work_on(one, two)
    at = one.delivery.at
    assert done.batch.files == [
        FileDone(digest_of("1"), one.origin, at, records=2, repaired=1),
        FileDone(digest_of("2"), "b", at, records=3, set_aside=1, other=done.batch.files[1].other, kept=1),
    ]
    assert sum(done.batch.files[1].other.values()) == 1
    assert (done.records, done.rows, done.set_aside, done.repaired) == (5, 3, 1, 1)
    assert done.other == done.batch.files[1].other


def digest_of(letter: str) -> str:
    return letter * 64


def test_rows_and_what_is_none_name_their_file_and_their_place_in_it() -> None:
    files = [a_file(a_record(), a_record(eventTime="never"), a_record(), digest=digest_of(c), origin=c) for c in "ab"]
    done = work_on(*files)
    assert [(row["file"], row["origin"], row["position"]) for row in events(done)] == [
        (letter * 16, letter, position) for letter in "ab" for position in (0, 2)
    ]
    assert [(kept.kind, kept.aside.file, kept.aside.position) for kept in asides(done)] == [
        ("set_aside", letter * 16, 1) for letter in "ab"
    ]


def test_a_file_that_cannot_be_read_is_one_record_with_the_reason(tmp_path: Path) -> None:
    gone = a_file(content=None)._replace(path=tmp_path / "gone.json", content=None)
    known = a_file(problem="file cannot be read: because", content=None)._replace(content=None)
    cut = a_file(content=gzip.compress(b'{"Records": []}')[:-9])
    for file, reason in ((gone, "No such file"), (known, "because"), (cut, "truncated")):
        done = work_on(file)
        assert (done.records, done.set_aside, done.rows) == (1, 1, 0)
        [kept] = asides(done)
        assert kept.aside.position == -1
        assert reason in kept.aside.reason


def test_a_file_whose_content_is_not_given_is_read_from_its_path(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(envelope(a_record()))
    assert work_on(a_file()._replace(path=tmp_path / "a.json", content=None)).rows == 1


def test_limits_hold_for_a_file() -> None:
    bomb = a_file(*[a_record()] * 5000)
    done = an_engine(limits=Limits(ratio=2, ratio_from=1 << 20)).work([bomb], NOW)
    assert asides(done)[-1].aside.reason == "gzip inflates more than 2-fold"
    assert 0 < done.rows < 5000, "what was read before is kept"
    assert an_engine().work([bomb], NOW).rows == 5000


class Counting:
    """A sink that remembers how much it was given at a time."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def open(self) -> None: ...

    def write(self, rows: Rows) -> Written:
        self.sizes.append(len(rows))
        return Written([], 1)

    def keep(self, kind: str, asides: Any, now: Any) -> list[Any]:
        return []


@pytest.mark.parametrize(("rows", "size", "sizes"), [(10, 1 << 30, [10, 10, 5]), (1000, 1, [5] * 5)])
def test_what_is_held_is_written_when_it_is_much(
    monkeypatch: pytest.MonkeyPatch, rows: int, size: int, sizes: list[int]
) -> None:
    monkeypatch.setattr(work, "_ROWS", rows)
    monkeypatch.setattr(work, "_BYTES", size)
    sink = Counting()
    done = an_engine(sink).work([a_file(*(a_record() for _ in range(5)), digest=digest_of(c)) for c in "abcde"], NOW)
    assert sink.sizes == sizes
    assert done.rows == 25
    assert done.duplicates == len(sizes), "the sink's"


def test_rows_are_let_go_of_by_the_time_the_sink_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records as delivered are most of the memory, and a sink that has a copy of them need not hold both."""
    gone: list[bool] = []

    class Letting(Counting):
        def write(self, rows: Rows) -> Written:
            made = weakref.ref(rows.made)
            del rows
            gone.append(made() is None)
            return Written([], 0)

    monkeypatch.setattr(gc, "collect", lambda: 0)
    an_engine(Letting()).work([a_file(a_record(), a_record(eventTime="never"))], NOW)
    assert gone == [True]


def test_an_engine_outlives_its_calls_and_remembers() -> None:
    engine = an_engine()
    first, second = (engine.work([a_file(*(a_record() for _ in range(20)))], NOW) for _ in range(2))
    assert first.memo_misses > second.memo_misses == 0
    assert first.rows == second.rows == 20
    assert len(engine.work([], NOW).batch.files) == 0


LIGHT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pipeline.ingest.delivery import read_delivery
from pipeline.ingest.sink import Written
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.work import make_engine

class Sink:
    def open(self):
        self.ready = True
    def write(self, rows):
        columns = rows.columns()
        return Written([dict(zip(columns, row)) for row in zip(*columns.values())], 0)
    def keep(self, kind, asides, now):
        return [(kind, *aside) for aside in asides]

content = open(sys.argv[1], "rb").read()
engine = make_engine(Sink())
done = engine.work([LogFile(Path("k"), "d" * 64, "k", read_delivery("k"), content)], datetime(2026, 3, 20, tzinfo=UTC))
print(engine.sink.ready, done.rows, len(done.batch.parts))
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_bytes_become_rows_without_any_heavy_library(tmp_path: Path) -> None:
    """As in a Lambda: with a sink of its own, nothing of Arrow, NumPy or DuckDB is loaded."""
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(envelope(a_record(), a_record(eventTime="never"))))
    command = [sys.executable, "-c", LIGHT, str(tmp_path / "a.json.gz")]
    told, loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert told == "True 1 2"
    assert set(loaded.split()) & {"duckdb", "joblib", "numpy", "pandas", "pyarrow", "scipy", "sklearn"} == set()


def test_an_engine_is_made_with_the_catalogue_that_ships() -> None:
    [row] = events(make_engine(MemorySink()).work([a_file(a_record(eventName="CreateAccessKey"))], NOW))
    assert (row["level"], row["level_source"]) == ("permissions", "iam")


JUNK = b'{"note":"%s"}' % (b"x" * 200)


@pytest.mark.parametrize("wrap", [lambda junk: envelope(*junk), b"\n".join], ids=["a list", "lines"])
@pytest.mark.parametrize("many", [100, 300, 50_000])
def test_where_nothing_is_a_record_a_few_pieces_are_set_aside(wrap: Any, many: int) -> None:
    done = work_on(a_file(content=wrap([JUNK] * many)))
    assert done.rows == 0
    assert done.set_aside == done.records == (100 if many == 100 else 17)
    told = [each.aside.reason for each in asides(done)[done.set_aside :]]
    assert told == ([] if many == 100 else ["of a piece of this file that was set aside only the beginning is kept"])


@pytest.mark.parametrize("odd", [b"1", JUNK, b'"H4sI"'])
def test_records_among_what_is_none_are_all_found(odd: bytes) -> None:
    records = [json.dumps(a_record()).encode() for _ in range(3)]
    junk = [odd] * 3_000
    for content in (
        envelope(*junk, *records, *junk),
        b"\n".join([*[JUNK] * 60_000, *records, *[JUNK] * 60_000]),
        envelope(*[JUNK] * 20_000, records[0], *junk, records[1].replace(b"{", b'{"odd":NaN,', 1), records[2]),
    ):
        assert work_on(a_file(content=content)).rows == 3


def test_records_that_are_all_broken_are_all_repaired() -> None:
    broken = [json.dumps(a_record()).encode().replace(b"{", b'{"odd":NaN,', 1) for _ in range(600)]
    done = work_on(a_file(content=envelope(*broken)))
    assert (done.rows, done.repaired, done.set_aside) == (600, 600, 0)


def test_of_many_that_are_set_aside_some_are_kept_and_the_others_counted() -> None:
    bad = [json.dumps(a_record(eventTime="never")).encode()] * 1_200
    done = work_on(a_file(*(r for pair in zip(bad, (a_record() for _ in bad), strict=True) for r in pair)))
    assert (done.rows, done.set_aside, done.reasons.total()) == (1_200, 1_200, 1_200)
    *kept, rest = asides(done)
    assert len(kept) == 500
    assert (rest.aside.reason, rest.aside.position) == (
        "700 more records of this file were set aside, of which none is kept",
        -1,
    )
    [file] = done.batch.files
    assert (done.kept, file.kept, file.set_aside) == (500, 500, 1_200)


def test_what_is_no_event_is_handed_over_before_there_is_much_of_it() -> None:
    """However many there are, a call holds four megabytes of them, and of those set aside keeps 32."""
    held: list[tuple[str, int]] = []

    class Keeping(MemorySink):
        def keep(self, kind: Any, asides: Any, now: Any) -> list[Any]:
            held.append((kind, sum(len(aside.raw) for aside in asides)))
            return []

    filler = "x" * 200_000
    bad = [json.dumps(a_record(eventTime="never", userAgent=filler)).encode() for _ in range(200)]
    insight = json.dumps(a_record(eventCategory="Insight", insightDetails={"state": filler})).encode()
    content = envelope(*bad, *[insight] * 100)
    done = make_engine(Keeping()).work([a_file(content=content), a_file(content=content + b" ")], NOW)
    assert (done.set_aside, done.other.total()) == (400, 200)
    assert max(size for _, size in held) < 5 << 20
    kept = sum(size for kind, size in held if kind == "set_aside")
    assert 31 << 20 < kept < 33 << 20
    assert [file.kept for file in done.batch.files] == [done.kept, 0]
    assert sum(size for kind, size in held if kind == "other") > 200 * 200_000


@pytest.mark.parametrize(
    "content",
    [
        b'{"Records":[' + b"{}," * 5_000,
        bytes(range(256)) * 1_000,
        b"[" * (9 << 20),
        b'{"Records":[{"eventName":"' + b"x" * (18 << 20),
    ],
    ids=["tiny", "binary", "brackets", "long"],
)
def test_a_piece_of_which_the_beginning_is_kept_does_not_look_whole(content: bytes) -> None:
    assert not all(each.aside.is_whole for each in asides(work_on(a_file(content=content))))


def test_a_file_in_which_nothing_was_found_for_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_UNTIL", 12 << 20)
    last = json.dumps(a_record()).encode()
    for junk in (b'{"Records":[' + b"{}," * (8 << 20), b"[" * (24 << 20), b"\n".join([JUNK] * 120_000) + b"\n"):
        done = work_on(a_file(content=junk + last))
        assert done.rows == 0
        assert "no CloudTrail record in its first 12 MiB: the rest of the file was not read" in done.reasons
        assert done.set_aside <= 18
    done = work_on(a_file(content=b'{"Records":[' + last + b"," + b"{}," * (8 << 20) + last + b"]}"))
    assert (done.rows, done.set_aside) == (2, 2), "the piece between them is cut where a window ends"
