"""Few calls over many services stand out; many calls over many services do not."""

import numpy as np
import pytest

from features.activity.hourly import MEASURES
from models.baseline import Baseline
from models.breadth import MOST_NATS, Breadth
from models.counts import HourlyRows, Volumes

DAY = 20_000
PEOPLE, ROLES = 0, 1  # strata of the principals 0 to 9 and 10 to 19
CALLS, SERVICES = tuple(MEASURES).index("calls"), tuple(MEASURES).index("services")


def hours(*spans: tuple[int, int, int, int], day: int = DAY) -> HourlyRows:
    """One row a (principal, hour of the day, calls, services), in a tick of its own."""
    counts = np.zeros((len(spans), len(MEASURES)))
    for row, (_, _, calls, services) in enumerate(spans):
        counts[row, [CALLS, SERVICES]] = calls, services
    principal, hour = (np.array([span[i] for span in spans], dtype=np.int64) for i in (0, 1))
    return HourlyRows(principal, day * 24 + hour, np.arange(len(spans)), np.full(len(spans), day), counts)


@pytest.fixture
def baseline() -> Baseline:
    made = Baseline(DAY)
    for code in range(20):
        made.enrol(f"p{code}", "person" if code < 10 else "role", "group", "1" * 12)
    return made


@pytest.fixture
def breadth(baseline: Baseline) -> Breadth:
    """People whose hours show one or two services in 4 calls and a dozen in 300; roles that call one service."""
    made = Breadth(DAY - 1)
    sizes = [(4, 1), (12, 2), (40, 4), (120, 8), (300, 11)]
    people = [(p, h, sizes[h % 5][0], sizes[h % 5][1] + (p + h) % 2) for p in range(10) for h in range(24)]
    roles = [(p, h, sizes[h % 5][0], 1) for p in range(10, 20) for h in range(24)]
    made.learn(DAY, hours(*people, *roles, day=DAY - 1), baseline.stratum)
    return made


def evidence(breadth: Breadth, baseline: Baseline, *spans: tuple[int, int, int, int]) -> Volumes:
    return breadth.score(baseline, hours(*spans))


def largest(breadth: Breadth, baseline: Baseline, principal: int, calls: int, services: int) -> float:
    return float(evidence(breadth, baseline, (principal, 9, calls, services)).nats.max(initial=0.0))


def test_the_population_is_asked_at_that_number_of_calls(breadth, baseline):
    few, many = (evidence(breadth, baseline, (0, 9, calls, calls)).typical[0] for calls in (4, 300))
    assert 1 <= few < 2 < 8 < many < 12


def test_few_calls_over_many_services_stand_out_where_as_many_services_in_many_calls_do_not(breadth, baseline):
    assert largest(breadth, baseline, 0, calls=12, services=12) > 2
    assert largest(breadth, baseline, 0, calls=300, services=12) == 0


def test_a_kind_is_compared_with_itself(breadth, baseline):
    assert largest(breadth, baseline, 10, calls=300, services=12) > 0
    assert largest(breadth, baseline, 0, calls=300, services=12) == 0


def test_one_call_is_never_broad(breadth, baseline):
    assert largest(breadth, baseline, 0, calls=1, services=1) == 0


def test_more_services_in_as_many_calls_are_never_less_strange(breadth, baseline):
    nats = [largest(breadth, baseline, 0, calls=20, services=services) for services in range(1, 21)]
    assert nats == sorted(nats)
    assert nats[-1] > nats[0]


def test_it_only_adds_and_never_much(breadth, baseline):
    assert largest(breadth, baseline, 0, calls=150, services=150) == MOST_NATS


def test_padding_an_hour_afterwards_does_not_take_back_what_it_showed(breadth, baseline):
    scanned = evidence(breadth, baseline, (0, 9, 12, 12))
    padded = evidence(breadth, baseline, (0, 9, 12, 12), (0, 9, 1000, 0))
    assert padded.nats.max() == scanned.nats.max()


def test_an_hour_is_judged_as_it_fills(breadth, baseline):
    at_once = evidence(breadth, baseline, (0, 9, 12, 12))
    bit_by_bit = evidence(breadth, baseline, *[(0, 9, 1, 1)] * 12)
    assert bit_by_bit.nats.max() >= at_once.nats.max()
    assert (np.diff(bit_by_bit.nats) > 0).all()


def test_hours_that_all_begin_broad_are_ordinary_while_they_begin(baseline):
    """A console's first page calls many services at once; the hour then stays with one."""
    begun = Breadth(DAY - 1)
    spans = [(p, h, calls, services) for p in range(10) for h in range(24) for calls, services in ((8, 8), (200, 0))]
    begun.learn(DAY, hours(*spans, day=DAY - 1), baseline.stratum)
    assert largest(begun, baseline, 0, calls=8, services=8) == 0


def test_an_empty_population_gives_finite_evidence(baseline):
    rows = evidence(Breadth(DAY), baseline, (0, 9, 8, 8), (1, 9, 1, 1))
    assert np.isfinite(rows.nats).all()
    assert rows.nats.max() <= MOST_NATS


def test_habits_fade(breadth, baseline):
    before = breadth.hours.sum()
    breadth.learn(DAY + 14, hours(day=DAY + 13), baseline.stratum)
    assert breadth.hours.sum() == pytest.approx(before / 2)


def test_no_rows_no_evidence(breadth, baseline):
    assert len(evidence(breadth, baseline)) == 0
