import random

import pytest

from models.combine import (
    NEWCOMER_MOST_NATS,
    PLACE_REST,
    WEIGHT,
    Piece,
    combine,
    pieces_from_columns,
    pieces_to_columns,
)


def test_the_strongest_of_a_family_counts_whole_and_further_firsts_less():
    alone = combine([Piece("read", 6.0)])
    bunch = combine([Piece("read", 6.0), Piece("read", 6.0)])
    assert alone == [6.0]
    assert bunch[0] == 6.0
    assert 0 < bunch[1] < 6.0


def test_a_correlated_place_adds_a_quarter_of_the_rest():
    assert combine([Piece("place", 4.0), Piece("place", 8.0)]) == [4.0 * PLACE_REST, 8.0]


def test_changes_weigh_more_than_reads():
    assert combine([Piece("write", 4.0)]) == [4.0 * WEIGHT["write"]]


def test_a_visit_to_a_new_service_is_one_event():
    visit = [Piece("read", 7.0, service=3, visit=5.0), Piece("read", 6.9, service=3, visit=5.0)]
    apart = [Piece("read", 7.0, service=3, visit=5.0), Piece("read", 6.9, service=4, visit=5.0)]
    assert sum(combine(visit)) < sum(combine(apart))


def test_a_newcomers_habits_give_little_but_its_changes_count_whole():
    places = [Piece("place", 9.0), Piece("write", 5.0)]
    place, write = combine(places, newcomer=True)
    assert place == pytest.approx(NEWCOMER_MOST_NATS)
    assert write == combine(places)[1]


@pytest.mark.parametrize("seed", range(20))
def test_inserting_evidence_never_lowers_the_sum(seed):
    rng = random.Random(seed)

    def a_piece():
        service = rng.choice([-1, 1, 2, 3])
        return Piece(
            rng.choice(["read", "write", "place", "tool", "resource", "error"]),
            rng.uniform(0, 12),
            service,
            {1: 4.0, 2: 1.0, 3: 0.0}.get(service, 0.0),
        )

    pieces = [a_piece() for _ in range(12)]
    for newcomer in (False, True):
        before = sum(combine(pieces, newcomer))
        assert sum(combine([*pieces, a_piece()], newcomer)) >= before - 1e-9


def test_the_order_of_pieces_does_not_matter():
    pieces = [Piece("read", float(n)) for n in range(1, 8)]
    assert sum(combine(pieces)) == pytest.approx(sum(combine(pieces[::-1])))


def test_a_weight_of_its_own_counts_beside_that_of_the_family() -> None:
    plain, weighed = (
        combine([Piece("read", 6.0), Piece("read", 4.0)]),
        combine([Piece("read", 6.0, weight=1.5), Piece("read", 4.0)]),
    )
    assert weighed == [plain[0] * 1.5, plain[1]]


def test_pieces_of_a_bundle_from_before_weights_weigh_one() -> None:
    pieces = [Piece("read", 6.0, 3, 1.0, 1.5), Piece("write", 2.0)]
    columns = pieces_to_columns(pieces)
    assert pieces_from_columns(columns) == pieces
    del columns["piece_weight"]
    assert [piece.weight for piece in pieces_from_columns(columns)] == [1.0, 1.0]
