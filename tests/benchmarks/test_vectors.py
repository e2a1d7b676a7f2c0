"""Textbook detectors learn nothing of the test, find what sticks out, and say aloud when they cannot run."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.vectors import CUT_FOREST_JAR, TEXTBOOK, SkippedError, find_jar, isolation_forest, random_cut_forest
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
    try:
        scores = TEXTBOOK[name](vectors, FIRST)
    except SkippedError as error:
        pytest.skip(str(error))
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


def test_without_the_jar_it_says_what_to_get(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(SkippedError, match=r"no Maven to fetch it with: get software\.amazon\.randomcutforest:"):
        find_jar({}, tmp_path)
    with pytest.raises(SkippedError, match="names no file"):
        find_jar({CUT_FOREST_JAR: str(tmp_path / "no.jar")})
    (tmp_path / "other.jar").write_bytes(b"other")
    with pytest.raises(SkippedError, match="is another file"):
        find_jar({CUT_FOREST_JAR: str(tmp_path / "other.jar")})


def test_a_maven_that_fetches_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maven = a_program(tmp_path / "mvn", "echo 'no such artefact'; exit 1")
    monkeypatch.setattr("shutil.which", lambda _: str(maven))
    with pytest.raises(SkippedError, match=r"Maven could not fetch .*no such artefact"):
        find_jar({}, tmp_path / "repository")


def test_rows_go_to_the_program_in_order_of_time_and_come_back_to_their_principals(
    vectors: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = a_program(tmp_path / "java", "echo 'Reading from stdin...'; awk '{print $0 \",\" NR}'; echo 'Done.'")
    monkeypatch.setattr("benchmarks.vectors.find_java", lambda: java)
    monkeypatch.setattr("benchmarks.vectors.find_jar", lambda _: tmp_path / "some.jar")
    mixed = vectors.sample(frac=1, random_state=1)
    scores = random_cut_forest(mixed, FIRST).set_index(["principal", "day"])["score"]
    ordered = vectors.sort_values(["hour", "principal"]).reset_index(drop=True)
    for (principal, day), score in scores.items():
        mine = ordered[(ordered["principal"] == principal) & (ordered["hour"] // 24 == day)]
        assert score == mine.index.max() + 1


def test_a_program_that_fails_is_no_skip(
    vectors: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.vectors.find_java", lambda: a_program(tmp_path / "java", "echo broken >&2; exit 3"))
    monkeypatch.setattr("benchmarks.vectors.find_jar", lambda _: tmp_path / "some.jar")
    with pytest.raises(RuntimeError, match="broken"):
        random_cut_forest(vectors, FIRST)


def a_program(path: Path, does: str) -> Path:
    path.write_text(f"#!/bin/sh\n{does}\n", encoding="ascii")
    path.chmod(0o755)
    return path
