"""Dead letters: kept whole with their bytes and reason, read back, and removed one by one."""

from datetime import UTC, datetime

import pytest

from pipeline.delivery.dead_letter import (
    DeadLetter,
    DeadLetterError,
    FolderDeadLetters,
    bury,
    read_letter,
    write_letter,
)
from pipeline.documents.sink import Kept
from pipeline.ingest.set_aside import KEPT_BYTES, make_aside
from pipeline.search.bulk import Document, Refused, Sent

AT = datetime(2026, 3, 1, tzinfo=UTC)


def a_letter(name: str, raw: bytes = b"{}") -> DeadLetter:
    return DeadLetter(name, "2026-03-01T00:00:00Z", "a.json", raw)


@pytest.mark.parametrize("raw", [b"", b"\xff\x00\n", "한".encode(), b"x" * 1_000_000])
def test_a_letter_keeps_its_bytes_whatever_they_are(raw):
    line = write_letter(a_letter("odd\n\x1b[31m", raw))
    assert b"\n" not in line
    assert read_letter(line) == a_letter("odd\n\x1b[31m", raw)


@pytest.mark.parametrize("line", [b"", b"[]", b"{", b'{"raw": "?"}', b'{"raw": ""}', b'"text"', b"[" * 100_000])
def test_a_line_that_is_no_letter_says_where_it_is(line):
    with pytest.raises(DeadLetterError, match=r"letters\.jsonl, line 7 cannot be read"):
        read_letter(line, "letters.jsonl, line 7")


def test_letters_are_read_in_the_order_they_were_put_and_removed_one_by_one(tmp_path):
    store = FolderDeadLetters(tmp_path / "letters")
    store.put([a_letter("first"), a_letter("second")])
    store.put([a_letter("third")])
    store.put([])
    names = {letter.reason: name for name, letter in store.read()}
    assert list(names) == ["first", "second", "third"]
    store.remove([names["first"], names["third"]])
    assert [letter.reason for _, letter in store.read()] == ["second"]
    store.remove([name for name, _ in store.read()])
    assert list((tmp_path / "letters").iterdir()) == []


def test_what_cannot_be_written_is_said_and_nothing_is_acknowledged(tmp_path):
    (tmp_path / "letters").write_text("a file where the folder should be")
    with pytest.raises(DeadLetterError, match=r"cannot be written.*nothing was acknowledged"):
        FolderDeadLetters(tmp_path / "letters").put([a_letter("odd")])


def test_what_was_refused_and_what_could_not_be_read_is_buried():
    aside = make_aside(b"{", file="f", origin="b.json", position=0, reason="cut off", account="", delivered_at=None)
    sent = Sent(dead=[Refused(Document("i", "e-1", b"{}", b"the record"), "400 odd")])
    letters = bury([sent, Kept([aside])], AT)
    assert [(letter.reason, letter.raw) for letter in letters] == [("400 odd", b"the record"), ("cut off", b"{")]
    assert not any(letter.cut for letter in letters)


def test_a_letter_says_when_it_has_only_the_beginning():
    given = {"file": "f", "origin": "b.json", "reason": "odd", "account": "", "delivered_at": None}
    long = make_aside(b"x" * (KEPT_BYTES + 1), position=0, **given)
    of_file = make_aside(b"x", position=-1, **given)
    letters = bury([Kept([long, of_file])], AT)
    assert [(len(letter.raw), letter.cut) for letter in letters] == [(KEPT_BYTES, True), (1, True)]
    assert [read_letter(write_letter(letter)) for letter in letters] == letters


def test_letters_of_before_are_read():
    line = b'{"reason": "odd", "at": "2026-03-01T00:00:00Z", "origin": "a", "raw": "e30=", "event_id": ""}'
    assert read_letter(line).cut is False
