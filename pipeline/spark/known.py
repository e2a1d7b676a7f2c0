"""What a backfill remembers beside the listing, so that a later one does only what is missing or has changed."""

from typing import Final

import msgspec

from pipeline.shared.place import ABSENT, Place, PlaceError
from pipeline.spark.work import FOLDER

_FILE: Final = f"{FOLDER}/known.msgpack"
_MOST: Final = 1 << 30


class Day(msgspec.Struct, frozen=True, array_like=True):
    """An account-day that is finished."""

    of: str
    """Names what it was made of."""
    calls: int


class Known(msgspec.Struct):
    """What is known of finished work."""

    now: str
    """The clock of the run that is under way, or was last, as ISO 8601."""
    making: str = ""
    """Names what rows were made with."""
    is_finished: bool = True
    version: int = 1
    tasks: dict[str, list[str]] = {}
    """The account-days of which each task that was worked on holds records."""
    correcting: dict[str, list[str]] = {}
    """Of tasks that hold corrections, the account-days these lie on."""
    days: dict[str, Day] = {}


class KnownFile:
    """It in its place, changed by one at a time."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._tag = ABSENT

    def read(self) -> Known | None:
        """What is known; None where there was no backfill.

        Raises
        ------
        PlaceError
            It is not as this version writes it.
        """
        found = self._place.get(_FILE, _MOST)
        self._tag = found.tag if found else ABSENT
        if found is None:
            return None
        try:
            known = msgspec.msgpack.decode(found.content, type=Known)
            if known.version != 1:
                raise ValueError(f"version {known.version}")
        except (msgspec.DecodeError, msgspec.ValidationError, ValueError) as error:
            raise PlaceError(
                f"{self._place.text}/{_FILE} is not as this version writes it ({error}): remove the folder {FOLDER} "
                "there, and all is made again"
            ) from error
        return known

    def write(self, known: Known) -> None:
        """Put it there.

        Raises
        ------
        ChangedError
            Another backfill wrote there meanwhile.
        """
        self._place.put(_FILE, msgspec.msgpack.encode(known), self._tag)
        found = self._place.get(_FILE, _MOST)
        self._tag = found.tag if found else ABSENT
