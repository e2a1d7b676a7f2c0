"""An alert's title in another language than the one it is kept in (`pipeline.alerts.title`)."""

import re
from collections.abc import Mapping
from typing import Final

from models.facts import FACTS
from pipeline.alerts.nouns import tell_count, tell_noun, tell_number
from pipeline.alerts.opening_words import DONE, INNER, TRIED
from pipeline.alerts.reason_words import tell_measured
from pipeline.stores.harm import KINDS
from pipeline.stores.harm_title import DRILL
from pipeline.words.language import DEFAULT
from pipeline.words.told import Inner, Told, tell_again, tell_through, told, told_many
from pipeline.words.words import Words, to_say

_CALLS: Final = (
    told_many("called {action} and {n} more unusual call", "called {action} and {n} more unusual calls"),
    told_many("tried {action} and {n} more call, {ended}", "tried {action} and {n} more calls, {ended}"),
    told("tried {action}, {ended}"),
)
_CALLED: Final = told("called {action}")
_COUNTS: Final = (
    told("{count} in an hour, typical of its peers {typical}"),
    told("{count} in an hour, typical {typical}"),
)
_PLACES: Final = (
    told("from a new {noun} ({name})"),
    told("from a new {noun}"),
    told("from a rare {noun} ({name})"),
    told("from a rare {noun}"),
    told("with a new {noun} ({name})"),
    told("with a rarely used {noun} ({name})"),
    told("in a new {noun} ({name})"),
    told("in a new {noun}"),
    told("in a rare {noun} ({name})"),
    told("in a rare {noun}"),
)
_WHOLE: Final = (told("was used"), told("had an unusual day"))
_SPAN: Final = told_many("over {n} day", "over {n} days")
_DELAYS: Final = (
    told_many("; delivered {n} hour late", "; delivered {n} hours late"),
    told_many("; delivered {n} day late", "; delivered {n} days late"),
)
_RAISED_BY: Final = told(" (raised by the {model} model)")
_DRILL: Final = to_say("[drill]")
_SUCH_AS: Final = told_many("{n} call such as {action}", "{n} calls such as {action}")


class _Harm(Told):
    """A harm with its calls in brackets, as `pipeline.stores.harm_title` puts it before a title."""

    def say(self, words: Words, values: Mapping[str, str]) -> str:
        """The harm in a language."""
        deed, made = words.find(self.one.partition(" (")[0]), values["made"]
        return words.say("{deed} ({made})", deed=deed, made=tell_again(made, (_SUCH_AS,), words))


_HARMS: Final = tuple(
    one
    for kind in KINDS.values()
    for deed in (kind.done, kind.tried)
    for one in (_Harm(f"{deed} ({{made}})"), Told(deed))
)
_DEEDS: Final = tuple(Told(fact.deed) for fact in FACTS.values() if fact.deed)
_PARTS: Final = (*_HARMS, *_CALLS, *_DEEDS, *TRIED, *DONE, *_WHOLE, _SPAN, *_PLACES, _CALLED)
_VERB: Final = re.compile(r"(?:made|used|touched|called) (?=\d)")
"""Of a count; a number says as much."""
_DELAYED: Final = re.compile(r"; delivered \d[\d,]* \w+ late(?=\Z| \(raised)")
_RAISED: Final = re.compile(r" \(raised by the .{1,60} model\)\Z")
_INNER: Final[Inner] = {
    **INNER,
    "count": tell_count,
    "typical": tell_number,
    "noun": tell_noun,
    "model": lambda model, words: words.find(model),
}


def tell_title(title: str, name: str, words: Words) -> str:
    """A title in a language; the kept one where it is English.

    Parameters
    ----------
    title
        As the alert keeps it.
    name
        Of the alert's principal, with which it begins.

    Examples
    --------
    >>> from pipeline.words.catalogue import find_words
    >>> tell_title("ann called s3:GetObject and 2 more unusual calls, from a new country (KR)", "ann", find_words("ko"))
    'ann: s3:GetObject 외 특이한 호출 2건, 새로운 국가(KR)에서 접속'
    """
    if words.language == DEFAULT:
        return title
    if not title.startswith(f"{name} "):
        rest = title.removeprefix(DRILL)
        return title if rest == title else f"{words.find(_DRILL)} {tell_title(rest, name, words)}"
    rest, ends = title[len(name) + 1 :], ""
    for pattern, messages in ((_RAISED, (_RAISED_BY,)), (_DELAYED, _DELAYS)):
        if match := pattern.search(rest):
            ends = tell_again(match[0], messages, words, _INNER) + ends
            rest = rest[: match.start()]
    measured = rest.removeprefix("had ").removeprefix("was ")
    if (said := tell_measured(measured, words)) != measured:
        return f"{name}: {said}{ends}"
    return f"{name}: {_tell_parts(rest, words)}{ends}"


def _tell_parts(text: str, words: Words) -> str:
    counted = _VERB.search(text)
    if counted is None or (counted.start() and text[: counted.start()][-2:] != ", "):
        return tell_through(text, _PARTS, words, _INNER, r", |\Z")
    before, after = text[: counted.start()].removesuffix(", "), text[counted.end() :]
    parts = [tell_through(before, _PARTS, words, _INNER, r", |\Z")] if before else []
    return ", ".join([*parts, tell_through(after, (*_COUNTS, *_PARTS), words, _INNER, r", |\Z")])
