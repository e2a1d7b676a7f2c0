"""Reading the free-form objects of a record."""

import json
import time

import pytest

from features.call.document import LONGEST, fold_key, read_document, walk_members


@pytest.mark.parametrize(
    ("text", "document"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"[1]", [1]),
        (b'{"a": Infinity, "b": "\\ud800"}', {"a": None, "b": "\ufffd"}),
        (b"null", None),
        (b"", None),
        (b"nonsense", None),
        (b'{"a": "' + b"x" * LONGEST + b'"}', None),
    ],
)
def test_a_document_is_read_leniently_or_not_at_all(text: bytes, document: object) -> None:
    assert read_document(text) == document


@pytest.mark.parametrize("name", ["access_logs", "AccessLogs", "access-logs", "accesslogs"])
def test_spellings_of_a_name_are_one(name: str) -> None:
    assert fold_key(name) == "accesslogs"


@pytest.mark.parametrize(
    ("document", "members"),
    [
        ({"DeleteFlowLogsRequest": {"FlowLogId": {"content": "fl-1"}}},
         [(("deleteflowlogsrequest", "flowlogid", "content"), "fl-1")]),
        ({"logs": []}, [(("logs",), None)]),
        ({"a": [{"b": 1}, {"b": 2}]}, [(("a", "b"), 1), (("a", "b"), 2)]),
        ({"content": '{"inputs": {"s3BucketName": ""}}'}, [(("content", "inputs", "s3bucketname"), "")]),
        ({"content": "{no json"}, [(("content",), "{no json")]),
        ({"a.b": True}, [(("a", "b"), True)]),
        ({}, [((), None)]),
    ],
)  # fmt: skip
def test_members_have_the_names_they_lie_in(document: object, members: object) -> None:
    assert list(walk_members(document)) == members


@pytest.mark.parametrize(
    ("pair", "member"),
    [
        ({"key": "access_logs.s3.enabled", "value": "false"}, (("accesslogs", "s3", "enabled"), "false")),
        ({"Name": "containerInsights", "Value": "disabled"}, (("containerinsights",), "disabled")),
        ({"parameterName": "audit_logs", "parameterValue": "none", "applyMethod": "x"}, (("auditlogs",), "none")),
        (
            {"op": "replace", "path": "/*/*/logging/loglevel", "value": "OFF"},
            (("*", "*", "logging", "loglevel"), "OFF"),
        ),
        ({"op": "remove", "path": "/accessLogSettings"}, (("accesslogsettings",), None)),
    ],
)
def test_an_object_that_names_a_member_and_its_value_is_that_member(pair: object, member: object) -> None:
    assert member in list(walk_members([pair]))


def test_what_walking_costs_is_bounded() -> None:
    start = time.process_time()
    assert len(list(walk_members({"a": [0] * 60_000}))) < 60_000
    list(walk_members(json.loads("[" * 900 + "]" * 900)))
    list(walk_members({"." * 60_000: 1, "key": "." * 60_000, "value": 1}))
    assert time.process_time() - start < 2
