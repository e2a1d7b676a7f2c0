"""What few rows have: columns in which most rows hold the same, and flags, kept by row instead of as lists."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple, get_args

NO_TEXTS: Final[tuple[str, ...]] = ()
OF_ERROR: Final = ("error", "error_code", "error_message")
RARE: Final[tuple[tuple[tuple[str, ...], tuple[Any, ...]], ...]] = (
    (OF_ERROR, ("", None, None)),
    (("made",), (NO_TEXTS,)),
    (("exposures",), (NO_TEXTS,)),
    (("facts",), (NO_TEXTS,)),
    (("flags",), (NO_TEXTS,)),
    (("shared_event_id",), (None,)),
    (("vpc_endpoint",), ("",)),
    (("patches",), ("",)),
    (("issued_key",), ("",)),
)
"""Columns in which most rows hold the same, and what that is."""

Flag = Literal[
    "repaired",  # something was not written as CloudTrail writes it
    "hashed_id",  # the record has no proper id: its event is known by a hash
    "cross_account",  # the identity lives in another account than the event
    "past",  # the event time is before there was AWS
    "future",  # the event time is ahead of the clock
    "updated",  # the record corrects an earlier one
    "unknown_version",  # the record is of a version that we do not know
    "cut",  # a text was too long to be kept whole
    "shared_id",  # an earlier record bears its id and says something else; its own says so after a `~`
]
"""What is odd about a row; its flags are in this order."""
_FLAGS: Final[tuple[Flag, ...]] = get_args(Flag)


class RareColumns(NamedTuple):
    """Columns in which most rows hold the same."""

    names: tuple[str, ...]
    usual: tuple[Any, ...]
    """Values that most rows hold."""
    rows: dict[int, tuple[Any, ...]]
    """Values of the other rows."""


class RareValues:
    """Values of rare columns, and flags, of some rows.

    >>> rare = RareValues()
    >>> rare.note("error", 3, "denied", "AccessDenied", None)
    >>> rare.note("facts", 3, NO_TEXTS)
    >>> rare.flag("cut", [5])
    >>> rare.flag("repaired", [5, 6])
    >>> rare.by_column()
    {'error': {3: ('denied', 'AccessDenied', None)}, 'flags': {5: (('repaired', 'cut'),), 6: (('repaired',),)}}
    """

    def __init__(self) -> None:
        self._values: defaultdict[str, dict[int, tuple[Any, ...]]] = defaultdict(dict)
        self._flagged: defaultdict[Flag, set[int]] = defaultdict(set)

    def note(self, name: str, row: int, *values: Any) -> None:
        """Note the values of a row in rare columns, the first of which has this name; unless the first is empty."""
        if values[0]:
            self._values[name][row] = values

    def flag(self, name: Flag, rows: Iterable[int]) -> None:
        """Flag some rows."""
        self._flagged[name].update(rows)

    def by_column(self) -> Mapping[str, dict[int, tuple[Any, ...]]]:
        """Give the values by row, by the first name of their columns."""
        flags: defaultdict[int, tuple[Flag, ...]] = defaultdict(tuple)
        for name in _FLAGS:
            for row in sorted(self._flagged.get(name, ())):
                flags[row] += (name,)
        noted = {"flags": {row: (names,) for row, names in flags.items()}} if flags else {}
        return dict(self._values) | noted
