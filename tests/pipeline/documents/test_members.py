"""Pieces of JSON: what is written, what is left out, and characters that UTF-8 cannot say."""

import json

from pipeline.documents.members import LONGEST_TEXT, bound, join, keep, nest, write, write_members, write_time


def test_pieces_join_to_an_object():
    members = join(write_members({"a": 1}), nest(b"b", write_members({"c": [True]})), nest(b"d", b""))
    assert json.loads(b"{%b}" % members) == {"a": 1, "b": {"c": [True]}}


def test_half_a_character_is_replaced_wherever_it_stands():
    assert json.loads(write({"\ud800": ["a\udc00", ("b\ud800",)]})) == {"?": ["a?", ["b?"]]}


def test_false_and_zero_say_something_and_emptiness_does_not():
    assert keep({"a": False, "b": 0, "c": "", "d": None, "e": [], "f": (), "g": {}}) == {"a": False, "b": 0}


def test_a_text_is_cut_at_its_bound():
    assert len(bound("x" * 10_000)) == LONGEST_TEXT


def test_times_before_1970_and_far_ahead_are_written():
    assert write_time(-1_000_000) == "1969-12-31T23:59:59.000Z"
    assert write_time(4_102_444_800_000_000) == "2100-01-01T00:00:00.000Z"
