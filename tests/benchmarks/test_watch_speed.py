"""What the benchmark of a watch's ticks says of what it measured."""

import pytest

from benchmarks.watch_speed import MOST_RESTORE_SECONDS, MOST_TICK_SECONDS, MOST_TICK_SECONDS_OF_TEN, kept, tell


def measured(cpu=1.0, wall=30.0, revisions=0, shards=(), worlds=1):
    cost = {"wall": wall, "cpu": cpu, "bytes": 2_000_000_000, "revisions": revisions, "raised": 0, "problems": []}
    cost["shards"] = [{"cpu": each, "bytes": 10**9} for each in shards]
    ticks = [cost | {"cpu": 0.5, "events": 5_000}, cost | {"events": 6_000}]
    return {
        "days": 28,
        "calls": 8_000_000,
        "worlds": worlds,
        "hours": [{"hour": 23, "caught_up": cost, "ticks": ticks}],
        "restored": cost,
    }


def test_it_says_what_a_tick_costs_and_what_is_asked():
    told = tell(measured())
    assert "from 23:00, 5,500 events a tick: 0.75 s of CPU, at most 1.00 (at most 3)" in told
    assert "begun again at the end: 30.0 s" in told
    assert told.endswith("\nkept")


def test_what_each_shard_costs_is_told_apart():
    assert "shards" not in tell(measured())
    told = tell(measured(shards=[0.25, 0.5]))
    assert "at most 1.00 (at most 3), shards 0.25 (1.00 GB), 0.50 (1.00 GB); 30.00 s in all" in told
    assert "1.0 s of CPU, shards 0.25 (1.00 GB), 0.50 (1.00 GB) (at most 60 s)" in told


@pytest.mark.parametrize(
    "beyond", [{"cpu": MOST_TICK_SECONDS + 0.1}, {"wall": MOST_RESTORE_SECONDS + 1}, {"revisions": 1}]
)
def test_one_tick_beyond_the_bound_or_another_decision_after_a_restart_is_not_kept(beyond):
    assert kept(measured())
    assert not kept(measured(**beyond))
    assert tell(measured(**beyond)).endswith("NOT kept")


def test_several_busy_accounts_have_a_bound_of_their_own():
    assert kept(measured(worlds=10, cpu=MOST_TICK_SECONDS_OF_TEN, wall=MOST_RESTORE_SECONDS + 1))
    assert not kept(measured(worlds=10, cpu=MOST_TICK_SECONDS_OF_TEN + 0.1))
    assert tell(measured(worlds=10)).startswith("a day of 80,000,000 events")
