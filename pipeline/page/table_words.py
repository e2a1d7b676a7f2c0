"""Words of ours that stand in the tables of reports, so that a page can tell them in its language."""

from typing import Final

from features.activity.dimensions import find_dimension, is_dimension
from models.detectors.blame import name_model
from pipeline.words.words import Words, to_say

STATES: Final = (
    to_say("champion"),
    to_say("in service"),
    to_say("set aside"),
    to_say("not in service"),
    to_say("unknown"),
)
"""Of a model (`pipeline.reports.models_kept.list_models`), and of a place that nobody knows."""
CHANGES: Final = (
    to_say("service"),
    to_say("call"),
    to_say("account"),
    to_say("region"),
    to_say("country"),
    to_say("network"),
    to_say("tool"),
    to_say("lasting key"),
    to_say("resource"),
    to_say("opening"),
    to_say("fact"),
)
"""What a principal did first (`pipeline.reports.principal.changes`)."""
LEARNT: Final = (
    to_say("days learnt"),
    to_say("days judged"),
    to_say("accounts"),
    to_say("principals"),
    to_say("principals active in four weeks"),
    to_say("principals new in a week"),
    to_say("peer groups"),
    to_say("values"),
)
"""Numbers of a model (`pipeline.reports.models_kept.compare_learnt`)."""
_NO_KEY: Final = to_say("no key")
_SESSIONS: Final = "sessions"


def tell_credential(credential: str, words: Words) -> str:
    """A key, or a class of sessions (`pipeline.reports.principal.credentials`).

    >>> from pipeline.words.catalogue import find_words
    >>> [tell_credential(one, find_words("ko")) for one in ("AKIAEXAMPLE", "no key", "sdk sessions", "sessions")]
    ['AKIAEXAMPLE', '키 없음', 'sdk 세션', '세션']
    """
    if credential == _NO_KEY:
        return words.find(_NO_KEY)
    kind, _, last = credential.rpartition(" ")
    if last != _SESSIONS:
        return credential
    return words.say("{kind} sessions", kind=kind) if kind else words.say("sessions")


def tell_learnt(what: str, words: Words) -> str:
    """What a number of a model counts.

    >>> from pipeline.words.catalogue import find_words
    >>> [tell_learnt(one, find_words("ko")) for one in ("peer groups", "principals: human", "values: country")]
    ['비교 그룹', '주체: 사람', '값: 국가']
    """
    head, colon, rest = what.partition(": ")
    if not colon:
        return words.find(what)
    return f"{words.find(head)}: {words.find(_name_dimension(rest) if head == 'values' else rest)}"


def tell_model(model: str, words: Words) -> str:
    """What an analyst calls a model or the sum of all.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_model("population", find_words("ko")), tell_model("pyod:ECOD", find_words("ko"))
    ('집단 비교', 'ECOD')
    """
    return words.find(name_model(model))


def _name_dimension(name: str) -> str:
    noun = find_dimension(name).noun if is_dimension(name) else name
    return noun if noun != "call" else name
