"""However few rows are judged together, a day gives the same evidence."""

from dataclasses import fields

import numpy as np
import pytest

from models.breadth import Breadth
from models.circles import Circles
from models.counts import Volumes
from models.items import Items
from models.rates import FirstRates
from models.surprise import score_tokens
from models.volume import VolumeBaseline
from tests.models.baselines import traits_of
from tests.models.random_worlds import FIRST, LAST, PRINCIPALS, a_day, a_world, hours_of


def test_tokens_are_judged_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(accounts=2)
    rows = a_day(world, LAST, np.random.default_rng(7))
    usual = np.arange(len(rows)) % 9 == 0

    def judge() -> list[list[float]]:
        items = score_tokens(world, Circles(world), FirstRates(world), traits_of(world), rows, usual)
        return [getattr(items, of.name).tolist() for of in fields(Items)]

    together = judge()
    assert 20 < len(together[0]) < len(rows)
    monkeypatch.setattr("models.surprise.AT_ONCE", 7)
    assert judge() == together


def test_counts_are_learnt_and_judged_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(accounts=2)

    def judge() -> list[list[float]]:
        draw, volume, breadth = np.random.default_rng(7), VolumeBaseline(FIRST), Breadth(FIRST)
        for day in range(FIRST, LAST):
            rows = hours_of(day, draw)
            volume.learn(day, rows, PRINCIPALS)
            breadth.learn(day, rows, world.stratum)
        rows = hours_of(LAST, draw)
        rows.counts[::40] *= 20
        found = [side.score(world, rows) for side in (volume, breadth)]
        assert min(map(len, found)) > 0
        assert set(found[0].population.tolist()) == {0, 1}
        learnt = [getattr(side, name).ravel() for side in (volume, breadth) for name in ("hours", "sums", "squares")]
        return [each.tolist() for each in (*(getattr(v, name) for v in found for name in Volumes.__slots__), *learnt)]

    together = judge()
    monkeypatch.setattr("models.counts.AT_ONCE", 5)
    assert judge() == together
