"""Calibration reads what is most likely clean, and a deployment that nobody attacks keeps its own tail."""

import numpy as np

from models.baseline import Floats
from models.history import SUSPECT_RATE, DayRecord, History, find_suspects


def a_day(day: int, total: Floats, suspect: list[int] | None = None) -> DayRecord:
    chosen = np.zeros(len(total), dtype=bool)
    chosen[suspect or []] = True
    return DayRecord(day, 200, total, total, chosen, {}, np.zeros(len(total)), total)


def test_a_quiet_deployment_scores_75_about_once_a_day() -> None:
    rng, history, reached = np.random.default_rng(3), History(), 0
    for day in range(228):
        total = rng.exponential(3.0, 60)
        calibration = history.calibration()
        reached += int((calibration.score(total) >= 75).sum()) if day >= 28 else 0
        record = a_day(day, total, np.flatnonzero(find_suspects(total, calibration)).tolist())
        history.add(record)
    assert 0.8 < reached / 200 < 1.3


def test_the_weakest_suspects_are_read_as_many_as_chance_brings() -> None:
    days = 10
    chance = round(SUSPECT_RATE * days)
    assert chance >= 1
    history, clean = History(), History()
    for day in range(days):
        usual = np.linspace(0.1, 5.0, 50)
        history.add(a_day(day, np.append(usual, [20.0 + day]), [50]))
        clean.add(a_day(day, np.append(usual, [20.0 + day]) if day < chance else usual))
    sums = np.array([1.0, 5.0, 15.0, 40.0])
    assert history.calibration().rate(sums).tolist() == clean.calibration().rate(sums).tolist()
