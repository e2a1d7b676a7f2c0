"""An id has one fingerprint, and another id another one."""

import uuid

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.stores.parquet.arrays import texts
from pipeline.stores.parquet.fingerprints import fingerprints


@given(st.lists(st.uuids().map(str) | st.text(st.characters(codec="ascii"), max_size=40), max_size=20))
def test_an_id_has_its_fingerprint_whatever_is_beside_it(held: list[str]) -> None:
    together = fingerprints(texts(held))
    assert together.tolist() == [int(fingerprints(texts([text]))[0]) for text in held]
    assert together[1:].tolist() == fingerprints(texts(held)[1:]).tolist()


def test_fingerprints_of_many_ids_differ() -> None:
    count = 200_000
    near = [f"00000000-0000-4000-8000-{number:012d}" for number in range(count)]
    made = np.random.default_rng(0).bytes(16 * count)
    chance = [str(uuid.UUID(bytes=made[at : at + 16])) for at in range(0, len(made), 16)]
    assert len(np.unique(fingerprints(texts(near)))) == count
    assert len(np.unique(fingerprints(texts(chance)))) == count
