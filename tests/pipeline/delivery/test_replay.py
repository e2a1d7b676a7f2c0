"""Dead letters sent again: what gets through is forgotten, what does not stays, whoever else is at them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pipeline.delivery.aws_dead_letters import open_dead_letters
from pipeline.delivery.box import BoxError, BoxPlace
from pipeline.delivery.dead_letter import DeadLetter, FolderDeadLetters, write_letter
from pipeline.delivery.replay import replay
from pipeline.delivery.spill import SpilledRecord, write_spills
from pipeline.documents.sink import UnfinishedError
from tests.pipeline.delivery.doors import kinesis_event, logs_event, packed_logs, s3_event, sns_event, sqs_event
from tests.pipeline.delivery.played_queue import PlayedQueue
from tests.pipeline.delivery.target import NOW, a_target
from tests.pipeline.ingest.records import a_record, envelope
from tests.records import raw
from tests.servers.sham import Sham, sham


@pytest.fixture
def engine() -> Iterator[Sham]:
    with sham() as running:
        yield running


def a_letter(content: bytes, origin: str = "a.json") -> DeadLetter:
    return DeadLetter("odd", datetime(2026, 3, 2, tzinfo=UTC).isoformat(), origin, content)


def put(folder, *contents: bytes) -> FolderDeadLetters:
    letters = FolderDeadLetters(folder / "letters")
    letters.put([a_letter(content) for content in contents])
    return letters


def left(letters: FolderDeadLetters) -> list[bytes]:
    return [letter.raw for _, letter in letters.read()]


def test_letters_that_get_through_go_and_the_others_stay(tmp_path, engine):
    good, refused, both = a_record(), a_record(), a_record()
    contents = [raw(good), b'{"eventName":', raw(refused), envelope(both, refused), b"", raw({"eventName": 7})]
    letters = put(tmp_path, *contents)
    engine.refuses = lambda document: "odd" if document["event"]["id"] == refused["eventID"] else ""
    done = replay(letters, a_target(tmp_path, engine.url).sink, NOW)
    assert left(letters) == contents[1:]
    assert (done.letters, done.gone, done.stayed) == (6, 1, 5)
    assert engine.ids == sorted([good["eventID"], both["eventID"]])
    engine.refuses = lambda document: ""
    done = replay(letters, a_target(tmp_path, engine.url).sink, NOW)
    assert (done.gone, done.tally.duplicates) == (2, 2)
    assert left(letters) == [contents[1], b"", contents[5]]
    assert len(engine.held) == 3


def test_what_was_sent_before_the_engine_gave_up_is_forgotten(tmp_path, engine, monkeypatch):
    monkeypatch.setattr("pipeline.delivery.replay._MOST", 2)
    contents = [raw(a_record()) for _ in range(5)]
    letters = put(tmp_path, *contents)
    engine.scripts = [lambda ids: None]
    engine.always = lambda ids: (503, b"")
    with pytest.raises(UnfinishedError):
        replay(letters, a_target(tmp_path, engine.url, patience=0.2).sink, NOW)
    assert left(letters) == contents[2:]
    engine.always = None
    assert replay(letters, a_target(tmp_path, engine.url).sink, NOW).gone == 3
    assert len(engine.held) == 5
    assert list((tmp_path / "letters").iterdir()) == []


def test_letters_that_come_while_others_are_replayed_stay(tmp_path, engine):
    letters = put(tmp_path, raw(a_record()))
    engine.scripts = [lambda ids: put(tmp_path, b"new") and None]  # type: ignore[func-returns-value]
    replay(letters, a_target(tmp_path, engine.url).sink, NOW)
    assert left(letters) == [b"new"]


def test_a_letter_that_has_only_the_beginning_of_a_file_stays(tmp_path, engine):
    """What is in its beginning is indexed; what comes after it is not in the letter."""
    record = a_record()
    letters = FolderDeadLetters(tmp_path / "letters")
    letters.put([DeadLetter("file is cut", "2026-03-02T00:00:00Z", "a.json", raw(record), cut=True)])
    done = replay(letters, a_target(tmp_path, engine.url).sink, NOW)
    assert (engine.ids, done.gone, done.stayed) == ([record["eventID"]], 0, 1)
    [(_, letter)] = letters.read()
    assert (letter.raw, letter.cut) == (raw(record), True)


ONLY_TELL = {
    "a notification": s3_event(), "by a topic": sns_event(s3_event()), "by a queue": sqs_event(s3_event()),
    "a pointer": {"oddtrail": "pointer", "bucket": "b", "key": "k"}, "a test event": {"Event": "s3:TestEvent"},
    "a digest": {"awsAccountId": "111122223333", "digestStartTime": "2026-03-02T09:00:00Z", "logFiles": []},
    "control": logs_event([], kind="CONTROL_MESSAGE"), "a forged spill": {"oddtrail": "spilled", "version": 1},
    "nothing": {}, "no records": {"Records": []}, "a finding": {"SchemaVersion": "2", "ProductArn": "a"},
}  # fmt: skip


@pytest.mark.parametrize("what", ONLY_TELL)
def test_what_only_tells_where_events_lie_or_holds_none_stays(tmp_path, engine, what):
    """Once it is removed, nobody could find the events again."""
    content = raw(ONLY_TELL[what])
    letters = put(tmp_path, content)
    done = replay(letters, a_target(tmp_path, engine.url).sink, NOW)
    assert (done.gone, done.stayed, left(letters)) == (0, 1, [content])


def test_a_notification_beside_events_keeps_its_letter(tmp_path, engine):
    record = a_record()
    letters = put(tmp_path, raw({"Records": [record, *s3_event()["Records"]]}))
    assert replay(letters, a_target(tmp_path, engine.url).sink, NOW).stayed == 1
    assert engine.ids == [record["eventID"]]


def test_what_lambda_or_a_queue_gave_up_is_opened(tmp_path, engine):
    """A payload of CloudWatch, one of Kinesis, and what a function could not finish."""
    records = [a_record() for _ in range(8)]
    spilled = [SpilledRecord(raw(record), "stream", f"cw-{at}", "111122223333") for at, record in enumerate(records)]
    [spill] = write_spills(spilled[4:])
    stream = kinesis_event(packed_logs([raw(record).decode() for record in records[2:4]]))
    contents = [raw(logs_event(records[:2])), raw(stream), spill]
    letters = put(tmp_path, *contents)
    refused = records[7]["eventID"]
    engine.refuses = lambda document: "odd" if document["event"]["id"] == refused else ""
    done = replay(letters, a_target(tmp_path, engine.url).sink, NOW)
    assert (done.letters, done.gone, left(letters)) == (3, 2, [spill])
    engine.refuses = lambda document: ""
    assert replay(letters, a_target(tmp_path, engine.url).sink, NOW).gone == 1
    assert engine.ids == sorted(record["eventID"] for record in records)
    documents = {document["event"]["id"]: document for document in engine.held.values()}
    assert documents[records[5]["eventID"]]["@id"] == "cw-5", "it tells how it came, as if nothing had happened"


def test_what_got_through_is_forgotten_before_a_queue_would_show_it_again(tmp_path, engine, monkeypatch):
    monkeypatch.setattr("pipeline.delivery.replay._MOST", 1)
    monkeypatch.setattr("pipeline.delivery.replay._FORGET_EVERY", 0.0)
    letters = put(tmp_path, raw(a_record()), raw(a_record()))
    seen = []
    engine.scripts = [lambda ids: None, lambda ids: seen.append(len(left(letters)))]  # type: ignore[func-returns-value]
    replay(letters, a_target(tmp_path, engine.url).sink, NOW)
    assert seen == [1]


@pytest.mark.parametrize("forget_every", [0.0, 30.0])
@pytest.mark.parametrize("failing", ["0", "1", "2"])
def test_letters_that_cannot_be_removed_are_told_and_shown_to_others(
    tmp_path, engine, monkeypatch, forget_every, failing
):
    monkeypatch.setattr("pipeline.delivery.replay._MOST", 2)
    monkeypatch.setattr("pipeline.delivery.replay._FORGET_EVERY", forget_every)
    bodies = {str(at): write_letter(a_letter(raw(a_record()))) for at in range(4)}
    queue = PlayedQueue(bodies, [list(bodies)])
    queue.fails = [failing]
    monkeypatch.setattr("pipeline.delivery.box.client", lambda *asked: queue)
    letters = open_dead_letters(BoxPlace("https://sqs.eu-west-1.amazonaws.com/1/q"))
    with pytest.raises(BoxError, match="cannot be used \\(AccessDenied\\)"):
        replay(letters, a_target(tmp_path, engine.url).sink, NOW)
    assert failing in queue.bodies
    assert queue.hidden == {}
    queue.answers = [list(bodies)]
    replay(letters, a_target(tmp_path, engine.url).sink, NOW)
    assert (queue.bodies, len(engine.held)) == ({}, 4)
