"""Vectors of ordinary hours, and what detectors learn from them."""

import numpy as np

from models.detectors.base import Past
from models.detectors.hours import COLUMNS, Hours
from models.detectors.sample import Sample
from models.detectors.timetable import Timetable

ROWS = 400
NAMES = [f"role/{number}" for number in range(ROWS)]


def hours_of(values: np.ndarray, kind: np.ndarray, *, day: int = 100, group: np.ndarray | None = None) -> Hours:
    """Hours with vectors, each of a principal of its own."""
    row = np.arange(len(values))
    hour = day * 24 + row % 24
    tick = (hour + 1) * 3_600_000_000
    of = kind if group is None else group
    return Hours(row, hour, tick, np.full(len(row), day), kind.astype(np.int64), of.astype(np.int64), values)


def usual(seed: int = 1, rows: int = ROWS, day: int = 100) -> Hours:
    """Hours as people and roles show them: some calls of a few services from one place, in three kinds."""
    chance = np.random.default_rng(seed)
    values = np.zeros((rows, len(COLUMNS)))
    values[:, COLUMNS.index("calls")] = chance.integers(1, 40, rows)
    for name in ("writes", "errors", "secrets", "buckets"):
        values[:, COLUMNS.index(name)] = chance.integers(0, 3, rows)
    for name, most in (("denied", 40), ("data_reads", 300)):  # hardly ever, and then many
        values[:, COLUMNS.index(name)] = (chance.random(rows) < 0.03) * chance.integers(1, most, rows)
    for name in ("actions", "services", "resources"):
        values[:, COLUMNS.index(name)] = chance.integers(1, 5, rows)
    for name in ("regions", "countries", "networks", "tools", "accounts", "credentials", "levels"):
        values[:, COLUMNS.index(name)] = 1 + (chance.random(rows) < 0.03) * chance.integers(1, 9, rows)
    values[:, -1] = np.arange(rows) % 24
    kind = np.where(np.arange(rows) < rows - 20, np.arange(rows) % 2, 2)
    return hours_of(values, kind, day=day)


def past_of(*days: Hours) -> Past:
    """What is known after some days, the first of them being day 0."""
    sample, timetable = Sample(), Timetable()
    for day, hours in enumerate(days):
        timetable.learn(hours)
        sample.learn(day, hours, NAMES)
    return Past(sample.hours, timetable)


def with_burst(hours: Hours, row: int, **measures: float) -> Hours:
    """The hours, one of which shows some measures as given."""
    values = hours.values.copy()
    for name, value in measures.items():
        values[row, COLUMNS.index(name)] = value
    return Hours(*(getattr(hours, name) for name in Hours.__slots__ if name != "values"), values)
