"""Credentials that were handed out to one another, and nothing else, link two standings."""

import pytest

from models.hands import Hands, find_no_hands

THIEF = Hands(frozenset({"AKIA1", "user/1/A"}))
"""A thief's key."""


@pytest.mark.parametrize(
    ("other", "linked"),
    [
        (Hands(frozenset({"ASIA2", "role/1/B"}), {"ASIA2": frozenset({"AKIA1"})}), True),
        (Hands(frozenset({"ASIA3", "role/1/C"}), {"ASIA3": frozenset({"ASIA2", "AKIA1"})}), True),
        (Hands(frozenset({"ASIA2", "role/1/B"}), {"AKIA1": frozenset({"ASIA2"})}), True),
        (Hands(frozenset({"ASIA2", "role/1/B"}), {"ASIA2": frozenset({"user/1/A"})}), True),
        (Hands(frozenset({"ASIA2", "role/1/B"}), {"ASIA2": frozenset({"AKIA9"})}), False),
        (Hands(frozenset({"ASIA2", "role/1/B"}), {"ASIA7": frozenset({"AKIA1"})}), False),
        (Hands(frozenset({"ASIA2", "role/1/B"})), False),
        (Hands(), False),
    ],
    ids=["opened by it", "further back", "opened it", "by a caller without a key", "by another", "another of them",
         "by nobody", "nothing"],
)  # fmt: skip
def test_what_links(other: Hands, linked: bool) -> None:
    assert other.are_linked(THIEF.keys) is linked


def test_two_sessions_of_one_opener_are_not_linked() -> None:
    hub = frozenset({"ASIAHUB"})
    first, second = (Hands(frozenset({key}), {"ASIA1": hub, "ASIA2": hub}) for key in ("ASIA1", "ASIA2"))
    assert not second.are_linked(first.keys)


def test_where_nobody_is_asked_nothing_is_known() -> None:
    assert find_no_hands(None, frozenset({"ASIA1"})) == Hands()  # type: ignore[arg-type]
