"""A drill's records as documents of the indices that a watch reads, shaped as those that are there.

The document's id is the event's. Its text is the record's, to the byte, so that it is known again.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import json

from pipeline.drill.package import Package, PutError
from pipeline.drill.render import KEY_MARK, Rendered
from pipeline.sources.index.kind import ORIGINAL, RECORD, find_kind

_BACKING: Final = re.compile(r"\.ds-(?P<stream>.+)-\d{4}\.\d{2}\.\d{2}-\d{6}", re.ASCII)
"""An index behind a data stream, which takes documents by its own name alone."""


class IndexDocuments:
    """Indices of CloudTrail's documents.

    Parameters
    ----------
    address
        As it was given; it holds no secret, but where one is.
    engine
        Answers to `ask`, as `pipeline.search.engine.Engine` does.
    pattern
        Names and patterns of the indices.
    """

    def __init__(self, address: str, engine: Any, pattern: str) -> None:
        self.address, self._engine, self._pattern = address, engine, pattern

    def names(self, package: Package) -> tuple[str, ...]:
        """Ids of the documents."""
        self._find_newest()
        return tuple(record.event_id for record in package.records)

    def put(self, package: Package) -> None:
        """Create the documents, beside the newest one."""
        index, newest = self._find_newest()
        stream = _BACKING.fullmatch(index)
        name = stream["stream"] if stream else index
        for record in package.records:
            body = make_document(record, newest)
            answer = self._engine.ask("PUT", f"/{name}/_create/{record.event_id}", body)
            if answer.status not in (200, 201):
                raise PutError(
                    f"{name} does not take a document ({answer.status}, {answer.error[1][:200]}): a drill needs to "
                    "write to the indices that are watched"
                )

    def remove(self, names: Sequence[str]) -> None:
        """Delete the documents."""
        answer = self._engine.ask(
            "POST",
            f"/{self._pattern}/_delete_by_query",
            {"query": {"ids": {"values": list(names)}}},
            params={"refresh": "true"},
        )
        if answer.status != 200:
            raise PutError(
                f"documents of {self._pattern} cannot be deleted ({answer.status}, {answer.error[1][:200]}): delete "
                f"those with the ids {', '.join(names[:3])} … by hand"
            )

    def _find_newest(self) -> tuple[str, Mapping[str, Any]]:
        """The index of the newest document, and the document."""
        answer = self._engine.ask(
            "POST", f"/{self._pattern}/_search", {"size": 1, "sort": [{"@timestamp": {"order": "desc"}}]}
        )
        found = answer.body.get("hits", {}).get("hits", []) if isinstance(answer.body, dict) else []
        if answer.status != 200 or not found or find_kind(found[0]["_source"]) is None:
            raise PutError(
                f"no document of CloudTrail is in {self._pattern} to tell how to write one ({answer.status}, "
                f"{answer.error[1][:200]}): name indices that a watch reads"
            )
        return str(found[0]["_index"]), found[0]["_source"]


def make_document(record: Rendered, like: Mapping[str, Any]) -> dict[str, Any]:
    """A record as a document of the kind of another one.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> record = Rendered("1", datetime(2026, 3, 2, tzinfo=UTC), "111122223333", "eu-west-1", b'{"eventID":"1"}')
    >>> make_document(record, {"event": {"original": "{}"}})
    {'@timestamp': '2026-03-02T00:00:00Z', 'event': {'original': '{"eventID":"1"}'}}
    """
    at, text = record.time.strftime("%Y-%m-%dT%H:%M:%SZ"), record.raw.decode()
    kind = find_kind(like)
    if kind is ORIGINAL:
        return {"@timestamp": at, "event": {"original": text}}
    if kind is RECORD:
        return {**json.decode(record.raw), "@timestamp": at}
    return {
        "@timestamp": at,
        "@message": text,
        "@owner": record.account,
        "@log_group": "CloudTrail",
        "@log_stream": f"{record.account}_CloudTrail_{record.region}_{KEY_MARK}",
    }
