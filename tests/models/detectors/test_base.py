import numpy as np
import pytest

from models.combine import FAMILIES
from models.detectors.base import COLUMNS, check_vectors, make_vectors
from models.ledger import Standing
from tests.models.worlds import a_theft_judged


def test_a_vector_has_every_family_and_both_sides_of_counts() -> None:
    assert set(COLUMNS) == set(FAMILIES) - {"count"} | {"own_past", "population"}


def test_a_vector_is_a_standings_evidence_by_column() -> None:
    standing = a_theft_judged().standing("idc/person3")
    [vector] = make_vectors([standing])
    named = dict(zip(COLUMNS, vector.tolist(), strict=True))
    assert {name: named[name] for name in FAMILIES if name != "count"} == {
        name: nats for name, nats in standing.families.items() if name != "count"
    }
    assert max(named["own_past"], named["population"]) == standing.families["count"]


def test_a_standing_without_counts_has_none_in_its_vector() -> None:
    families = dict.fromkeys(FAMILIES, 0.0) | {"write": 3.0}
    [vector] = make_vectors([Standing(1, 0, 0, 3.0, families, [], None, None, 0.0, frozenset())])
    assert vector.sum() == 3.0


def test_no_standings_are_a_table_without_rows() -> None:
    assert make_vectors([]).shape == (0, len(COLUMNS))


@pytest.mark.parametrize("shape", [(3,), (3, len(COLUMNS) - 1)])
def test_other_columns_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=str(len(COLUMNS))):
        check_vectors(np.zeros(shape))
