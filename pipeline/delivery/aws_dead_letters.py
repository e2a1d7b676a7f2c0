"""Dead letters in AWS, in a queue or a bucket."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from features.record.repair import DECODE_ERRORS
from pipeline.delivery.box import Box, BoxPlace, S3Box, SqsBox, open_box
from pipeline.delivery.dead_letter import DeadLetter, DeadLetterError, read_letter, write_letter
from pipeline.delivery.spill import MARK, PACKED, POINTER, read_packed


class BoxedDeadLetters:
    """Dead letters in a box of AWS; what else is in it, as a queue of Lambda's own has events, is shown as one too."""

    def __init__(self, box: Box) -> None:
        self.box = box

    def put(self, letters: Sequence[DeadLetter]) -> None:
        """Keep some, durably."""
        self.box.put([write_letter(letter) for letter in letters])

    def read(self) -> Iterator[tuple[str, DeadLetter]]:
        """Every letter, with a name to remove it by."""
        for name, body in self.box.read():
            yield name, self._open(body)

    def remove(self, names: Iterable[str]) -> None:
        """Forget letters that were replayed."""
        self.box.remove(names)

    def _open(self, body: bytes) -> DeadLetter:
        try:
            fields = msgspec.json.decode(body)
            if fields.get(MARK) == POINTER:
                body = S3Box(fields["bucket"]).get(fields["key"])
            elif fields.get(MARK) == PACKED:
                body = read_packed(body)
            return read_letter(body)
        except (DeadLetterError, *DECODE_ERRORS, AttributeError, KeyError):
            return DeadLetter("given up by Lambda or by a queue", "", "queue", body)


class S3Store(BoxedDeadLetters):
    """Dead letters as objects of a bucket."""

    def __init__(self, bucket: str, prefix: str = "") -> None:
        super().__init__(S3Box(bucket, prefix))


class SqsStore(BoxedDeadLetters):
    """Dead letters as messages of a queue; large ones lie in a bucket."""

    def __init__(self, url: str, overflow: S3Box | None = None) -> None:
        super().__init__(SqsBox(url, overflow))


def open_dead_letters(place: BoxPlace) -> BoxedDeadLetters:
    """The dead letters at a place."""
    return BoxedDeadLetters(open_box(place))
