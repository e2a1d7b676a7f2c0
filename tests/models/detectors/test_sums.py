import numpy as np

from models.detectors.base import COLUMNS
from models.detectors.sums import EvidenceSum


def test_a_sum_is_of_its_own_columns_and_of_no_others() -> None:
    vectors = np.random.default_rng(1).exponential(size=(5, len(COLUMNS)))
    places = [COLUMNS.index(name) for name in ("write", "error")]
    found = EvidenceSum("some", ("write", "error")).score(vectors, np.zeros(5, dtype=np.int64))
    assert found.tolist() == vectors[:, places].sum(axis=1).tolist()
