"""Records that are no event: held until there are enough to hand over, and no more kept than there is room for."""

from datetime import datetime
from typing import Any, Final

from pipeline.ingest.log_file import LogFile
from pipeline.ingest.set_aside import Aside, make_aside
from pipeline.ingest.sink import Batch, Sink

_MOST_BYTES: Final = 32 << 20
"""Of all records that are set aside and kept by one call of `Engine.work`."""
_HELD: Final = 4 << 20
"""Bytes of records that are held, from which on they are handed to the sink."""
_COSTS: Final = 512
"""Bytes of such a record beside its own."""


class Asides:
    """Records that were set aside, and those of other kinds, on their way to a sink.

    Parameters
    ----------
    batch
        Gets the parts that the sink makes.
    """

    def __init__(self, sink: Sink, batch: Batch, now: datetime) -> None:
        self._sink, self._batch, self._now = sink, batch, now
        self._set_aside: list[Aside] = []
        self._others: list[Aside] = []
        self._held = 0
        """Bytes of both."""
        self._kept = 0
        """Bytes of those set aside that are kept, handed over or not."""

    @property
    def has_room(self) -> bool:
        """Whether more that is set aside can be kept."""
        return self._kept < _MOST_BYTES

    def put(self, file: LogFile, position: int, reason: str, raw: Any) -> None:
        """Keep a record that is set aside."""
        self._kept += self._hold(self._set_aside, file, position, reason, raw)

    def put_note(self, file: LogFile, note: str) -> None:
        """Keep what there is to say of a file beside its records, whatever room there is."""
        self._hold(self._set_aside, file, -1, note, b"")

    def put_other(self, file: LogFile, position: int, name: str, raw: Any) -> None:
        """Keep a record of another kind."""
        self._hold(self._others, file, position, name, raw)

    def _hold(self, held: list[Aside], file: LogFile, position: int, reason: str, raw: Any) -> int:
        """Hold a record until there are enough to hand over; return what it costs."""
        aside = make_aside(
            raw,
            file=file.digest[:16],
            origin=file.origin,
            position=position,
            reason=reason,
            account=file.delivery.account,
            delivered_at=file.delivery.at,
        )
        held.append(aside)
        cost = len(aside.raw) + _COSTS
        self._held += cost
        if self._held >= _HELD:
            self.hand_over()
        return cost

    def hand_over(self) -> None:
        """Have the sink keep what is held."""
        asides, others, self._set_aside, self._others, self._held = self._set_aside, self._others, [], [], 0
        self._batch.parts += self._sink.keep("set_aside", asides, self._now)
        self._batch.parts += self._sink.keep("other", others, self._now)
