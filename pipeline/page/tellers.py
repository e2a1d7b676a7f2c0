"""What templates tell of an alert in their language: titles, reasons, lines of a story, evidence in words, days."""

from collections.abc import Callable
from functools import partial
from typing import Any

from pipeline.alerts.nouns import tell_named
from pipeline.alerts.reason_words import tell_measure, tell_measured, tell_reason
from pipeline.alerts.story_words import tell_line
from pipeline.alerts.title_words import tell_title
from pipeline.alerts.wording import write_likelihood, write_strength
from pipeline.page.table_words import tell_credential, tell_learnt, tell_model
from pipeline.render.engine_words import tell_engine_note
from pipeline.reports.gate_words import tell_bound, tell_decision, tell_figure, tell_gate
from pipeline.words.dates import tell_hour, write_day, write_day_of_year, write_moment
from pipeline.words.words import Words


def make_tellers(words: Words) -> dict[str, Callable[..., Any]]:
    """Functions by the name that templates call them by; `tell_word` is for kinds, severities and other words of ours.

    >>> from pipeline.words.catalogue import find_words
    >>> tellers = make_tellers(find_words("ko"))
    >>> tellers["tell_title"]("ann called s3:GetObject", "ann"), tellers["tell_word"]("critical")
    ('ann: s3:GetObject 호출', '심각')
    """
    told: tuple[Callable[..., Any], ...] = (
        *(tell_title, tell_reason, tell_measure, tell_measured, tell_line, tell_named, write_strength),
        *(write_likelihood, tell_credential, tell_learnt, tell_model, tell_hour),
        *(tell_figure, tell_bound, tell_gate, tell_decision, tell_engine_note),
    )
    return {
        **{function.__name__: partial(function, words=words) for function in told},
        "tell_day": partial(write_day, words=words),
        "tell_day_of_year": partial(write_day_of_year, words=words),
        "tell_moment": partial(write_moment, words=words),
        "tell_word": words.find,
    }
