"""A kept sentence is told again where it reads as one of ours, and left alone where it does not, in bounded time."""

import time

from pipeline.words.catalogue import find_words
from pipeline.words.told import LONGEST, Told, tell_again, tell_through
from pipeline.words.words import ENGLISH

KOREAN = find_words("ko")
FROM = Told("from {place}")
CALLS = Told("now {n} call", "now {n} calls")


def test_values_are_read_and_put_where_the_language_has_them() -> None:
    assert tell_again("from Seoul", [FROM], KOREAN) == "출발지 Seoul"
    assert tell_again("from {place}", [FROM], KOREAN) == "출발지 {place}"


def test_one_and_many_are_both_read() -> None:
    assert [tell_again(text, [CALLS], KOREAN) for text in ("now 1 call", "now 1,200 calls")] == [
        "이번에 1회 호출",
        "이번에 1,200회 호출",
    ]
    assert tell_again("now 1,200 calls", [CALLS], ENGLISH) == "now 1,200 calls"


def test_what_reads_as_none_stays_or_is_told_otherwise() -> None:
    for text in ("now call", "now x calls", "now 1 call more", "From Seoul", "from ", "from a\nb"):
        assert tell_again(text, [FROM, CALLS], KOREAN) == text
        assert tell_again(text, [FROM, CALLS], KOREAN, otherwise=lambda one, words: words.find("Search")) == "검색"


def test_what_is_kept_in_english_is_not_read_for_english() -> None:
    assert tell_again("from Seoul", [FROM], ENGLISH, {"place": lambda _, words: "elsewhere"}) == "from Seoul"
    assert tell_again("x", [FROM], ENGLISH, otherwise=lambda _, words: "otherwise") == "x"


def test_of_a_row_of_pieces_those_that_are_known_are_told() -> None:
    said = tell_through("from Seoul, x y, now 2 calls", [FROM, CALLS], KOREAN, None, r", |\Z")
    assert said == "출발지 Seoul, x y, 이번에 2회 호출"


def test_whatever_a_text_holds_it_takes_no_time() -> None:
    twice = Told("opened {what} to {whom}, {ended}")
    began = time.process_time()
    for text in ("opened " * 285, "opened to , " * 160, "opened x to " + "to " * 600, ", " * 1000, "a" * LONGEST):
        tell_again(text, [twice, FROM], KOREAN)
        tell_through(text, [twice, FROM], KOREAN, None, r", |\Z")
    assert tell_again(long := "from " + "x" * LONGEST, [FROM], KOREAN) == long
    assert time.process_time() - began < 5
