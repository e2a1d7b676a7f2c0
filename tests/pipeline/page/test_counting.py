"""Work beside the page: again and again, told once where it cannot be done, and no more once it is stopped."""

from threading import Event

import pytest

from pipeline.errors import StoreError
from pipeline.page.counting import Counting


def test_it_works_again_and_again_until_it_is_stopped() -> None:
    third, done = Event(), list[int]()

    def work() -> None:
        done.append(1)
        if len(done) == 3:
            third.set()

    counting = Counting(work, least=0.001)
    counting.start()
    assert third.wait(10)
    counting.stop()
    counting.join(10)
    assert not counting.is_alive()


def test_what_cannot_be_done_is_told_once_and_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    third, tried = Event(), list[int]()

    def work() -> None:
        tried.append(1)
        if len(tried) == 3:
            third.set()
        raise StoreError("no room")

    counting = Counting(work, least=0.001)
    counting.start()
    assert third.wait(10)
    counting.stop()
    counting.join(10)
    assert capsys.readouterr().err.count("no room") == 1


def test_work_is_a_tenth_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 102.0])
    rests: list[float] = []
    counting = Counting(lambda: None, least=1.0)
    monkeypatch.setattr("pipeline.page.counting.time.monotonic", lambda: next(clock))

    def rest(seconds: float) -> bool:
        rests.append(seconds)
        counting.stop()
        return True

    monkeypatch.setattr(counting._stopped, "wait", rest)
    counting.run()
    assert rests == [pytest.approx(18.0)]
