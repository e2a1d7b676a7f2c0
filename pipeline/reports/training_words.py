"""What a training says of itself, in another language than the one it is kept in: from where it went on, and notes.

The sentences are those of `pipeline.detect.stepping`, `pipeline.detect.provenance`, `pipeline.detect.trainer`,
`pipeline.detect.backtest`, `pipeline.stores.bundles.folder` and `pipeline.stores.fetched`.
"""

from typing import Final

from pipeline.reports.gate_words import tell_gate
from pipeline.words.told import Inner, Told, tell_again, told, told_many
from pipeline.words.words import Words

_STARTS: Final = (
    told("the newest model still holds"),
    told("there was no model to go on from"),
    told("model {model} does not hold: {why}"),
    told("it was asked for"),
)
_DIFFERENCES: Final = (
    told("it does not say what it was made of"),
    told("another version made it, or other settings"),
    told("history began on {before} and begins on {now}"),
    told("activity of days that it had learnt has changed"),
    told("alerts were raised since on days that it had learnt"),
    told("other days are kept out of learning, or other values were declared usual"),
    told("it is damaged"),
)
_NOTES: Final = (
    told_many(
        "a history of {n} day is short of {least}: rates of firsts lean on peer groups, and the calibration on a "
        "shipped prior",
        "a history of {n} days is short of {least}: rates of firsts lean on peer groups, and the calibration on a "
        "shipped prior",
    ),
    told_many(
        "{n} principal is few: the calibration's tail is borrowed from a shipped prior",
        "{n} principals are few: the calibration's tail is borrowed from a shipped prior",
    ),
    told_many(
        "deliveries before {day} could not be judged: that takes {of} days of history, and there is {n} day before "
        "{first}",
        "deliveries before {day} could not be judged: that takes {of} days of history, and there are {n} days before "
        "{first}",
    ),
    told_many(
        "the activity of {n} account-day from {first} to {last} was fetched from {place}",
        "the activity of {n} account-days from {first} to {last} was fetched from {place}",
    ),
    told("the model was not put in service: {gate}"),
    told("the list of models in service was older than one that was seen, and was begun anew"),
    told("{found}. A new key was made, and older models, which nobody can verify, were removed"),
    told("{found}. What is in service was begun anew"),
)


def tell_start(text: str, words: Words) -> str:
    """Why a training went on from a model, or from none.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_start("the newest model still holds", find_words("ko"))
    '가장 최근 모델이 아직 유효함'
    """
    return _again(text, _STARTS, words)


def tell_note(text: str, words: Words) -> str:
    """A note of a training: what is too short, or what was amiss."""
    return _again(text, _NOTES, words)


def _again(text: str, messages: tuple[Told, ...], words: Words) -> str:
    return tell_again(text, messages, words, _INNER)


_INNER: Final[Inner] = {"why": lambda text, words: _again(text, _DIFFERENCES, words), "gate": tell_gate}
