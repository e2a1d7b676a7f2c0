"""The leaves of requests."""

import json

from features.call.leaf import LONGEST, find_leaves


def test_lists_wrappers_and_texts_are_no_step() -> None:
    request = {
        "XRequest": {"Who": [{"tag": 1, "content": "a"}, {"tag": 2, "content": "b"}], "In": json.dumps([{"C": 1}])}
    }
    assert list(find_leaves(json.dumps(request).encode())) == [
        ("xrequest.who.tag", 1), ("xrequest.who", "a"), ("xrequest.who.tag", 2), ("xrequest.who", "b"),
        ("xrequest.in.c", 1),
    ]  # fmt: skip


def test_policies_are_leaves() -> None:
    document = {"Statement": [{"Effect": "Allow"}]}
    assert list(find_leaves(json.dumps({"policy": json.dumps(document)}).encode())) == [("policy", document)]


def test_what_is_taken_away_or_described_is_left_out() -> None:
    request = {
        "remove": {"a": 1},
        "valuesToRemove": ["a"],
        "Description": "x",
        "Tags": {"a": 1},
        "revokeIt": 1,
        "kept": 1,
    }
    assert list(find_leaves(json.dumps(request).encode())) == [("kept", 1)]


def test_what_is_read_is_bounded() -> None:
    assert len(list(find_leaves(json.dumps({"a": [1] * 30_000}).encode()))) < 20_000
    deep = json.dumps({"x" * 100: {"y" * 500: {"z" * 500: {"w": 1}}}})
    assert all(len(path) < 800 for path, _ in find_leaves(deep.encode()))
    assert list(find_leaves(b" " * (LONGEST + 1))) == [("", None)]
