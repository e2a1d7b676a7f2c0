"""How much time is left, and how long to wait before the next attempt."""

import math

from pipeline.search.deadline import Deadline
from tests.pipeline.search.scripted import Clock


def test_time_runs_out_and_never_below_nothing():
    clock = Clock()
    deadline = clock.deadline(10)
    clock.time = 4
    assert deadline.left == 6
    clock.time = 99
    assert deadline.left == 0
    assert Deadline().left == math.inf


def test_a_wait_that_would_use_up_the_time_is_not_begun():
    clock = Clock()
    assert not clock.deadline(0.2).wait(0)
    assert clock.waits == []
    assert clock.deadline(9).wait(0, slow=True)
    assert clock.waits == [5.0]
    assert clock.deadline(math.inf).wait(10_000)
    assert clock.waits[-1] == 20.0
