import numpy as np
import pytest

from features.activity.hourly import MEASURES
from features.times.instant import HOUR, MINUTE
from models.baseline import Baseline
from models.counts import HourlyRows, weigh_tail
from models.population import CLOSE_MINUTES
from models.volume import MOST, SENSITIVE_MOST, SENSITIVE_WEIGHT, WEIGHT, VolumeBaseline

CALLS = 0


def rows(*entries, measures=11):
    """Rows of (principal, hour, tick in minutes after the hour's start, calls), all on the hour's day."""
    counts = np.zeros((len(entries), measures))
    counts[:, CALLS] = [entry[3] for entry in entries]
    principal, hour = (np.array([entry[at] for entry in entries]) for at in (0, 1))
    tick = np.array([entry[1] * HOUR + entry[2] * MINUTE for entry in entries])
    return HourlyRows(principal, hour, tick, hour // 24, counts)


@pytest.fixture
def four_peers():
    baseline, volume = Baseline(day=100), VolumeBaseline(day=99)
    for name in "abcd":
        baseline.enrol(name, "role", "group", "1")
    history = rows(*[(p, 98 * 24 + h, 30, 10 + (h + p) % 3) for p in range(4) for h in range(24)])
    volume.learn(100, history, 4)
    return baseline, volume


def test_the_tail_is_that_of_scipy_and_never_negative():
    assert weigh_tail(np.array([0.0]), np.array([3.0]), np.array([3.0]))[0] == pytest.approx(0)
    assert (np.diff(weigh_tail(np.arange(5.0, 60), np.full(55, 5.0), np.full(55, 8.0))) > 0).all()


def test_an_hour_like_any_other_is_no_evidence(four_peers):
    baseline, volume = four_peers
    assert len(volume.score(baseline, rows((0, 2400, 30, 11)))) == 0


def test_a_burst_is_evidence_as_the_hour_fills_not_only_when_it_is_over(four_peers):
    baseline, volume = four_peers
    found = volume.score(baseline, rows((0, 2400, 10, 18), (0, 2400, 20, 4)))
    own = found.where(found.population == 0)
    assert own.tick.tolist() == [2400 * HOUR + 10 * MINUTE, 2400 * HOUR + 20 * MINUTE]
    assert own.actual.tolist() == [18, 22]
    assert (np.diff(own.nats) > 0).all()


def test_the_population_speaks_once_the_hour_is_closed_and_three_others_are_active(four_peers):
    baseline, volume = four_peers
    peers = [(p, 2400, 30, 11) for p in (1, 2, 3)]
    found = volume.score(baseline, rows((0, 2400, 20, 200), *peers))
    population = found.where(found.population == 1)
    assert population.tick.tolist() == [2400 * HOUR + (60 + CLOSE_MINUTES) * MINUTE]
    alone = volume.score(baseline, rows((0, 2400, 20, 200), *peers[:2]))
    assert (alone.population == 0).all()


def test_an_hour_in_which_everybody_is_busy_is_less_odd_than_the_own_past_says(four_peers):
    baseline, volume = four_peers
    found = volume.score(baseline, rows(*[(p, 2400, 30, 200) for p in range(4)]))
    assert (found.population == 0).all()


def test_more_calls_are_never_less_evidence(four_peers):
    baseline, volume = four_peers
    nats = [volume.score(baseline, rows((0, 2400, 30, calls))).nats.max(initial=0) for calls in range(10, 400, 15)]
    assert (np.diff(nats) >= 0).all()
    assert nats[-1] > 0


@pytest.mark.parametrize("name", MEASURES)
def test_reading_out_data_weighs_more_than_any_other_count(four_peers, name):
    baseline, volume = four_peers
    burst = rows((0, 2400, 30, 0))
    burst.counts[0, list(MEASURES).index(name)] = 1e6
    [found] = volume.score(baseline, burst).nats
    assert found == (SENSITIVE_WEIGHT * SENSITIVE_MOST if MEASURES[name].sensitive else WEIGHT * MOST)


def test_hours_that_end_above_their_past_are_all_that_count(four_peers):
    """Weighing every row of a crowded day finds no row that the hours' ends had not told of."""
    baseline, volume = four_peers
    draw = np.random.default_rng(7)
    entries = [
        (p, 2400 + h, minute, int(draw.choice([0, 1, 3, 9, 40])))
        for p in range(4)
        for h in range(24)
        for minute in sorted(draw.choice(75, size=6, replace=False).tolist())
    ]
    day = rows(*entries)
    found = volume.score(baseline, day)
    own = found.where(found.population == 0)
    key = day.principal * 10_000 + day.hour
    running = np.concatenate([np.cumsum(day.counts[key == one], axis=0) for one in np.unique(key)])
    usual = volume._moments(day.principal, baseline, volume._moments_of_groups(baseline))
    nats = volume._weigh(running, usual).max(axis=1)
    best, rising = {}, set()
    for index in np.lexsort((-nats, day.principal, day.day, day.tick)):
        side = (day.day[index], day.principal[index])
        if nats[index] > best.get(side, 0.0):
            best[side] = nats[index]
            rising.add((day.tick[index], day.principal[index], nats[index]))
    assert {*zip(own.tick, own.principal, own.nats, strict=True)} == rising
    assert len(rising) > 3
