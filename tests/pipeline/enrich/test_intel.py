"""What others know is asked for beside the work, within a budget, of public addresses only, and never waited for."""

import time

import pytest

from pipeline.enrich.intel import Intel, IntelError, Told, is_public


class Clock:
    def __init__(self):
        self.time = 1_000.0

    def __call__(self):
        return self.time


class Source:
    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def ask(self, address):
        self.asked.append(address)
        answer = self.answers.pop(0) if self.answers else Told("test", f"of {address}")
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_an_address_is_asked_about_once_and_remembered_for_a_day():
    clock, source = Clock(), Source()
    intel = Intel(source, 60, clock)
    assert [intel.find("1.1.1.1") for _ in range(3)] == [None] * 3
    assert intel.work_off() == 1
    assert intel.find("1.1.1.1") == Told("test", "of 1.1.1.1")
    clock.time += 23 * 3600
    assert intel.find("1.1.1.1") is not None
    clock.time += 2 * 3600
    assert intel.find("1.1.1.1") is None
    assert intel.work_off() == 1


def test_that_nothing_is_known_is_remembered_too():
    source = Source(None)
    intel = Intel(source, 60, Clock())
    intel.find("1.1.1.1")
    intel.work_off()
    assert intel.find("1.1.1.1") is None
    assert (intel.work_off(), source.asked) == (0, ["1.1.1.1"])


def test_no_more_is_asked_in_a_minute_than_the_budget():
    clock, source = Clock(), Source()
    intel = Intel(source, 3, clock)
    for at in range(1, 11):
        intel.find(f"1.1.1.{at}")
    assert intel.work_off() == 3
    clock.time += 30
    assert intel.work_off() == 0
    clock.time += 31
    assert intel.work_off() == 3


def test_after_a_failure_nothing_is_asked_for_a_while():
    clock, source = Clock(), Source(IntelError("no"), ZeroDivisionError("a bug"))
    intel = Intel(source, 60, clock)
    for at in range(1, 5):
        intel.find(f"1.1.1.{at}")
    assert (intel.work_off(), intel.failed) == (1, 1)
    assert intel.work_off() == 0
    clock.time += 61
    assert (intel.work_off(), intel.failed) == (1, 2)
    clock.time += 61
    assert intel.work_off() == 2


def test_what_waits_is_bounded():
    intel = Intel(Source(), 10_000, Clock())
    for at in range(5_000):
        intel.find(f"1.1.{at // 250}.{at % 250}")
    assert intel.work_off() == 500


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "192.0.2.1", "224.0.0.1", "0.0.0.0", "::1", "fd00::1",
     "fe80::1", "::ffff:10.0.0.1", "::ffff:1.1.1.1", "not an address", "", "1.1.1.1/24", "1.1.1.1\n"],
)  # fmt: skip
def test_only_public_addresses_are_asked_about(address):
    source = Source()
    intel = Intel(source, 60, Clock())
    assert intel.find(address) is None
    assert (intel.work_off(), source.asked, is_public(address)) == (0, [], False)


def test_nobody_waits_for_a_source_that_is_slow():
    class Slow:
        def ask(self, address):
            time.sleep(0.3)
            return Told("slow", "at last")

    intel = Intel(Slow(), 60)
    intel.start()
    started = time.monotonic()
    assert intel.find("1.1.1.1") is None
    assert time.monotonic() - started < 0.2
    end = time.monotonic() + 10
    while intel.find("1.1.1.1") is None and time.monotonic() < end:
        time.sleep(0.05)
    assert intel.find("1.1.1.1").description == "at last"
