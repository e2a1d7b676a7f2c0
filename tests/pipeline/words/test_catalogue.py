"""A message is found in the language asked for, and a value at one of its places is only ever a value."""

import subprocess
import sys

from pipeline.words.catalogue import find_words
from pipeline.words.language import LANGUAGES
from pipeline.words.words import ENGLISH, put

KOREAN = find_words("ko")


def test_a_message_is_told_in_the_language_and_one_that_is_none_as_it_is() -> None:
    assert KOREAN.say("Search") == "검색"
    assert KOREAN.say("arn:aws:iam::111122223333:role/x") == "arn:aws:iam::111122223333:role/x"
    assert find_words("en").say("Search") == ENGLISH.say("Search") == "Search"
    assert KOREAN.say("") == ""  # gettext's own header stands there


def test_every_language_knows_the_same_messages() -> None:
    known = {find_words(language).known for language in LANGUAGES}
    assert len(known) == 1
    assert "Search" in known.pop()


def test_a_name_with_braces_is_never_a_place() -> None:
    assert put("{a} {b} {c}", {"a": "{b}", "b": "{a}"}) == "{b} {a} {c}"


def test_english_alone_reads_no_catalogue() -> None:
    code = "import pipeline.words.words, pipeline.settings, sys; sys.exit('babel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
