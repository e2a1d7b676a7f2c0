"""An alert's reasons and measures in another language than the one they are kept in.

What a reason speaks of stands in its fields; its text is read for what they lack: how often the principal and others
did it, and how it ended.
"""

from typing import Final

from features.activity.dimensions import find_dimension, is_dimension
from features.call.fact import split_fact
from models.explain import COUNTED, word_number
from models.facts import find_fact
from models.openings import name_opening
from pipeline.alerts.nouns import COUNTS, tell_count, tell_noun, tell_number
from pipeline.alerts.opening_words import tell_ended, tell_opening
from pipeline.stores.alert import AlertMeasure, AlertReason
from pipeline.words.language import DEFAULT
from pipeline.words.told import Inner, Told, tell_again, tell_through, told, told_many
from pipeline.words.words import Words, to_say

_OWN: Final = (
    told_many("never in {n} active hour", "never in {n} active hours"),
    told("in its only active hour"),
    told_many("in {of} of {n} active hour", "in {of} of {n} active hours"),
    told("no history of its own yet"),
)
_CIRCLE: Final = (
    told_many("none of {n} peer", "none of {n} peers"),
    told("its one peer did"),
    told_many("{of} of {n} peer did", "{of} of {n} peers did"),
    told("not its one peer"),
    told("no peers to compare with"),
    told("nobody in the deployment"),
    told_many("{n} elsewhere in the deployment", "{n} elsewhere in the deployment"),
)
_NOW: Final = (
    told_many("now {n} call", "now {n} calls"),
    told_many("now {n} attempt, {ended}", "now {n} attempts, {ended}"),
)
_MEASURED: Final = (
    told("{count} in an hour, where {typical} is typical of its peers"),
    told("{count} in an hour, where {typical} is typical"),
    told("active on {day} at {time}"),
)
_DAYS: Final = (
    to_say("Monday"),
    to_say("Tuesday"),
    to_say("Wednesday"),
    to_say("Thursday"),
    to_say("Friday"),
    to_say("Saturday"),
    to_say("Sunday"),
)
_STOP: Final = r", |; now |\Z"
_INNER: Final[Inner] = {
    "ended": tell_ended,
    "count": tell_count,
    "typical": tell_number,
    "day": lambda day, words: words.find(day) if day in _DAYS else day,
}


def tell_reason(reason: AlertReason, words: Words) -> str:
    """A reason's sentence in a language; the kept one where it is English, or of another version.

    >>> from pipeline.words.catalogue import find_words
    >>> seen = {"feature": "surprise", "dimension": "read", "value": "s3:ListBuckets", "typical": 0.0, "actual": 1.0}
    >>> text = "first call s3:ListBuckets: never in 202 active hours, none of 9 peers; now 1 call"
    >>> tell_reason(AlertReason(nats=2.0, text=text, **seen), find_words("ko"))
    '처음 보는 호출 s3:ListBuckets: 활동한 202시간 동안 없었음, 비슷한 주체 9개 중 하나도 없음; 이번에 1회 호출'
    """
    if words.language == DEFAULT:
        return reason.text
    if reason.feature in COUNTED:
        return _tell_count(reason, words)
    if not is_dimension(reason.dimension):
        return reason.text
    dimension = find_dimension(reason.dimension)
    if dimension.attack == "fact":
        known, (_, action) = find_fact(reason.value), split_fact(reason.value)
        of = f" ({action})" if action else ""
        heads = {f"{known.phrase}{of}: ": words.find(known.phrase) + of} if known else {}
    elif dimension.attack == "exposure" and ":" in reason.value:
        named = name_opening(reason.value)
        heads = _say_seen(named, tell_opening(named, words), words)
    else:
        value = dimension.wording.format(reason.value)
        heads = _say_seen(f"{dimension.noun} {value}", f"{tell_noun(dimension.noun, words)} {value}", words)
    for head, said in heads.items():
        if reason.text.startswith(head):
            return f"{said}: {_tell_past(reason.text[len(head) :], words)}"
    return reason.text


def _say_seen(what: str, said: str, words: Words) -> dict[str, str]:
    """How a reason of a value begins, by how it begins in English."""
    return {
        f"first {what}: ": words.say("first {what}", what=said),
        f"rare {what}: ": words.say("rare {what}", what=said),
    }


def _tell_past(text: str, words: Words) -> str:
    """The rest of a reason: its own past, that of others, and what is there now."""
    return tell_through(text, (*_OWN, *_CIRCLE, *_NOW), words, _INNER, _STOP)


def _tell_count(reason: AlertReason, words: Words) -> str:
    if reason.dimension not in COUNTS:
        return reason.text
    count = Told(*COUNTS[reason.dimension]).say(words, {"n": f"{reason.actual:,.0f}"})
    message = _MEASURED[0 if reason.feature == "population" else 1]
    return message.say(words, {"count": count, "typical": tell_number(word_number(reason.typical), words)})


def tell_measure(measure: AlertMeasure, words: Words) -> str:
    """What a model of vectors found strange, in a language."""
    return tell_measured(measure.text, words)


def tell_measured(text: str, words: Words) -> str:
    """A measure's sentence (`models.detectors.blame.word_blamed`), told again.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_measured("9 regions in an hour, where less than 0.1 is typical", find_words("ko"))
    '한 시간에 리전 9개, 평소 0.1 미만'
    """
    return tell_again(text, _MEASURED, words, _INNER)
