"""Who knows what, worked out in parts, is what it is at once; with one circle and with several."""

import numpy as np
import pytest

from models.baseline import Baseline, Ints, find, pair_key
from models.knowing import COMMONNESS, Knowing
from tests.models.random_worlds import PRINCIPALS, a_world


@pytest.fixture(scope="module", params=[1, 3], ids=["one account", "three accounts"])
def world(request: pytest.FixtureRequest) -> Baseline:
    return a_world(request.param)


@pytest.fixture(params=["group", "account", "everybody"])
def circle(world: Baseline, request: pytest.FixtureRequest) -> Ints:
    nobody = np.zeros(PRINCIPALS, dtype=np.int64)
    return {"group": world.group, "account": world.account, "everybody": nobody}[request.param]


def test_parts_give_what_all_pairs_at_once_do(world: Baseline, circle: Ints, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, dimensions = world.pairs, len(world.dimensions)
    open_, known = pairs.find_open(pairs.find_kept(world.day)), pair_key(circle[pairs.principal], pairs.token)
    assert 0 < open_.sum() < len(open_)
    keys = np.unique(known[open_])
    place, there = find(keys, known)
    count, hours = (np.bincount(place[open_], of) for of in (None, pairs.hours[open_]))
    weight = count**COMMONNESS
    total = np.bincount((keys >> 32) * dimensions + world.token_dimension[keys & 0xFFFFFFFF], weight)
    mine = np.where(there, weight[place], 0)
    own = np.bincount(pairs.principal * dimensions + world.token_dimension[pairs.token], mine)
    total, own = (np.pad(of, (0, -len(of) % dimensions)).reshape(-1, dimensions) for of in (total, own))

    for part in (7, 10_000):
        monkeypatch.setattr("models.baseline.PART", part)
        monkeypatch.setattr("models.knowing.PART", part)
        made = Knowing(world, circle, with_hours=True)
        of, token = (each.ravel() for each in np.meshgrid(np.unique(circle), np.arange(len(world.tokens) + 3)))
        at, is_known = find(keys, pair_key(of, token))
        assert made.count(of, token).tolist() == np.where(is_known, count[at], 0).tolist()
        assert made.weigh(of, token).tolist() == np.where(is_known, weight[at], 0).tolist()
        assert made.hours(of, token).tolist() == np.where(is_known, hours[at], 0).tolist()
        assert made.rest.tolist() == np.maximum(total[circle] - own, 0).tolist()
        assert np.unique(np.concatenate([*made.tokens()])).tolist() == np.unique(keys & 0xFFFFFFFF).tolist()


def test_nobody_knows_anything_at_first(circle: Ints) -> None:
    baseline = Baseline(day=1)
    baseline.token_codes(["read"], ["s3:A"], ["read"])
    made, one = Knowing(baseline, circle, with_hours=True), np.array([0])
    assert [each(one, one).tolist() for each in (made.count, made.weigh, made.hours)] == [[0], [0], [0]]
    assert ([tokens.tolist() for tokens in made.tokens()], made.rest.max()) in (([], 0), ([[]], 0))


def test_one_circle_needs_no_keys(world: Baseline) -> None:
    one, many = (Knowing(world, circle) for circle in (np.zeros(PRINCIPALS, dtype=np.int64), world.group))
    assert one.nbytes == 4 * (len(world.tokens) + 1) + one.rest.nbytes
    assert many.nbytes > one.nbytes
