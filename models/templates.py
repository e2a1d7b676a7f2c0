"""Templates of names that keep up with names that come later: what `models.groups.widen_templates` says of all of them.

A name more can move others: a template that had too few is left alone, or a word is no longer the rarest. To look at
those alone makes a newcomer cost what it changes and not what there is, so that a day with many is no square of them.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from models.groups import ENOUGH, ROUNDS, split_words, widen

Template: TypeAlias = tuple[str, ...]


class Move(NamedTuple):
    """A name whose template is another than before; `before` is empty for a name that is new."""

    name: str
    before: Template
    after: Template


class _Round:
    """Each name's template after some words became wildcards, and the names of each template."""

    def __init__(self) -> None:
        self.of: dict[str, Template] = {}
        self.names: dict[Template, set[str]] = {}

    def move(self, moves: Iterable[Move]) -> set[str]:
        """Move names; return those whose templates have enough members now and had not, or the other way round."""
        sizes: dict[Template, int] = {}
        for name, before, after in moves:
            for template in (before, after):
                sizes.setdefault(template, len(self.names.get(template, ())))
            self.names.get(before, set()).discard(name)
            self.names.setdefault(after, set()).add(name)
            self.of[name] = after
        crossed: set[str] = set()
        for template, size in sizes.items():
            names = self.names.get(template, set())
            if (size < ENOUGH) != (len(names) < ENOUGH):
                crossed |= names
            if not names:
                self.names.pop(template, None)
        return crossed


class Templates:
    """Templates of some names, as each of them came.

    Parameters
    ----------
    names
        That are there at once.

    Examples
    --------
    >>> products = ["cart", "search", "mail", "pay", "ship", "tax", "ads"]
    >>> templates = Templates(f"{product}-prod-worker" for product in products)
    >>> templates.of("cart-prod-worker")
    ('*', '*', 'worker')
    >>> len(templates.add("geo-prod-worker")), templates.of("cart-prod-worker")
    (8, ('*', 'prod', 'worker'))
    """

    def __init__(self, names: Iterable[str]) -> None:
        split = {name: split_words(name) for name in names}
        self._frequency: Counter[str] = Counter()
        self._names: dict[str, set[str]] = {}
        """Names that hold a word."""
        self._words: dict[int, set[str]] = {}
        """Words that so many names hold."""
        for name, parts in split.items():
            self._count(name, _distinct(parts))
        self._rounds = [_Round() for _ in range(ROUNDS + 1)]
        now = split
        for number, one in enumerate(self._rounds):
            one.move(Move(name, (), parts) for name, parts in now.items())
            if number < ROUNDS:
                now = {name: self._next(one, name) for name in now}

    def __contains__(self, name: str) -> bool:
        return name in self._rounds[0].of

    def of(self, name: str) -> Template:
        """The template of a name that is there."""
        return self._rounds[-1].of[name]

    def add(self, name: str) -> list[Move]:
        """Add a name; return whose templates are another now, its own included; nothing for a name that is there."""
        if name in self:
            return []
        parts = split_words(name)
        words = _distinct(parts)
        turned = self._find_turned(words)
        self._count(name, words)
        moves = [Move(name, (), parts)]
        for before, after in zip(self._rounds, self._rounds[1:], strict=False):
            looked_at = before.move(moves) | turned | {move.name for move in moves}
            found = ((one, after.of.get(one, ()), self._next(before, one)) for one in looked_at)
            moves = [Move(*move) for move in found if move[1] != move[2]]
        self._rounds[-1].move(moves)
        return moves

    def _next(self, now: _Round, name: str) -> Template:
        """A name's template in the round after."""
        parts = now.of[name]
        return widen(parts, self._frequency) if len(now.names[parts]) < ENOUGH else parts

    def _count(self, name: str, words: Iterable[str]) -> None:
        for word in words:
            count = self._frequency[word]
            self._words.get(count, set()).discard(word)
            self._words.setdefault(count + 1, set()).add(word)
            self._frequency[word] += 1
            self._names.setdefault(word, set()).add(name)

    def _find_turned(self, words: set[str]) -> set[str]:
        """Names in which the order of rarity may be another once each of the words is in one name more.

        It turns only against a word that is not in the new name itself: one that is as frequent and stands behind, or
        one that is in a name more and stands before.
        """
        turned: set[str] = set()
        for word in words:
            count, holders = self._frequency[word], self._names.get(word, set())
            behind, before = self._words.get(count, set()) - words, self._words.get(count + 1, set()) - words
            close = behind | before
            if len(close) < len(holders):
                holders = set[str]().union(*(holders & self._names[other] for other in close))
            turned.update(name for name in holders if _turns(self._rounds[0].of[name], word, behind, before))
        return turned


def _turns(parts: Template, word: str, behind: set[str], before: set[str]) -> bool:
    at = [place for place, part in enumerate(parts) if part == word]
    return not (behind.isdisjoint(parts[at[0] + 1 :]) and before.isdisjoint(parts[: at[-1]]))


def _distinct(parts: Template) -> set[str]:
    return {word for word in parts if word != "*"}
