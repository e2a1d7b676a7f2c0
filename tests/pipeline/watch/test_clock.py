"""A watch's clock runs as time passes, whatever the machine's is set to for a while."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.watch.clock import STANDS, SteadyClock, passed_since_boot

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Machine:
    """A machine whose clock may be set."""

    def __init__(self) -> None:
        self.time, self.off, self.passed = NOON, timedelta(0), 50.0
        self.clock = SteadyClock(lambda: self.time + self.off, lambda: self.passed)

    def after(self, span: timedelta) -> timedelta:
        """How wrong the watch's clock is after a while."""
        self.time += span
        self.passed += span.total_seconds()
        return self.clock.now() - self.time


@pytest.mark.parametrize("jump", [DAY, -HOUR, 40 * DAY, timedelta(minutes=3), timedelta(minutes=-3)])
def test_a_jump_that_is_taken_back_moves_nothing(jump):
    machine = Machine()
    for minute in range(120):
        machine.off = jump if 10 <= minute < 60 else timedelta(0)
        assert machine.after(MINUTE) == timedelta(0)
        assert machine.clock.jump == machine.off


@pytest.mark.parametrize("jump", [DAY, -HOUR])
def test_a_jump_that_stands_is_believed_after_an_hour(jump):
    machine = Machine()
    machine.off = jump
    wrong = [machine.after(MINUTE) for _ in range(90)]
    assert wrong == [timedelta(0)] * 60 + [jump] * 30
    assert STANDS == HOUR
    assert machine.clock.jump == timedelta(0)


def test_a_clock_that_is_corrected_by_seconds_is_followed_and_never_goes_back():
    machine = Machine()
    told = [machine.clock.now()]
    for seconds in (0.5, -0.5, 2, -2, 90, -90):
        machine.off = timedelta(seconds=seconds)
        machine.after(timedelta(seconds=1))
        told.append(machine.clock.now())
    assert told == sorted(told)
    machine.off = timedelta(0)
    assert machine.after(5 * MINUTE) == timedelta(0)


def test_a_machine_that_slept_has_not_jumped():
    machine = Machine()
    assert machine.after(3 * DAY) == timedelta(0)
    assert machine.clock.jump == timedelta(0)
    assert passed_since_boot() <= passed_since_boot()
