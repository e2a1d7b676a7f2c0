"""A baseline of a small random world, and a day of it: what is worked out in parts is held against the same at once."""

import numpy as np

from features.activity.hourly import MEASURES
from models.baseline import ActiveRows, Baseline, TokenRows
from models.circles import Circles
from models.counts import HourlyRows

FIRST, LAST = 100, 109
"""Days of the world; it is the baseline of `LAST`."""
PRINCIPALS = 24
_DIMENSIONS = (
    ("read", "s3:Get"), ("write", "iam:Put"), ("denied", "s3:Get"), ("country", "C"), ("agent", "tool"),
    ("resource:bucket", "b"), ("prefix", "198.51.100."), ("fact", "f"),
)  # fmt: skip


def a_world(accounts: int, seed: int = 15) -> Baseline:
    """Principals in four groups and so many accounts who do a few of many things, after some days."""
    draw, baseline = np.random.default_rng(seed), Baseline(FIRST)
    for code in range(PRINCIPALS):
        baseline.enrol(f"p{code}", ("person", "role")[code % 2], f"group {code % 4}", str(code % accounts))
    for day in range(FIRST, LAST):
        rows = a_day(baseline, day, draw)
        principal, hours = np.unique(rows.principal, return_inverse=True)[0], 8
        zero = np.zeros(len(principal), dtype=np.int64)
        dimension = baseline.token_dimension[rows.token]
        active = ActiveRows(
            np.concatenate([principal, rows.principal]),
            np.concatenate([zero, dimension]),
            np.full(len(principal) + len(rows), day),
            np.concatenate([zero + hours, rows.hours]),
        )
        baseline.learn(day + 1, rows, active, Circles(baseline).of(rows.principal, rows.token))
        baseline.flag(rows.principal[:9], rows.token[:9])
    return baseline


def a_day(baseline: Baseline, day: int, draw: np.random.Generator, size: int = 300) -> TokenRows:
    """What principals did on a day, in order of tick."""
    which, value = draw.integers(0, len(_DIMENSIONS), size), draw.geometric(0.05, size)
    names = [_DIMENSIONS[at] for at in which.tolist()]
    token = baseline.token_codes(
        [dimension for dimension, _ in names],
        ["root" if of == "f" else f"{of}{number}" for (_, of), number in zip(names, value.tolist(), strict=True)],
        ["write"] * size,
    )
    principal, hours = draw.integers(0, PRINCIPALS, size), draw.integers(1, 9, size)
    once = np.sort(np.unique(np.column_stack([principal, token]), axis=0, return_index=True)[1])
    principal, token, hours = principal[once], token[once], hours[once]
    zero, tick = np.zeros(len(once), dtype=np.int64), np.arange(len(once))
    return TokenRows(principal, token, zero + day, hours, tick, zero + day * 24, zero)


def hours_of(day: int, draw: np.random.Generator, size: int = 400) -> HourlyRows:
    """How principals' hours filled on a day."""
    principal, hour = draw.integers(0, PRINCIPALS, size), day * 24 + draw.integers(0, 24, size)
    tick = hour * 3_600_000_000 + draw.integers(0, 120, size) * 60_000_000
    order = np.lexsort((tick, hour, principal))
    counts = draw.poisson(draw.choice([0.2, 3.0, 90.0], size)[:, None], (size, len(MEASURES))).astype(np.int32)
    return HourlyRows(principal[order], hour[order], tick[order], np.full(size, day), counts)
