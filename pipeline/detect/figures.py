"""What two models say of the same days, in figures that a gate decides by.

Nothing is judged by a threshold that was set on it: what the last week is held against comes of the days before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from features.times.instant import DAY
from models.baseline import Floats, Ints, TokenRows
from models.budget import FLOOR_NATS, RAISE_FROM
from models.counts import HourlyRows
from models.history import History
from models.ledger import Ledger
from models.model import KIND_DAYS, Model
from models.room import Room, cut
from models.standing import Evidence
from pipeline.alerts.document import Members
from pipeline.detect.activity import Delivered
from pipeline.detect.coding import coded
from pipeline.detect.planted import Round

WEEK: Final = 7
"""Days that are held against the days before them, of which there must be as many."""
LEAST_RANKED: Final = 10
"""Principals of a day that have to be there for an order to be compared."""
_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class Alone:
    """What a model says by itself."""

    unsound: str
    """What of it is no finite number; empty where all is."""
    active: int
    """Principals that were active in the last four weeks."""
    reach: float | None
    """Principal-days a day of the last week that scored 75 or more by the calibration of the days before; None where
    there are too few days to tell, as in the next."""
    alerts: float | None
    """Principal-days a day of the last week that passed the budget's cut of the days before."""


def describe(model: Model, budget: float | None) -> Alone:
    """What a model says by itself."""
    active = int((model.baseline.last_day >= model.day - KIND_DAYS).sum())
    unsound = find_unsound(model)
    if unsound:
        return Alone(unsound, active, None, None)
    newest = max((record.day for record in model.history.days), default=0)
    last = [record.total for record in model.history.days if record.day > newest - WEEK]
    before = History([record for record in model.history.days if record.day <= newest - WEEK])
    if len(before.days) < WEEK or not last:
        return Alone("", active, None, None)
    totals = np.concatenate(last)
    reached = before.calibration().score(totals) >= RAISE_FROM
    passed = reached if budget is None else totals >= max(FLOOR_NATS, before.quantile(budget))
    return Alone("", active, float(reached.sum()) / len(last), float(passed.sum()) / len(last))


def find_unsound(model: Model) -> str:
    """Which of a model's numbers are not finite, in words; empty where all are."""
    baseline, history = model.baseline, model.history.days
    arrays: dict[str, Sequence[Any]] = {
        "habits": [baseline.pairs.hours, baseline.pairs.total, baseline.hours, baseline.total],
        "rates of firsts": [baseline.firsts, baseline.settled_hours, baseline.recent],
        "counts": [model.volume.hours, model.volume.sums, model.volume.squares],
        "breadth": [model.breadth.hours, model.breadth.sums, model.breadth.squares],
        "hours' vectors": [
            model.sample.hours.values,
            model.timetable.hours,
            model.timetable.sums,
            model.timetable.squares,
        ],
        "judged days": [getattr(one, of) for one in history for of in ("total", "largest", "acts", "week")],
        "scores of detectors": [maxima.score for record in history for maxima in record.detectors.values()],
    }
    for name, parts in arrays.items():
        broken = sum(map(_count_broken, parts))
        if broken:
            return f"among its {name} not finite: {broken:,}"
    return ""


def _count_broken(numbers: Any) -> int:
    """How many are not finite, of a large array some at a time."""
    flat = np.asarray(numbers).reshape(-1)
    return sum(int((~np.isfinite(flat[part])).sum()) for part in cut(len(flat)))


def total_day(
    model: Model, delivered: Delivered, members: Members, day: int, *, alone: bool = False
) -> dict[str, float]:
    """The largest sum of each principal of a day's deliveries, nats.

    Parameters
    ----------
    model
        Its vocabularies grow by what it has not seen: use a copy that nobody publishes.
    day
        That of the deliveries, in days since 1970; they are judged as if they had come on the model's own day.
    alone
        Look at each principal as if nobody else had called: attacks that are planted together and share a first are
        no change of the deployment.
    """
    rows, _, hourly = coded(delivered, model, members)
    evidence = model.evidence(*_move(rows, hourly, day - model.day, model.baseline.room))
    names, totals = model.baseline.principals.values, dict[str, float]()
    struck = np.unique(np.concatenate([evidence.items.principal, evidence.volumes.principal])).tolist()
    for part in [_only(evidence, code) for code in struck] if alone else [evidence]:
        ledger = Ledger()
        ledger.open(part)
        for standing in ledger.advance(np.iinfo(np.int64).max):
            name = names[standing.principal]
            totals[name] = max(standing.total, totals.get(name, standing.total))
    return totals


def find_plants(model: Model, rounds: Sequence[Round], members: Members, day: int) -> dict[str, float]:
    """Record score of each planted attack, by its name."""
    calibration, scores = model.history.calibration(), {}
    for one in rounds:
        assert one.delivered is not None
        totals = total_day(model, one.delivered, members, day, alone=True)
        for plant in one.plants:
            total = totals.get(plant.principal, float("-inf"))
            scores[plant.name] = float(calibration.score(np.array([total]))[0]) if np.isfinite(total) else 0.0
    return scores


def rank_agreement(one: Mapping[str, float], other: Mapping[str, float]) -> tuple[float, int] | None:
    """How alike two models order a day's principals, −1 to 1 (Spearman), and how many there are; None for too few.

    >>> same = {str(number): float(number) for number in range(12)}
    >>> rank_agreement(same, same), rank_agreement(same, {"1": 1.0})
    ((1.0, 12), None)
    """
    names = sorted(one.keys() & other.keys())
    if len(names) < LEAST_RANKED:
        return None
    ranks = [_ranked(np.array([totals[name] for name in names])) for totals in (one, other)]
    if any(np.ptp(found) == 0 for found in ranks):
        return None
    return round(float(np.corrcoef(ranks[0], ranks[1])[0, 1]), 9), len(names)


def _ranked(values: Floats) -> Floats:
    """Ranks, those of equal values being their mean."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    out: Floats = (ends - (count - 1) / 2)[place]
    return out


def _move(rows: TokenRows, hourly: HourlyRows, days: int, room: Room) -> tuple[TokenRows, HourlyRows]:
    """Rows as if they had come so many days before."""
    if not days:
        return rows, hourly

    def earlier(values: Ints, by: int) -> Ints:
        out = room.column(values.dtype, len(values))
        for part in cut(len(values)):
            out.append(values[part] - by)
        return out.close()

    by = {"day": days, "tick": days * DAY, "hour": days * _HOURS}
    moved, moved_hours = ({name: earlier(getattr(of, name), by[name]) for name in by} for of in (rows, hourly))
    return replace(rows, **moved), replace(hourly, **moved_hours)


def _only(evidence: Evidence, principal: int) -> Evidence:
    """The evidence of one principal."""
    at = np.flatnonzero(evidence.items.principal == principal)
    return replace(
        evidence,
        items=evidence.items.where(at),
        pieces=[evidence.pieces[row] for row in at.tolist()],
        circle=[evidence.circle[row] for row in at.tolist()],
        volumes=evidence.volumes.where(evidence.volumes.principal == principal),
        traces={},
    )
