"""What the demo says of what was planted, told in the reader's language: causes, and why an attack was missed.

The sentences are those of `pipeline.simulate.oddities`, `pipeline.simulate.moves` and `pipeline.demo.verdict`. Attacks
keep their names, by which `oddtrail drill` plays them.
"""

from typing import Final

from pipeline.words.told import Inner, tell_again, told, told_many
from pipeline.words.words import Words, to_say

DOING: Final = {
    "simulate": to_say("Simulating a company …"),
    "ingest": to_say("Ingesting its CloudTrail …"),
    "train": to_say("Learning what is normal …"),
    "score": to_say("Scoring the last week …"),
}
"""What a stage of the demo does, by its name."""
DEGREES: Final = (to_say("loud"), to_say("medium"), to_say("stealthy"))
"""How much an attack hides."""
_CAUSES: Final = (
    told("new hire"),
    told("team move"),
    told("travel"),
    told("new home provider"),
    told("tool adoption"),
    told("on-call night"),
    told("trail change"),
    told("key rotation"),
    told("public service"),
    told("new service user"),
    told("database copied to another account"),
    told("role used from a desk"),
    told("release"),
    told("permission bug"),
    told("throttling storm"),
    told("data backfill"),
    told("month-end batch"),
    told("pipeline addresses move"),
    told("region expansion"),
    told("egress moves"),
    told("office moves"),
    told("vendor moves"),
    told("tool roll-out"),
    told("preview environment"),
    told("rare change"),
    told("ordinary work, for the first time"),
)
_WHY: Final = (
    told("seen, with record score {score}, but held back by the budget"),
    told_many(
        "{n} call, of {kinds}: {own} {name} made before, {others} others make here",
        "{n} calls, of {kinds}: {own} {name} made before, {others} others make here",
    ),
)
_KINDS: Final = (told_many("{n} kind", "{n} kinds"),)


def tell_cause(text: str, words: Words) -> str:
    """What was behind an alert that was no attack.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_cause("office moves", find_words("ko"))
    '사무실 이전'
    """
    return tell_again(text, _CAUSES, words)


def tell_missed(text: str, words: Words) -> str:
    """Why an attack was missed."""
    return tell_again(text, _WHY, words, _INNER)


_INNER: Final[Inner] = {"kinds": lambda text, words: tell_again(text, _KINDS, words)}
