"""Textbook detectors learn nothing of the test, find what sticks out, and say aloud when they cannot run."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.vectors import CUT_FOREST_JAR, TEXTBOOK, SkippedError, find_jar, isolation_forest
from features.activity.catalogue import NAMES

FIRST = 20


@pytest.fixture(scope="module")
def vectors() -> pd.DataFrame:
    choice = np.random.default_rng(3)
    hours = [(name, day * 24 + hour) for day in range(24) for hour in range(8, 14) for name in ("ann", "bob", "cat")]
    table = pd.DataFrame(choice.normal(5, 1, (len(hours), len(NAMES))), columns=list(NAMES))
    table.insert(0, "principal", [name for name, _ in hours])
    table.insert(1, "hour", [hour for _, hour in hours])
    odd = (table["principal"] == "bob") & (table["hour"] == 22 * 24 + 10)
    table.loc[odd, list(NAMES)] = 40.0
    return table


@pytest.mark.parametrize("name", list(TEXTBOOK))
def test_the_day_that_sticks_out_scores_most(name: str, vectors: pd.DataFrame) -> None:
    if name == "random cut forest" and not os.environ.get(CUT_FOREST_JAR):
        pytest.skip(f"{CUT_FOREST_JAR} is not given")
    scores = TEXTBOOK[name](vectors, FIRST)
    best = scores.loc[scores["score"].idxmax()]
    assert (best["principal"], best["day"]) == ("bob", 22)
    assert (scores["score"] > 0).all()
    assert set(scores[scores["day"] >= FIRST]["day"]) == {20, 21, 22, 23}


@pytest.mark.parametrize("name", ["isolation forest", "ECOD"])
def test_what_comes_later_changes_no_score(name: str, vectors: pd.DataFrame) -> None:
    early = vectors[vectors["hour"] < 22 * 24]
    whole, cut = (TEXTBOOK[name](table, FIRST) for table in (vectors, early))
    both = whole.merge(cut, on=["principal", "day"])
    assert len(both) == len(cut)
    difference = both["score_x"] - both["score_y"]
    assert difference.to_numpy() == pytest.approx(np.full(len(both), difference.iloc[0]))  # moved as a whole at most


def test_a_forest_is_fitted_on_history_only(vectors: pd.DataFrame) -> None:
    changed = vectors.copy()
    changed.loc[changed["hour"] >= 23 * 24, list(NAMES)] = 40.0
    before, after = (isolation_forest(table, FIRST) for table in (vectors, changed))
    old = before["day"] < 23
    assert before[old]["score"].to_numpy() == pytest.approx(after[old]["score"].to_numpy())


def test_without_the_jar_it_says_what_to_get(tmp_path: Path) -> None:
    with pytest.raises(SkippedError, match=r"randomcutforest-core:4[.]3[.]0 from Maven"):
        find_jar({})
    with pytest.raises(SkippedError, match="names no file"):
        find_jar({CUT_FOREST_JAR: str(tmp_path / "no.jar")})
    (tmp_path / "other.jar").write_bytes(b"other")
    with pytest.raises(SkippedError, match="names another file"):
        find_jar({CUT_FOREST_JAR: str(tmp_path / "other.jar")})
