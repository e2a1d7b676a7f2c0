"""Dead letters in a folder: whole or not there, each removed by what it is, a full disk said aloud."""

import os
import resource
import subprocess
import sys
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
from pipeline.ingest.set_aside import make_aside
from pipeline.search.bulk import Document, Refused, Sent

AT = "2026-03-01T00:00:00Z"
HOSTILE = [b"", b"\xff\xfe\x00", b"\n\r\n", b'"' * 9, "\u2028\ud800".encode("utf-8", "surrogatepass"), b"x" * 2_000_000]


def a_letter(raw: bytes, reason: str = "odd") -> DeadLetter:
    return DeadLetter(reason, AT, "a.json", raw)


@pytest.mark.parametrize("raw", HOSTILE)
def test_any_bytes_come_back_as_they_were(tmp_path, raw):
    letter = a_letter(raw, "reason\n\u2028\x1b" + "é" * 9)
    FolderDeadLetters(tmp_path).put([letter, letter])
    assert [found for _, found in FolderDeadLetters(tmp_path).read()] == [letter, letter]
    assert b"\n" not in write_letter(letter)


def test_what_was_refused_and_what_could_not_be_read_is_buried_and_the_rest_is_not():
    aside = make_aside(b"{", file="f", origin="b.json", position=3, reason="cut off", account="", delivered_at=None)
    sent = Sent(indexed=5, dead=[Refused(Document("cloudtrail-x", "e-1", b"{}", b"raw"), "400 " + "x" * 999)])
    letters = bury([sent, Kept("set_aside", [aside]), Kept("other", [aside])], datetime(2026, 3, 1, tzinfo=UTC))
    assert [(letter.event_id, letter.origin, letter.raw, letter.at) for letter in letters] == [
        ("e-1", "cloudtrail-x", b"raw", AT),
        ("", "b.json", b"{", AT),
    ]
    assert len(letters[0].reason) == 500


def test_a_letter_that_is_half_written_is_not_there(tmp_path):
    store = FolderDeadLetters(tmp_path)
    store.put([a_letter(b"a")])
    (tmp_path / ".20260301T000000-1.jsonl").write_bytes(b'{"raw": "')
    assert [letter.raw for _, letter in store.read()] == [b"a"]


def test_letters_are_removed_by_what_they_are(tmp_path):
    """By the number of its line, a second one who removes would take the neighbours."""
    store = FolderDeadLetters(tmp_path)
    store.put([a_letter(raw) for raw in (b"a", b"b", b"c", b"d")])
    names = [name for name, _ in store.read()]
    store.remove(names[:2])
    store.remove(names[1:3])
    assert [letter.raw for _, letter in store.read()] == [b"d"]
    store.remove(names)
    store.remove(names)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_leaves_no_half_letter(tmp_path):
    """A bound on the size of files stands for the disk: the same error of the same call."""
    code = (
        "import signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from pipeline.delivery.dead_letter import *\n"
        "try: FolderDeadLetters(sys.argv[1]).put([DeadLetter('odd', '', '', b'x' * 200_000)])\n"
        "except DeadLetterError as error: print(error)"
    )
    bound = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))  # noqa: E731
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "letters"], preexec_fn=bound, capture_output=True, text=True, check=True
    )
    assert "cannot be written" in done.stdout
    assert "make room" in done.stdout
    assert list(FolderDeadLetters(tmp_path / "letters").read()) == []
    assert os.listdir(tmp_path / "letters") == []


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"raw":1}', b"[" * 9_999, b'{"raw":"YQ==","reason":1}', b"\xff"])
def test_a_line_that_is_no_letter_is_named(line):
    with pytest.raises(DeadLetterError, match="here"):
        read_letter(line, "here")
