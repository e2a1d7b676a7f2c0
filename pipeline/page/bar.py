"""An alert's evidence as one bar whose parts add up to all of it."""

from typing import Final, NamedTuple

from pipeline.alerts.reason_words import tell_reason
from pipeline.render.alert_why import LEAST_SHOWN
from pipeline.stores.alert import Alert
from pipeline.words.words import ENGLISH, Words

WIDTH: Final = 1000.0
"""Of the whole bar, in its own units."""
COLOURS: Final = 8


class Part(NamedTuple):
    """A part of the bar."""

    x: str
    width: str
    colour: int
    """Of the style sheet's, from 0; COLOURS for smaller reasons."""
    nats: float
    text: str


class Bar(NamedTuple):
    """The bar."""

    parts: list[Part]
    total: float
    """Nats in all."""


def draw_bar(alert: Alert, words: Words = ENGLISH) -> Bar:
    """The bar of an alert: its reasons, the weightiest first, and the smaller ones together."""
    told = [(max(one.nats, 0.0), tell_reason(one, words)) for one in sorted(alert.reasons, key=lambda one: -one.nats)]
    total = max(alert.evidence, sum(nats for nats, _ in told))
    rest = total - sum(nats for nats, _ in told)
    parts, at = [], 0.0
    smaller = [(rest, words.say("smaller reasons"))] if rest >= LEAST_SHOWN else []
    for number, (nats, text) in enumerate([*told, *smaller]):
        width = WIDTH * nats / total if total > 0 else 0.0
        colour = COLOURS if number >= len(told) else number % COLOURS
        parts.append(Part(f"{at:.1f}", f"{width:.1f}", colour, nats, text))
        at += width
    return Bar(parts, max(total, 0.0))
