"""What the gate says of a model, and what became of one, in another language than the one it is kept in.

Why a model serves or not is kept in English, beside the models and in the operations events (`pipeline.detect.gate`,
`pipeline.detect.promotion`), and read again here.
"""

from typing import Final

from pipeline.words.told import Inner, Told, tell_again, told
from pipeline.words.words import Words, to_say

FIGURES: Final = {
    "numbers": to_say("numbers"),
    "active_principals": to_say("active principals"),
    "calibration": to_say("calibration"),
    "alerts_a_day": to_say("alerts a day"),
    "rank_agreement": to_say("rank agreement"),
    "planted_attacks": to_say("planted attacks"),
    "person": to_say("person"),
}
"""What the gate measures, by its name there."""
_BOUNDS: Final = (
    told("all finite"),
    told("at least {share} of the one in service"),
    told("at most {n} a day"),
    told("above {least}"),
    told("no fewer, by scores within {rise}"),
    told("not set aside by hand"),
)
_UNSOUND: Final = {
    "habits": to_say("habits"),
    "rates of firsts": to_say("rates of firsts"),
    "counts": to_say("counts"),
    "breadth": to_say("breadth"),
    "hours' vectors": to_say("hours' vectors"),
    "judged days": to_say("judged days"),
    "scores of detectors": to_say("scores of detectors"),
}
_WHY: Final = (
    told("among its {what} not finite: {count}"),
    told("of principals that were active in the last four weeks it knows {now}, and the one in service knew {was}"),
    told(
        "in the last week {now} principal-days a day scored {score} by the calibration of the week before, where one "
        "is promised, and with the one in service {was}"
    ),
    told(
        "it would have raised {now} alerts a day in the last week, where the budget is {budget}, and the one in "
        "service {was}"
    ),
    told(
        "it orders the {now} principals of the newest day as chance would beside the one in service (rank agreement "
        "{agreement}, where {least} is the least)"
    ),
    told(
        "planted attacks: of {count} it misses {lost} that the one in service scores {score} or more, it finds "
        "{gained} that the other does not, and their scores fall by {fall} on average: {names}"
    ),
    told(
        "planted attacks: of {count} it misses {lost} that the one in service scores {score} or more, it finds "
        "{gained} that the other does not, and their scores fall by {fall} on average"
    ),
    told("it was set aside by hand, for {model}, which judges an earlier day"),
    told("it was set aside by hand, rolled back"),
    told("by hand, for {model}, which judges an earlier day"),
    told("by hand, rolled back"),
)
_DECISIONS: Final = (
    told("model {model} was not put in service, and {stays}: {why}. See `{command}`; `{overrule}` overrules it"),
    told("model {model} was not put in service: {why}"),
    told("model {model} was put in service by hand"),
    told("model {model} passed the gate and is in service"),
    told("model {model} was taken out of service by hand; {other} serves"),
    told("a model in service was not opened, and {model} serves in its place: {cause}"),
)
_STAYS: Final = (told("{model} stays in service"), told("none is in service"))
_NUMBER: Final = to_say("an unknown number")


def tell_figure(name: str, words: Words) -> str:
    """What the gate measured, by its name.

    >>> from pipeline.words.words import ENGLISH
    >>> tell_figure("rank_agreement", ENGLISH), tell_figure("other_thing", ENGLISH)
    ('rank agreement', 'other thing')
    """
    return words.find(FIGURES.get(name, name.replace("_", " ")))


def tell_bound(text: str, words: Words) -> str:
    """What is right of a figure.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_bound("at most 3.2 a day", find_words("ko"))
    '하루 3.2건 이하'
    """
    return _again(text, _BOUNDS, words)


def tell_gate(text: str, words: Words) -> str:
    """Why a model does not serve: what the gate found, a part a figure, or that a person set it aside.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_gate("by hand, rolled back", find_words("ko"))
    '사람이 직접 되돌림'
    """
    return "; ".join(_again(part, _WHY, words) for part in text.split("; "))


def tell_decision(text: str, words: Words) -> str:
    """What was told of a model: refused, put in service, taken out of it, not opened."""
    return _again(text, _DECISIONS, words)


def _again(text: str, messages: tuple[Told, ...], words: Words) -> str:
    return tell_again(text, messages, words, _INNER)


def _tell_number(text: str, words: Words) -> str:
    return words.find(text) if text == _NUMBER else text


_INNER: Final[Inner] = {
    "what": lambda text, words: words.find(_UNSOUND.get(text, text)),
    "now": _tell_number,
    "was": _tell_number,
    "why": tell_gate,
    "stays": lambda text, words: _again(text, _STAYS, words),
}
