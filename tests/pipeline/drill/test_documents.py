"""A drill's documents are shaped as those beside them, and a reading of the index takes the record to the byte."""

import json
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from pipeline.drill.documents import IndexDocuments, make_document
from pipeline.drill.package import PutError
from pipeline.drill.put import pack
from pipeline.drill.render import Rendered
from pipeline.search.engine import Answer
from pipeline.sources.index.kind import find_kind

NOW = datetime(2026, 3, 14, 10, 7, tzinfo=UTC)
RAW = json.dumps(
    {
        "eventVersion": "1.11", "userIdentity": {"type": "IAMUser", "userName": "é"},
        "eventTime": "2026-03-14T10:07:00Z",
        "eventSource": "iam.amazonaws.com", "eventName": "CreateUser", "awsRegion": "us-east-1", "eventID": "1",
    },
    ensure_ascii=False, separators=(",", ":"),
).encode()  # fmt: skip
RECORD = Rendered("1", NOW, "111122223333", "us-east-1", RAW)
PACKAGE = pack([RECORD], NOW, Random(1))
LIKE: list[dict[str, Any]] = [
    {"@message": "{}", "@log_group": "trail"},
    {"@message": "{}", "event": {"dataset": "aws.cloudtrail"}, "oddtrail": {}},
    {"event": {"original": "{}"}},
    json.loads(RAW),
]


class Scripted:
    """An engine with one document in one index."""

    def __init__(self, source: dict[str, Any] | None, index: str = "cloudtrail-1", status: int = 201) -> None:
        self.source, self.index, self.status = source, index, status
        self.asked: list[tuple[str, str, Any]] = []

    def ask(self, method: str, path: str, body: Any = None, **_: Any) -> Answer:
        self.asked.append((method, path, body))
        if path.endswith("/_search"):
            return Answer(
                200, {"hits": {"hits": [{"_index": self.index, "_source": self.source}] if self.source else []}}
            )
        return Answer(self.status if method == "PUT" else 200, {})


@pytest.mark.parametrize("like", LIKE)
def test_what_is_read_of_a_document_is_the_record(like: dict[str, Any]) -> None:
    document = json.loads(json.dumps(make_document(RECORD, like)))
    kind = find_kind(like)
    assert kind is not None
    taken = kind.take(document, "cloudtrail-1")
    assert taken is not None
    assert list(taken.texts) == [RAW]


@pytest.mark.parametrize(
    ("index", "into"),
    [
        ("cloudtrail-1", "cloudtrail-1"),
        (".ds-logs-aws.cloudtrail-default-2026.03.14-000001", "logs-aws.cloudtrail-default"),
    ],
)
def test_documents_are_created_beside_the_newest_and_deleted_by_their_ids(index: str, into: str) -> None:
    engine = Scripted(LIKE[0], index)
    place = IndexDocuments("opensearch+https://search/cloudtrail-*", engine, "cloudtrail-*")
    assert place.names(PACKAGE) == ("1",)
    place.put(PACKAGE)
    assert engine.asked[-1][:2] == ("PUT", f"/{into}/_create/1")
    place.remove(("1",))
    assert engine.asked[-1] == ("POST", "/cloudtrail-*/_delete_by_query", {"query": {"ids": {"values": ["1"]}}})


def test_what_cannot_be_written_is_told() -> None:
    with pytest.raises(PutError, match="no document of CloudTrail is in cloudtrail-"):
        IndexDocuments("", Scripted(None), "cloudtrail-*").names(PACKAGE)
    with pytest.raises(PutError, match="no document of CloudTrail"):
        IndexDocuments("", Scripted({"message": "GET /"}), "web-*").names(PACKAGE)
    with pytest.raises(PutError, match="does not take a document"):
        IndexDocuments("", Scripted(LIKE[0], status=403), "cloudtrail-*").put(PACKAGE)
