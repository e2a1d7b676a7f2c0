"""Templates that keep up are those drawn of all names at once, after every name that comes."""

import random

import pytest

from models.groups import ENOUGH, widen_templates
from models.templates import Templates

WORDS = ["api", "prod", "role", "web", "dev", "job", "read", "7", "x"]


def some_names(chance: random.Random, count: int, rare: int) -> list[str]:
    """Names of a few common words, of which some have a word that hardly any other has."""
    return [
        "-".join(
            f"w{chance.randrange(rare)}" if chance.random() < 0.4 else chance.choice(WORDS)
            for _ in range(chance.randint(1, 4))
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_after_each_name_they_are_those_of_all_names(seed: int) -> None:
    chance = random.Random(seed)
    names = some_names(chance, 90, rare=1 + 6 * seed)
    there, come = names[:40], names[40:]
    templates = Templates(there)
    assert {name: templates.of(name) for name in there} == widen_templates(there)
    for number, name in enumerate(come, 1):
        before = widen_templates(names[: 39 + number])
        moves = templates.add(name)
        after = widen_templates(names[: 40 + number])
        assert {one: templates.of(one) for one in after} == after
        moved = {one: (before.get(one, ()), template) for one, template in after.items() if before.get(one) != template}
        assert {move.name: (move.before, move.after) for move in moves} == moved


def test_a_name_that_is_there_moves_nothing() -> None:
    templates = Templates(["cart-worker"])
    assert templates.add("cart-worker") == []


def test_one_name_more_looks_at_few_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a day's newcomers among as many members cost their product."""
    names = [f"team{number}-prod-role" for number in range(3000)] + [f"job{number}-dev" for number in range(ENOUGH)]
    templates = Templates(names)
    looked_at: list[str] = []
    next_of = templates._next
    monkeypatch.setattr(templates, "_next", lambda now, name: (looked_at.append(name), next_of(now, name))[1])
    templates.add("another-prod-role")
    assert 0 < len(looked_at) < 50
