"""Why an alert is odd, as text: its reasons in words or in numbers that add up, and what the models say."""

from datetime import tzinfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.alerts.reason_words import tell_reason
from pipeline.alerts.scores import write_measures, write_scores
from pipeline.alerts.wording import write_likelihood, write_strength, write_values
from pipeline.render.inert_text import inert_text
from pipeline.stores.alert import Alert
from pipeline.words.words import ENGLISH, Words, to_say

LEAST_SHOWN = 0.05
"""Nats below which a line would say +0.0."""
SCALE = to_say("each 2.3 makes an attacker ten times likelier than the principal")
"""What evidence means, without the word for its unit."""


def render_reasons(
    alert: Alert, *, at_most: int | None = None, words: Words = ENGLISH, numbers: bool = False
) -> RenderableType:
    """Why it is odd: of each reason how strong it is, what is typical, what is there now and a sentence; and their sum.

    Parameters
    ----------
    at_most
        Reasons shown; those left out are added up in one line. None shows all, with typical and present values.
    words
        Of the language.
    numbers
        Evidence in numbers that add up, and not in words.
    """
    shown = sorted(alert.reasons, key=lambda reason: -reason.nats)[:at_most]
    with_values = at_most is None
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right" if numbers else "left", no_wrap=True)
    for _ in ("typical", "now") if with_values else ():
        table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")

    def add(nats: float, what: Text, typical: str = "", now: str = "", style: str = "", sign: str = "+") -> None:
        columns = (Text(typical, style="dim"), Text(now, style="dim")) if with_values else ()
        weight = f"{nats:{sign}.1f}" if numbers else write_strength(nats, words)
        table.add_row(Text(weight, style=style), *columns, what)

    if with_values:
        head = [words.say("evidence"), words.say("typical"), words.say("now"), words.say("what")]
        table.add_row(*(Text(name, style="dim") for name in head))
    for reason in shown:
        typical, now = write_values(reason, words)
        add(reason.nats, inert_text(tell_reason(reason, words), longest=600), typical, now, "bold")
    told = sum(reason.nats for reason in shown)
    total = max(alert.evidence, told)  # of version 1 it is less what is usual for the kind
    if total - told >= LEAST_SHOWN:
        add(total - told, Text(words.say("smaller reasons"), style="dim"))
    scale = words.find(SCALE) if numbers else write_likelihood(total, words)
    said = words.say("in all; {scale}", scale=scale) if with_values or not numbers else words.say("in all")
    add(total, Text(said, style="dim"), style="bold", sign="")
    return table


def render_scores(alert: Alert, zone: tzinfo, words: Words = ENGLISH) -> RenderableType:
    """Record scores of the models side by side, and what made the day's strangest hour strange to them."""
    measures = (inert_text(said, "dim", longest=600) for said in write_measures(alert, zone, words))
    return Group(inert_text(write_scores(alert, words)), *measures)
