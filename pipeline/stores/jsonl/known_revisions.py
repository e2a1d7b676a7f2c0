"""Which revisions a file of alerts was seen to hold, and how far it was read, so that it is not read again for that."""

import hashlib
from dataclasses import dataclass, field

Key = tuple[str, int]
"""An alert's id and its revision."""


def digest_line(content: bytes) -> str:
    """Tells whether a line that was read is still there."""
    return hashlib.sha256(content).hexdigest()[:16]


@dataclass(slots=True)
class KnownRevisions:
    """Keys of the lines from the beginning to `end`.

    >>> known = KnownRevisions()
    >>> known.take(b"{...}", 6, ("a1", 1), ended=True)
    >>> known.keys, known.end, known.digest == digest_line(b"{...}")
    ({('a1', 1)}, 6, True)
    """

    keys: set[Key] = field(default_factory=set)
    end: int = 0
    """The first byte that was not read."""
    length: int = 0
    """Bytes of the last line before it."""
    _last: bytes = b""

    @property
    def digest(self) -> str:
        """Of the last line."""
        return digest_line(self._last)

    def take(self, content: bytes, length: int, key: Key | None, *, ended: bool) -> None:
        """Take in the next line.

        Parameters
        ----------
        key
            Of the revision in it; None where there is none.
        ended
            A line break ends it; one that is not ended may still be written to, and is read again.
        """
        if key is not None:
            self.keys.add(key)
        if ended:
            self.end, self.length, self._last = self.end + length, length, content
