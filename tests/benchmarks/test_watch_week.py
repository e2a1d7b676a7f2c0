"""What the benchmark of a watch's week says of what it measured."""

import pytest

from benchmarks.watch_week import kept, tell


def measured(grown=1.0, trained=True):
    def day(number, held):
        tick = {"held": held, "bytes": 900_000_000, "events": 10_000, "revisions": 1, "trained": False}
        return {"day": f"2026-03-1{number}", "ticks": [tick | {"trained": trained}, tick | {"held": held // 2}]}

    held = [500_000_000] * 3 + [int(500_000_000 * grown)]
    return {"calls": 800_000, "minutes": 20, "days": [day(number, one) for number, one in enumerate(held)]}


def test_it_says_what_each_day_held():
    told = tell(measured())
    assert "2026-03-10: 20,000 events, 2 revisions, 1 trainings; holds 375 MB, at most 500" in told
    assert told.endswith("\nkept")


@pytest.mark.parametrize("beyond", [{"grown": 1.2}, {"trained": False}])
def test_a_week_that_grows_or_a_night_without_training_is_not_kept(beyond):
    assert kept(measured(grown=1.05))
    assert not kept(measured(**beyond))
    assert tell(measured(**beyond)).endswith("NOT kept")
