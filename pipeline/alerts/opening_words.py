"""What was opened to whom, in another language: of a title, a reason or a line of a story."""

from typing import Final

from pipeline.alerts.nouns import KINDS, tell_named, tell_noun
from pipeline.words.told import Inner, Told, tell_again, told
from pipeline.words.words import Words

_WHOM: Final = (told("everybody on the internet"), told("everybody"))
_THINGS: Final = {
    "something": told("something"),
    "a function": told("a function"),
    "it": told("it"),
    "the account": told("the account"),
}

DONE: Final = (
    told("switched off the block of public access of {what}"),
    told("switched off the block of public access"),
    told("opened the URL of {what} to everybody"),
    told("made {what} public"),
    told("opened {what} to {whom}"),
    told("granted {name} to {what}"),
    told("granted {name}"),
)
"""What was done."""
TRIED: Final = (
    told("tried to switch off the block of public access of {what}, {ended}"),
    told("tried to switch off the block of public access, {ended}"),
    told("tried to open the URL of {what} to everybody, {ended}"),
    told("tried to make {what} public, {ended}"),
    told("tried to open {what} to {whom}, {ended}"),
    told("tried to grant {name} to {what}, {ended}"),
    told("tried to grant {name}, {ended}"),
)
"""What was only tried."""
WOULD: Final = (
    told("would have switched off the block of public access of {what}"),
    told("would have switched off the block of public access"),
    told("would have opened the URL of {what} to everybody"),
    told("would have made {what} public"),
    told("would have opened {what} to {whom}"),
    told("would have granted {name} to {what}"),
    told("would have granted {name}"),
)
"""What a call that failed would have done."""
NAMED: Final = (
    told("opening of a function's URL to everybody"),
    told("switching off of a block of public access"),
    told("making public of a {noun}"),
    told("opening to {whom}"),
    told("grant of {name}"),
)
"""The same as a thing that can be the first of its kind."""
_ENDED: Final = {"denied": told("denied"), "failed": told("failed"), "which failed": told("failed")}


def tell_ended(ended: str, words: Words) -> str:
    """How attempts ended."""
    return words.find(_ENDED[ended].one) if ended in _ENDED else ended


def _tell_whom(whom: str, words: Words) -> str:
    return tell_again(whom, _WHOM, words, otherwise=tell_named)


def _tell_what(what: str, words: Words) -> str:
    if what in _THINGS:
        return words.find(_THINGS[what].one)
    kind = what.removeprefix("a ")
    return tell_noun(kind, words) if kind in KINDS else tell_named(what, words)


INNER: Final[Inner] = {"whom": _tell_whom, "what": _tell_what, "noun": tell_noun, "ended": tell_ended}
"""How their values are told again."""


def tell_opening(named: str, words: Words) -> str:
    """An opening as a thing (`models.openings.name_opening`), told again."""
    return tell_again(named, NAMED, words, INNER)


def tell_opened(text: str, words: Words) -> str:
    """What was opened to whom (`models.openings.word_opening`), told again."""
    return tell_again(text, DONE, words, INNER)


ALL: Final[tuple[Told, ...]] = (*WOULD, *DONE)
"""Of a line of a story."""
