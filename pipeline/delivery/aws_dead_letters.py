"""Dead letters in AWS, in a queue or a bucket."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from features.record.repair import DECODE_ERRORS
from pipeline.delivery.box import GONE, Box, BoxError, BoxPlace, SqsBox, open_box
from pipeline.delivery.dead_letter import DeadLetter, DeadLetterError, read_letter, write_letter
from pipeline.delivery.spill import MARK, PACKED, POINTER, read_packed


class BoxedDeadLetters:
    """Dead letters in a box of AWS; what else is in it, as a queue of Lambda's own has events, is shown as one too."""

    is_remote = True

    def __init__(self, box: Box) -> None:
        self.box = box
        self._overflow = box.overflow if isinstance(box, SqsBox) else None
        self._lies: dict[str, str] = {}
        """Keys of large letters, by the name of the message that says where each lies."""

    @property
    def where(self) -> str:
        """The queue, the bucket, or both."""
        return self.box.where

    def put(self, letters: Sequence[DeadLetter]) -> None:
        """Keep some, durably."""
        self.box.put([write_letter(letter) for letter in letters])

    def read(self) -> Iterator[tuple[str, DeadLetter]]:
        """Every letter, with a name to remove it by."""
        for name, body in self.box.read():
            yield name, self._open(name, body)

    def remove(self, names: Iterable[str]) -> None:
        """Forget letters that were replayed."""
        for name in names:
            self.box.remove([name])
            if self._overflow and (key := self._lies.pop(name, None)):
                self._overflow.remove([key])

    def release(self) -> None:
        """Have others see at once what was read and not removed."""
        self.box.release()

    def count(self) -> int:
        """How many there are, about; of very many, how many at least."""
        return self.box.count()

    def _open(self, name: str, body: bytes) -> DeadLetter:
        try:
            fields = msgspec.json.decode(body)
            if fields.get(MARK) == POINTER:
                return read_letter(self._fetch(name, fields.get("bucket"), fields.get("key")) or body)
            return read_letter(read_packed(body) if fields.get(MARK) == PACKED else body)
        except (DeadLetterError, *DECODE_ERRORS, AttributeError):
            return DeadLetter("given up by Lambda or by a queue", "", self.box.where, body)

    def _fetch(self, name: str, bucket: object, key: object) -> bytes | None:
        """A large letter; None where it is gone, or is none of ours: whoever can send may name any object."""
        if self._overflow is None or not isinstance(key, str) or not self._overflow.owns(bucket, key):
            return None
        try:
            body = self._overflow.get(key)
        except BoxError as error:
            if error.code in GONE:
                return None
            raise
        self._lies[name] = key
        return body


def open_dead_letters(place: BoxPlace) -> BoxedDeadLetters:
    """The dead letters at a place."""
    return BoxedDeadLetters(open_box(place))
