"""The rows that ingestion makes: what the normaliser says of some records, their files, and their addresses' places."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from features.normalise.event import EVENT
from features.normalise.normalised import USUAL_DELAY, Normalised
from features.times.instant import DAY, micros
from pipeline.enrich.places import OF_PLACE, Places

ORIGIN: Final = "origin"
"""Column beside EVENT's: where the delivering file lay, which decides between deliveries of the same minute."""


class Span(NamedTuple):
    """Records of a file among those that are normalised together."""

    file: str
    """First 16 digits of the SHA-256 of its content."""
    origin: str
    position: int
    """Of the first, in the file."""
    delivered_at: datetime | None
    """As the file's name says."""
    start: int
    """Of the first, among all."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of some records. A sink takes from it what it is fastest with: the shared tuples, or plain columns."""

    made: Normalised
    spans: Sequence[Span]
    """Of which files the records are, in their order."""
    places: Places

    def __len__(self) -> int:
        return len(self.made)

    def columns(self) -> dict[str, list[Any]]:
        """Every column of EVENT and `origin` as a list, a value a row; for who writes documents and not Arrow.

        A file's name that says a delivery of the same day before the call says nothing. One of a day before is
        believed: then the call's own time is wrong. Times are microseconds since 1970, lists of texts are tuples. Text
        is as delivered: it may hold half a character, which UTF-8 cannot say.
        """
        made, records = self.made, self.made.own["position"]
        starts = [span.start for span in self.spans]
        spans = [self.spans[bisect_right(starts, record) - 1] for record in records]
        columns = dict(made.columns)
        columns["file"] = [span.file for span in spans]
        columns[ORIGIN] = [span.origin for span in spans]
        columns["position"] = [span.position + at - span.start for span, at in zip(spans, records, strict=True)]
        delivered = [None if span.delivered_at is None else micros(span.delivered_at) for span in spans]
        columns["delivered_at"] = [
            time + USUAL_DELAY if at is None or time - DAY < at < time else at
            for at, time in zip(delivered, columns["event_time"], strict=True)
        ]
        known = list(map(self.places.find, columns["address"], columns["address_kind"]))
        for at, name in enumerate(OF_PLACE):
            columns[name] = [place[at] for place, _ in known]
        columns["network"] = [network for _, network in known]
        return {name: columns[name] for name in (*(column.name for column in EVENT), ORIGIN)}
