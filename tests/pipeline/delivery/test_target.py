"""Files are done once each of their records is indexed or buried, and not before."""

import json
import pickle
from collections.abc import Iterator

import pytest

from pipeline.delivery.dead_letter import DeadLetterError, FolderDeadLetters
from pipeline.delivery.target import IndexSink
from pipeline.documents.sink import UnfinishedError
from pipeline.errors import StoreError
from pipeline.ingest import run, tasks, work
from pipeline.ingest.set_aside import KEPT_BYTES
from pipeline.search.url import parse_url
from tests.pipeline.delivery.target import NAMING, a_target, buried, index
from tests.pipeline.ingest.records import a_name, a_record, envelope, write, write_bucket
from tests.servers.sham import Sham, sham


@pytest.fixture
def engine() -> Iterator[Sham]:
    with sham() as running:
        yield running


@pytest.mark.parametrize("threads", [1, 2])
def test_every_event_is_there_once_whatever_the_number_of_processes(tmp_path, engine, monkeypatch, threads):
    monkeypatch.setattr(run, "_WORTH_A_POOL", 0)
    monkeypatch.setattr(tasks, "_TASK_FILES", 3)
    ids = write_bucket(tmp_path / "in", files=10, each=30)
    target = a_target(tmp_path, engine.url)
    index(target, tmp_path / "in", threads=threads)
    assert engine.ids == sorted(ids)
    assert target.tally.by_index == {f"cloudtrail-2026.03.0{day}": count for day, count in ((2, 120), (3, 90), (4, 90))}
    assert index(a_target(tmp_path, engine.url), tmp_path / "in").skipped_files == 10


def test_a_letter_names_the_file_its_record_is_from(tmp_path, engine):
    good, odd = a_record(), a_record()
    write(tmp_path / "in" / a_name(), envelope(good))
    write(tmp_path / "in" / a_name("20260302T1210Z"), envelope(odd, b'{"eventName":'))
    engine.refuses = lambda document: "odd" if document["event"]["id"] == odd["eventID"] else ""
    index(a_target(tmp_path, engine.url), tmp_path / "in")
    letters = {letter.event_id: letter for _, letter in FolderDeadLetters(tmp_path / "letters").read()}
    assert set(letters) == {odd["eventID"], ""}
    assert {letter.origin for letter in letters.values()} == {a_name("20260302T1210Z")}
    assert json.loads(letters[odd["eventID"]].raw) == odd
    assert "mapper_parsing_exception" in letters[odd["eventID"]].reason


def test_a_letters_reason_is_bounded_whatever_the_engine_calls_it(tmp_path, engine):
    write(tmp_path / "in" / a_name(), envelope(a_record()))
    odd = {"create": {"status": 400, "error": {"type": "odd_exception" * 1_000, "reason": "no"}}}
    engine.always = lambda ids: (200, {"errors": True, "items": [odd] * len(ids)})
    index(a_target(tmp_path, engine.url), tmp_path / "in")
    [(_, letter)] = FolderDeadLetters(tmp_path / "letters").read()
    assert letter.reason == f"400 {'odd_exception' * 1_000}"[:500]


def test_of_bad_records_that_are_not_kept_a_letter_names_the_file(tmp_path, engine):
    bad = a_record(eventTime="never")
    long = a_record(eventTime="never", userAgent="x" * (KEPT_BYTES + 1))
    write(tmp_path / "in" / a_name(), envelope(long, *[bad] * 700, a_record()))
    target = a_target(tmp_path, engine.url)
    report = index(target, tmp_path / "in")
    assert (report.records, target.tally.dead_letters, target.tally.only_counted) == (702, 500, 201)
    first, *others, last = [letter for _, letter in FolderDeadLetters(tmp_path / "letters").read()]
    assert (len(first.raw), first.cut) == (KEPT_BYTES, True)
    assert [(letter.cut, len(letter.raw) > 0) for letter in others] == [(False, True)] * 499
    assert (last.origin, last.raw, last.cut) == (a_name(), b"", True)
    assert last.reason.startswith("201 more records of this file")


def test_files_of_which_a_document_is_left_are_sent_again(tmp_path, engine, monkeypatch):
    monkeypatch.setattr(tasks, "_TASK_FILES", 1)
    ids = write_bucket(tmp_path / "in", files=3, each=5)
    engine.scripts = [lambda ids: None]
    engine.always = lambda ids: (429, b"busy")
    with pytest.raises(UnfinishedError, match=r"429.*run the same command again"):
        index(a_target(tmp_path, engine.url, patience=0.5), tmp_path / "in")
    assert len(engine.held) == 5
    engine.always = None
    report = index(a_target(tmp_path, engine.url), tmp_path / "in")
    assert (report.skipped_files, report.files) == (1, 2)
    assert engine.ids == sorted(ids)


def test_files_are_not_known_before_their_letters_are_kept(tmp_path, engine):
    write(tmp_path / "in" / a_name(), envelope(a_record(), b'{"eventName":'))
    (tmp_path / "letters").write_bytes(b"a file where the folder should be")
    with pytest.raises(DeadLetterError, match="make room or mend"):
        index(a_target(tmp_path, engine.url), tmp_path / "in")
    (tmp_path / "letters").unlink()
    report = index(a_target(tmp_path, engine.url), tmp_path / "in")
    assert report.skipped_files == 0
    assert buried(tmp_path) == [""]
    assert len(engine.held) == 1


def test_a_run_that_cannot_note_what_is_done_says_so_and_the_next_sends_again(tmp_path, engine):
    write(tmp_path / "in" / a_name(), envelope(a_record()))
    target = a_target(tmp_path, engine.url)
    target._known.close()
    with pytest.raises(StoreError, match="is in the index once"):
        index(target, tmp_path / "in")
    again = a_target(tmp_path, engine.url)
    index(again, tmp_path / "in")
    assert (again.tally.indexed + again.tally.duplicates, len(engine.held)) == (1, 1)


def test_no_more_documents_are_held_than_are_under_way(tmp_path, engine, monkeypatch):
    """A worker writes 40,960 rows together; as documents they would be twenty times what is needed."""
    monkeypatch.setattr(work, "_ROWS", 40_960)
    held = most = 0

    class Counting(IndexSink):
        def open(self):
            super().open()
            _, maker = self._opened
            make = maker.make

            def counted(*given):
                nonlocal held, most
                for document in make(*given):
                    held += 1
                    most = max(most, held - len(engine.held))
                    yield document

            maker.make = counted

    write_bucket(tmp_path / "in", files=12, each=1_000)
    target = a_target(tmp_path, engine.url)
    target.sink = Counting(parse_url(engine.url), NAMING, requests=2)
    index(target, tmp_path / "in")
    assert held == 12_000 == len(engine.held)
    assert most <= 4_000


def test_a_sink_goes_to_another_process_without_its_connections(engine):
    sink = IndexSink(parse_url(engine.url), NAMING, patience=7)
    sink.open()
    carried = pickle.loads(pickle.dumps(sink))
    assert carried._opened is None
    assert (carried.patience, carried.naming) == (7, NAMING)
