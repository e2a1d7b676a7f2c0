"""What the benchmark of latency says of times that are known."""

import os
import subprocess
import sys

import pytest

from benchmarks.delays import Slice, Tick, Told, count_left, find_delays, quantile, say, tell_ticks
from benchmarks.latency import cpu_of, peak_of


def told(at, alert, revision, *, raised, events):
    return Told(at, alert, revision, raised, frozenset(events))


def test_a_call_counts_from_when_it_was_indexed_to_the_first_revision_that_names_it():
    indexed = {"one": 100.0, "two": 101.0, "three": 130.0, "other": 90.0}
    found = [
        told(200.0, "a", 2, raised=True, events=["one", "two", "three"]),
        told(150.0, "a", 1, raised=True, events=["one", "two", "other"]),
    ]
    delays = find_delays(indexed, found, [["one", "two", "three"]])
    assert delays.calls == [50.0, 49.0, 70.0]
    assert delays.thefts == [49.0]
    assert (delays.unnamed, delays.held, delays.missed) == (0, 0, 0)


def test_who_is_held_back_and_who_is_missed_are_told_apart():
    indexed = dict.fromkeys(("mine", "yours", "hers"), 0.0)
    found = [
        told(10.0, "a", 1, raised=False, events=["mine"]),
        told(20.0, "b", 1, raised=True, events=["nobody's"]),
        told(30.0, "c", 1, raised=True, events=["hers"]),
    ]
    delays = find_delays(indexed, found, [["mine"], ["yours"], ["hers"]])
    assert (delays.calls, delays.thefts) == ([10.0, 30.0], [30.0])
    assert (delays.unnamed, delays.held, delays.missed) == (1, 1, 1)


def test_a_theft_counts_from_the_last_call_before_it_was_raised_and_not_from_later_ones():
    found = [told(60.0, "a", 1, raised=True, events=["x"]), told(120.0, "a", 2, raised=True, events=["x", "y"])]
    assert find_delays({"x": 10.0, "y": 70.0}, found, [["x", "y"]]).thefts == [50.0]


@pytest.mark.parametrize(("part", "wanted"), [(0.5, 5), (0.9, 9), (0.91, 10), (1.0, 10), (0.0, 1)])
def test_a_quantile_is_a_value(part, wanted):
    assert quantile([float(value) for value in range(10, 0, -1)], part) == wanted


def ticks():
    """Two of them: the first began before anything was sent, the second 60 s later."""
    plain = {"cpu": 2.0, "problems": [], "set_aside": 0, "revisions": 0}
    return [Tick(end=101.0, seconds=1.0, events=0, **plain), Tick(end=164.0, seconds=4.0, events=30, **plain)]


def test_events_that_were_not_taken_yet_are_left():
    sent = [Slice(100.0 + at, 100.5 + at, [f"{at}"]) for at in range(80)]
    assert count_left(ticks(), sent, 101.0) == 1
    assert count_left(ticks(), sent, 164.0) == 64 - 30
    rows = [line.split()[:5] for line in tell_ticks(ticks(), sent)]
    assert rows[1:] == [["0", "0", "1", "1.0", "2.0"], ["1", "30", "34", "4.0", "2.0"]]


def test_what_is_said_has_a_line_a_measure():
    sent = [Slice(100.0 + at, 100.5 + at, [f"{at}"]) for at in range(80)]
    found = [told(165.0, "a", 1, raised=True, events=["5", "9"])]
    delays = find_delays({"5": 105.5, "9": 109.5, "60": 160.5}, found, [["5", "9"], ["60"]])
    rows = [" ".join(line.split()) for line in say(delays, sent)]
    assert rows[1] == "each call of a thief that an alert names (2) 55.5 59.5 59.5 of 120"
    assert rows[2] == "each thief (1) 55.5 55.5 55.5 of 120"
    assert rows[3] == "thieves held back 0, missed 1; calls that no alert names 1"
    assert rows[4] == "the writer, seconds from due to indexed 0.5 0.5 0.5"


def test_the_cpu_of_a_session_is_that_of_its_children_too():
    work = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(10**7))']); input()"
    with subprocess.Popen(
        [sys.executable, "-c", work], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        assert process.stdin is not None
        before = os.times()
        while cpu_of(process.pid) < 0.1 and os.times().elapsed - before.elapsed < 60:
            pass
        assert 0.1 <= cpu_of(process.pid) < 60
        assert 1 < peak_of(process.pid) < 1_000
        process.communicate(b"\n")
