"""Keep what says something else under an id that is taken, by an id of its own, among rows that come together.

Hardly any id comes twice, and of those nearly all are further deliveries. Nobody who calls chooses an id; but who
writes into a bucket does, and a damaged file may.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from features.normalise.normalised import OF_CALL, Normalised
from features.record.clash import name_apart, say_the_same
from features.times.instant import DAY
from pipeline.stores.parquet.layout import safe_account

FLAG = "shared_id"
_ACCOUNT = OF_CALL.index("account")
_IMPOSSIBLE = ("past", "future")
"""Flags of times whose rows are of one day."""
Place: TypeAlias = tuple[str, str, Any]
"""Id, account and day within which an id is one event's."""


class Claim(NamedTuple):
    """A record that bears an id."""

    row: Any
    raw: bytes
    corrects: bool
    """It corrects an earlier record, and so says something else."""


def settle(event_id: str, claims: Iterable[Claim]) -> list[tuple[Claim, str, bool]]:
    """Say by which id each record is kept, and whether it says what an earlier one of that id says.

    Parameters
    ----------
    event_id
        That all of them bear.
    claims
        The earliest first.

    Examples
    --------
    >>> claims = [Claim(0, b'{"a": 1}', False), Claim(1, b'{"a": 2}', False), Claim(2, b'{"a":1}', False)]
    >>> [(known, again) for _, known, again in settle("x", claims)]
    [('x', False), ('x~e5a9d5b0300e0f50', False), ('x', True)]
    """
    kept: list[tuple[Claim, str]] = []
    out: list[tuple[Claim, str, bool]] = []
    for claim in claims:
        same = next((name for one, name in kept if claim.corrects or say_the_same(one.raw, claim.raw)), None)
        name = same or (name_apart(event_id, claim.raw) if kept else event_id)
        if same is None:
            kept.append((claim, name))
        out.append((claim, name, same is not None))
    return out


def tell_apart(made: Normalised, order: Callable[[int], tuple[Any, ...]]) -> None:
    """Give records of one account-day that share an id, and say something else, ids of their own, and the flag.

    Parameters
    ----------
    made
        Rows; their ids and flags are changed.
    order
        Of each row, when and where it was delivered: the least is the first.
    """
    ids: list[str] = made.own["event_id"]
    if len(set(ids)) == len(ids):
        return  # as nearly always
    flags, corrections = made.rare_rows("flags"), made.rare_rows("patches")
    for (event_id, *_), rows in _find_shared(ids, made).items():
        rows.sort(key=order)
        claims = [Claim(row, bytes(made.own["raw"][row]), row in corrections) for row in rows]
        for claim, name, _ in settle(event_id, claims):
            if name != event_id:
                ids[claim.row] = name
                flags[claim.row] = ((*flags.get(claim.row, ((),))[0], FLAG),)


def _find_shared(ids: Sequence[str], made: Normalised) -> dict[Place, list[int]]:
    """Rows whose id another row of their account-day bears."""
    seen: set[str] = set()
    twice = {event_id for event_id in ids if event_id in seen or seen.add(event_id)}  # type: ignore[func-returns-value]
    found: defaultdict[Place, list[int]] = defaultdict(list)
    flags = made.rare_rows("flags")
    for row, event_id in enumerate(ids):
        if event_id in twice:
            account, (flagged,) = safe_account(made.calls[row][_ACCOUNT]), flags.get(row, ((),))
            day = next((flag for flag in _IMPOSSIBLE if flag in flagged), made.own["event_time"][row] // DAY)
            found[event_id, account, day].append(row)
    return {place: rows for place, rows in found.items() if len(rows) > 1}
