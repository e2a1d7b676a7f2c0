"""What is worked out of a few measured points: laws, memory and time of many accounts."""

import math
from typing import Any

import pytest

from benchmarks.scale_model import (
    MOST_RECENT,
    PARTS,
    RECENT_PAIR,
    RECENT_WORD,
    count_watches,
    find_laws,
    project_apart,
    project_memory,
    project_training,
    take,
)

ASKED = {"accounts": 100, "days": 90, "calls": 8_000_000, "joint_rows": 1000, "most_bytes": 16e9}
GOT = {
    "ingest": {"value": 15.0},
    "activity": {"value": 5.0},
    "two_workers": {"value": 1.6},
    "tick": {"value": 1.2},
}


def a_step(*accounts: int) -> dict[str, Any]:
    """Each account has a thousand rows a day, five pairs a day and 40 bytes a pair; a row takes 7 bytes at hand.

    With room in files 32 bytes of those a pair and 6 a row lie there, and a row takes 2 of the process's own.
    """
    points = []
    for number in accounts:
        rows = 1000 * number
        steps = [
            {
                "judged": day >= 7, "joint": rows, "tokens": rows, "pairs": 5 * number * (day + 1),
                "step_seconds": 2e-6 * rows * math.log2(rows), "sql_seconds": 1e-5 * rows * math.log2(rows),
                "rows_bytes": 4 * rows, "step_bytes": 3 * rows, "step_own": 500 + 2 * rows,
                "files": 32 * 5 * number * 9 + 6 * rows,
            }
            for day in range(9)
        ]  # fmt: skip
        pairs = int(steps[-1]["pairs"])
        kept = {"pairs": 32 * pairs, "cells": 8 * pairs, "tokens": 0, "recent": 0}
        points.append(
            {
                "accounts": number, "principals": 9 * number, "steps": steps,
                "kept_bytes": kept, "kept_own": kept | {"pairs": 0}, "peak_bytes": 1e9,
            }
        )  # fmt: skip
    return {"principals": 9, "days": 9, "points": points, "mapped": points, "run_at": "2026-01-01", "commit": "c" * 40}


def test_laws_are_those_that_made_the_points() -> None:
    laws = find_laws(a_step(1, 2, 10)["points"])
    assert laws["step_seconds"]["a"] == pytest.approx(2e-6)
    assert laws["sql_seconds"]["worst"] == pytest.approx(0, abs=1e-9)


def test_memory_grows_with_days_by_pairs_and_with_accounts_by_rows() -> None:
    found = project_memory(a_step(1, 2, 10), ASKED)
    assert (found.pair, found.pairs, found.row) == (pytest.approx(40), pytest.approx(450), pytest.approx(7))
    assert found.total == pytest.approx(100 * (450 * 40 + 1000 * 7))
    larger = project_memory(a_step(1, 2, 10), ASKED | {"joint_rows": 2000})
    assert larger.kept == pytest.approx(2 * found.kept)


def test_with_room_in_files_a_process_holds_what_does_not_grow_with_pairs() -> None:
    found = project_apart(a_step(1, 2, 10), ASKED)
    assert (found.own_account, found.own_row) == (pytest.approx(8 * 45), pytest.approx(2))
    assert (found.file_pair, found.file_row) == (pytest.approx(32 + RECENT_PAIR), pytest.approx(6))
    assert found.own == pytest.approx(100 * (8 * 45 + 1000 * 2) + MOST_RECENT * RECENT_WORD + PARTS)
    assert found.files == pytest.approx(100 * (450 * (32 + RECENT_PAIR) + 1000 * 6))
    longer = project_apart(a_step(1, 2, 10), ASKED | {"days": 180})
    assert longer.own == pytest.approx(found.own)
    assert longer.files > found.files


def test_a_training_holds_one_model_at_a_time_and_the_parts_of_a_bundle() -> None:
    step = a_step(1, 2, 10)
    wrote = [{"what": "publishing", "own": 30, "kept": 0}, {"what": "opening", "own": 50, "kept": 4}]
    found = project_training(step, {"principals": 300, "bundle": wrote}, ASKED)
    times, words = 9 * 100 / 300, MOST_RECENT * RECENT_WORD
    kept = 100 * 8 * 45 + times * 4
    assert found.opening == pytest.approx(times * 50)
    assert found.publishing == pytest.approx(kept + words + times * 30)
    assert found.step == pytest.approx(project_apart(step, ASKED).own + times * 4)
    assert found.most == max(found.step, found.publishing)
    few = project_training(step, {"principals": 10**6, "bundle": wrote}, ASKED)
    assert few.opening == 50  # parts are as large for few


def test_a_night_is_the_step_where_many_cores_make_its_rows_and_the_rows_where_few_do() -> None:
    step, rows = a_step(1, 2, 10), 100_000
    few, many = (take(cores, step, ASKED, GOT) for cores in (1, 16))
    assert few.night == pytest.approx(1e-5 * rows * math.log2(rows))
    assert many.night == pytest.approx(2e-6 * rows * math.log2(rows))
    assert many.scratch == pytest.approx(90 * many.night)
    assert few.intake == pytest.approx(100 * 90 * 8e6 * 20e-6)
    assert few.intake / many.intake == pytest.approx(16 * 0.8)


def test_a_watch_is_shared_so_that_each_part_ticks_within_half_a_minute() -> None:
    assert count_watches(ASKED, GOT) == 4
    assert count_watches(ASKED | {"accounts": 25}, GOT) == 1
