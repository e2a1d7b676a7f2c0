"""All shards together: asked at once, passed to each other what looks across principals, and answering as one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipeline.detect.arriving import BacklogError
from pipeline.detect.shards.line import Line, ShardLostError
from pipeline.detect.shards.message import Message
from pipeline.detect.shards.serve import BACKLOG, EXCHANGE, FAILED
from pipeline.errors import StoreError


class Shards:
    """The lines to all shards, in their order.

    Parameters
    ----------
    waiting
        Called about once a second while they work; what it raises ends the waiting.
    """

    def __init__(self, lines: Sequence[Line], waiting: Callable[[], None] = lambda: None) -> None:
        self._lines, self._waiting = lines, waiting

    def __len__(self) -> int:
        return len(self._lines)

    def ask(self, what: str, values: Mapping[str, Any] | None = None) -> list[Message]:
        """Ask all the same, and return what each answers.

        Raises
        ------
        BacklogError
            More landed than one of them takes in at once.
        StoreError
            One cannot read what it is to count.
        ShardLostError
            One is not there any more, or not where the others are.
        """
        self._send(Message(what, values or {}))
        while True:
            told = [line.receive(self._waiting) for line in self._lines]
            for one in told:
                if one.what == FAILED:
                    raise StoreError(str(one.values["why"]))
            kinds = {one.what for one in told}
            if BACKLOG in kinds:
                raise BacklogError
            if len(kinds) > 1:
                raise ShardLostError(f"shards are not at one: {', '.join(sorted(kinds))}; the day is counted again")
            if kinds != {EXCHANGE}:
                return told
            self._send(Message(what, {}, {str(shard): one.tables["rows"] for shard, one in enumerate(told)}))

    def _send(self, message: Message) -> None:
        for line in self._lines:
            line.send(message)
