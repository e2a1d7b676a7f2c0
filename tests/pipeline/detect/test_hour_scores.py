"""Rows of the table of scores: what is odd enough, explained where it is odder."""

import numpy as np
import pytest

from models.detectors.blame import EXPLAINED_FROM
from pipeline.detect.hour_scores import hour_score_rows
from pipeline.stores.parquet.hour_scores import LEAST, SCHEMA
from tests.walks import a_model, walk_through
from tests.worlds import a_company


@pytest.fixture(scope="module")
def scored():
    return walk_through(a_company(days=9, people=6, roles=4))[-1].outcome.scored


def test_a_row_is_what_was_scored(scored):
    model = a_model()
    names = [f"role/{code}" for code in range(int(scored.hours.principal.max()) + 1)]
    model.baseline.principals.codes(names)
    members = {name: {"principal_name": f"the {name}", "kind": "workload"} for name in names}
    table = hour_score_rows(scored, model, members)
    assert table.schema == SCHEMA
    wanted = sum(int((record >= LEAST).sum()) for record in scored.record.values())
    assert table.num_rows == wanted > 0
    for row in table.to_pylist():
        at = (scored.hours.principal == names.index(row["principal"])) & (
            scored.hours.hour == int(row["hour"].timestamp()) // 3600
        )
        assert scored.record[row["model"]][at].tolist() == [row["record_score"]]
        if row["measures"] or row["model"] == "population":  # a forest may blame no single measure
            assert bool(row["measures"]) == (row["record_score"] >= EXPLAINED_FROM)
        assert row["principal_name"] == f"the {row['principal']}"
    assert np.isfinite(table["raw_score"].to_numpy()).all()
