"""What the table says beside its entries, which `tests/contracts/test_dimensions.py` holds to their promises."""

import pytest

from features.activity.dimensions import DIMENSIONS, find_dimension


def test_a_type_of_an_open_entry_has_its_own_noun_and_prior_and_all_else_of_the_entry() -> None:
    found, entry = find_dimension("resource:security_group"), DIMENSIONS["resource"]
    assert (found.noun, found.prior, found.kind) == ("security group", "security_group", "security_group")
    assert (found.family, found.column, found.attack, found.open) == (
        entry.family, entry.column, entry.attack, entry.open,
    )  # fmt: skip


def test_a_name_is_looked_up_once() -> None:
    assert find_dimension("resource:bucket") is find_dimension("resource:bucket")


@pytest.mark.parametrize("name", ["read", "read_by_service", "write", "write_by_service", "denied"])
def test_what_was_done_or_tried_names_an_action(name: str) -> None:
    assert find_dimension(name).names_action


def test_nothing_else_names_an_action() -> None:
    assert sum(entry.names_action for entry in DIMENSIONS.values()) == 5
