"""The week's ledger: what of the six days before is still untold, so that a theft of a call a day adds up.

A day's sum forgets at midnight, and an attacker who knows it does one odd thing a day. What a principal's days held and
nobody was told of stays for a week; with the day's own evidence it is added up again by the same rules, and ranked
among such sums alone, for a week of harmless firsts adds up as well (docs/detection.md, "Adding up a week").
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from models.combine import FAMILIES, WEIGHT, Piece, combine, pieces_from_columns, pieces_to_columns
from models.counts import no_volumes
from models.items import Items, no_items
from models.standing import Entry, Evidence, Standing

DAYS: Final = 7
"""Days that are added up, the one that is judged included. A definition."""
MOST_SUMMED: Final = 200
"""Principal-days of a day whose week is added up for calibration: those that can be largest. Set by hand; it reads no
more than the largest few."""


class Week:
    """What of the days before is still untold, by principal.

    Examples
    --------
    >>> Week().add_up(Standing(5, 0, 0, 2.0, dict.fromkeys(FAMILIES, 0.0), [], None, None, 0.0, frozenset())) is None
    True
    """

    def __init__(
        self, items: Items | None = None, pieces: Iterable[Piece] = (), told: Mapping[int, int] | None = None
    ) -> None:
        items = no_items() if items is None else items
        self.told = dict(told or {})
        """By principal, the day on which an alert of it was raised, for a week: one drip is one alert."""
        self.kept = Evidence(0, items, list(pieces), [-1] * len(items), no_volumes(), {}, frozenset())
        self._rows: dict[int, list[int]] = {}
        for row, principal in enumerate(items.principal.tolist()):
            self._rows.setdefault(principal, []).append(row)
        weighed = [piece.nats * WEIGHT.get(piece.family, 1.0) * piece.weight for piece in self.kept.pieces]
        self._most = {principal: sum(weighed[row] for row in rows) for principal, rows in self._rows.items()}
        """By principal, the nats that its days before can add at most."""

    def go_on(self, day: int, standings: Iterable[Standing], told: Mapping[int, int]) -> "Week":
        """The week for the day after `day`: with what the day's standings hold, without what is seven days old.

        Parameters
        ----------
        standings
            Of the day, and of the day before, of which more came by now.
        told
            Principals of whom an alert was raised, and of which day, this one or the one before: what was told is not
            told again, and nothing more for a week.
        """
        before = {principal: on for principal, on in self.told.items() if on > day + 1 - DAYS}
        told_on = dict(sorted((before | dict(told)).items()))
        kept = [standing for standing in standings if told_on.get(standing.principal) != standing.day]
        grown = {standing.principal for standing in kept if standing.day < day}
        items = self.kept.items
        stays = (items.day > day + 1 - DAYS) & ~np.isin(items.principal, list(told))
        stays &= ~(np.isin(items.principal, list(grown)) & (items.day == day - 1))
        parts: dict[int, tuple[Evidence, list[int]]] = {id(self.kept): (self.kept, np.flatnonzero(stays).tolist())}
        for standing in kept:
            for entry, _ in standing.contributions:
                parts.setdefault(id(entry.evidence), (entry.evidence, []))[1].append(entry.row)
        items = Items.concatenated(
            [shown.items.where(np.array(rows, dtype=np.int64)) for shown, rows in parts.values()]
        )
        pieces = [shown.pieces[row] for shown, rows in parts.values() for row in rows]
        order = np.lexsort((items.token, items.day, items.principal))  # however the day was judged
        return Week(items.where(order), [pieces[row] for row in order.tolist()], told_on)

    def add_up(self, standing: Standing, least: float = float("-inf")) -> Standing | None:
        """A standing with what its principal's days before held; none where they held nothing more.

        Its counts, prior, traces and waves are the day's own.

        Parameters
        ----------
        least
            Nats that the sum must be able to reach, or there is none.
        """
        rows = self._rows.get(standing.principal)
        if rows is None or standing.late or standing.principal in self.told:
            return None
        if standing.total + self._most[standing.principal] < least:
            return None
        entries = {entry.token: entry for entry in (Entry(self.kept, row) for row in rows)}
        for entry, _ in standing.contributions:
            before = entries.get(entry.token)
            if before is None or before.piece.nats <= entry.piece.nats:
                entries[entry.token] = entry
        every = list(entries.values())
        new = any(standing.principal in entry.evidence.newcomers for entry, _ in standing.contributions)
        summed = combine([entry.piece for entry in every], new)
        contributions = [(entry, nats) for entry, nats in zip(every, summed, strict=True) if nats > 0]
        families = dict.fromkeys(FAMILIES, 0.0)
        for entry, nats in contributions:
            families[entry.piece.family] += nats
        families["count"] = standing.families["count"]
        total = sum(families.values()) + standing.prior
        since = min((int(e.evidence.items.day[e.row]) for e, _ in contributions), default=standing.day)
        if since >= standing.day or total <= standing.total:
            return None
        return replace(standing, total=total, families=families, contributions=contributions, since=since)

    def totals(self, standings: list[Standing]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Sum of each standing's week, nats, shape (n,); of those that cannot be among the largest, the day's own."""
        bound = np.array([standing.total + self._most.get(standing.principal, 0.0) for standing in standings])
        out = np.array([standing.total for standing in standings], dtype=np.float64)
        for index in np.argsort(-bound, kind="stable")[:MOST_SUMMED].tolist():
            week = self.add_up(standings[index])
            out[index] = out[index] if week is None else week.total
        return out


TABLES: Final = ("week_items", "week_told")


def to_columns(week: Week) -> dict[str, dict[str, Any]]:
    """Columns of each of `TABLES`, for a bundle."""
    pieces = week.kept.pieces
    items = {
        **{name: getattr(week.kept.items, name) for name in Items.__slots__},
        **pieces_to_columns(pieces),
    }
    told = [np.array(list(column), dtype=np.int64) for column in (week.told, week.told.values())]
    return {"week_items": items, "week_told": dict(zip(("principal", "day"), told, strict=True))}


def from_columns(tables: Mapping[str, Mapping[str, Any]]) -> Week:
    """The week whose columns these are.

    Raises
    ------
    KeyError
        A table or a column is not there.
    """
    columns, of_told = tables["week_items"], tables["week_told"]
    items = Items(**{name: columns[name] for name in Items.__slots__})
    told_on = dict(zip(of_told["principal"].tolist(), of_told["day"].tolist(), strict=True))
    return Week(items, pieces_from_columns(columns), told_on)
