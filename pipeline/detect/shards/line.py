"""Between a coordinator and one of its shards: who says something, waits for an answer, and notices when none comes."""

from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Final, Protocol

from pipeline.detect.shards.message import Message, decode, encode
from pipeline.errors import OddtrailError

SECONDS: Final = 1.0
"""Between two looks whether whoever waits is still to wait."""


class ShardLostError(OddtrailError):
    """A shard answers no more. What it held follows from the store, so whoever watches begins again."""


class Line(Protocol):
    """One end of it."""

    def send(self, message: Message) -> None:
        """Say something.

        Raises
        ------
        ShardLostError
            Nobody is there.
        """
        ...

    def receive(self, waiting: Callable[[], None] = lambda: None) -> Message:
        """Wait for what the other end says.

        Parameters
        ----------
        waiting
            Called about once a second meanwhile; what it raises ends the waiting.

        Raises
        ------
        ShardLostError
            Nobody is there any more.
        """
        ...


class PipeLine:
    """One end of a pipe between two processes.

    Parameters
    ----------
    lost
        Says who was at the other end, and what became of it.
    """

    def __init__(self, connection: Connection, lost: Callable[[], str]) -> None:
        self._connection, self._lost = connection, lost

    def send(self, message: Message) -> None:
        try:
            self._connection.send_bytes(encode(message))
        except OSError as error:
            raise ShardLostError(self._lost()) from error

    def receive(self, waiting: Callable[[], None] = lambda: None) -> Message:
        try:
            while not self._connection.poll(SECONDS):
                waiting()
            return decode(self._connection.recv_bytes())
        except (EOFError, OSError) as error:
            raise ShardLostError(self._lost()) from error
