"""Rows of events for tests, as ingestion hands them to a sink: name only what matters."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from features.normalise.event import EVENT
from features.normalise.normalised import OF_CALL, OF_CALLER, Normalised
from features.normalise.rare import RARE, RareColumns
from features.times.instant import micros
from pipeline.enrich.networks import NO_NETWORKS
from pipeline.enrich.place import Place
from pipeline.enrich.places import OF_PLACE, Places
from pipeline.ingest.rows import ORIGIN, Rows, Span
from pipeline.ingest.sink import Batch, FileDone, Outcome, Target

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACCOUNT = "111122223333"

_EMPTY: Mapping[str, Any] = {
    "string": "",
    "bool": None,
    "int32": 0,
    "int64": 0,
    "double": None,
    "timestamp": None,
    "strings": [],
    "binary": b"{}",
}


def a_row(**given: Any) -> dict[str, Any]:
    """One event, at noon in ACCOUNT unless said otherwise, delivered five minutes after it happened."""
    row = {column.name: _EMPTY[column.type] for column in EVENT}
    row |= {"event_id": str(uuid.uuid4()), "event_time": NOON, "account": ACCOUNT, "principal": "user/1", ORIGIN: "a"}
    row |= {"shared_event_id": None, "category": "Management", "action": "iam:ListUsers", "write": False}
    row |= given
    row["delivered_at"] = given.get("delivered_at", row["event_time"] + timedelta(minutes=5))
    return row


class _Told(Places):
    """Places as rows tell them."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(None, NO_NETWORKS)
        for row in rows:
            key = row["address"], row["address_kind"]
            told = Place(*(row[name] for name in OF_PLACE)), row["network"]
            assert self._known.setdefault(key, told) == told, "an address lies in one place"


def make_rows(rows: Sequence[Mapping[str, Any]]) -> Rows:
    """Rows as the normaliser makes them, each of a file of its own."""
    columns = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}

    def values(names: tuple[str, ...]) -> list[tuple[Any, ...]]:
        return [tuple(_held(row[name]) for name in names) for row in rows]

    made = Normalised(
        callers=list(zip(*map(values, OF_CALLER), strict=True)),
        calls=values(OF_CALL),
        rare=tuple(
            RareColumns(names, usual, {at: row for at, row in enumerate(values(names)) if row != usual})
            for names, usual in RARE
        ),
        own={
            "position": list(range(len(rows))),
            "raw": columns.get("raw", []),
            "event_id": columns.get("event_id", []),
            "event_time": [micros(row["event_time"]) for row in rows],
            "resources": [tuple(row["resources"]) for row in rows],
        },
    )
    spans = [Span(row["file"], row[ORIGIN], row["position"], row["delivered_at"], at) for at, row in enumerate(rows)]
    return Rows(made, spans, _Told(rows))


def _held(value: Any) -> Any:
    if isinstance(value, datetime):
        return micros(value)
    return tuple(value) if isinstance(value, list) else value


def put(target: Target, *rows: dict[str, Any], digest: str | None = None) -> Outcome:
    """Commit rows as a batch of one file; duplicates are those that the sink saw, and those that the target did."""
    with target.writing(NOON):
        target.sink.open()
        written = target.sink.write(make_rows(rows))
        done = FileDone(digest or uuid.uuid4().hex, "a", None, len(rows))
        outcome = target.commit(Batch([done], list(written.parts)), NOON)
    return outcome._replace(duplicates=outcome.duplicates + written.duplicates)
