"""Which revisions of an alert are told: when it is raised, when it becomes graver, and when it is taken back.

A raised alert is revised often, up to ten times at once and then once an hour, mostly since more of the same came.
Nobody should be woken for that. Told is a revision

- that raises it, or brings it to the severity that a notifier asks for: `raised`;
- whose severity is higher than what was told, or that does a kind of harm that was not told, or was told as only
  tried: `updated`;
- that is raised no more, as when a drill is over: `closed`.

What people say of an alert is told too: that it is *malicious* as `updated`, that it was *expected* as `closed`. After
that more of the same is not told either; what makes it graver is, and so is that the word was taken back: `raised`.

That another alert belongs to the same break-in is no change of this one: the other one's own message says so. An alert
never ends by itself, for what was done stays done: people close it.
"""

from typing import Any, Literal, NamedTuple

import msgspec

from pipeline.notify.word import Word
from pipeline.stores.alert import Alert
from pipeline.stores.gravity import rank, reaches
from pipeline.stores.harm import KINDS
from pipeline.words.words import ENGLISH, Words

State = Literal["raised", "updated", "closed"]


class Told(msgspec.Struct, frozen=True):
    """What somebody knows of an alert."""

    revision: int
    severity: str
    done: tuple[str, ...] = ()
    """Kinds of harm that were done."""
    tried: tuple[str, ...] = ()
    closed: bool = False
    word: str = ""
    """Id of what people said of it that was told last."""
    expected: bool = False
    """It is closed since somebody said so."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


class Change(NamedTuple):
    """That a revision is to be told, and why."""

    state: State
    sentences: tuple[str, ...] = ()
    """What is new since the last message."""
    word: str = ""
    """Id of what people said, where it is told for the first time; the first sentence says it."""


def find_change(
    alert: Alert, told: Told | None, least: str = "low", word: Word | None = None, words: Words = ENGLISH
) -> Change | None:
    """Whether a revision is to be told to somebody who knows this much of its alert; None where it is not.

    Parameters
    ----------
    told
        What is known; None where the alert is not.
    least
        Severity from which on an alert is told; one that was told is told of, whatever it becomes.
    word
        What people said of the alert; None where nobody did.
    words
        Of the language in which it is told.
    """
    said = (word.as_sentence(words),) if word and is_new(word, told) else ()
    key = word.id if word and said else ""
    expected = word is not None and word.verdict == "expected" and word.at >= alert.detected_at
    if told is None or (told.closed and not told.expected):
        new = (told is None or alert.revision > told.revision) and not expected
        return Change("raised", said, key) if new and alert.raised and reaches(alert.severity, least) else None
    newer = alert.revision > told.revision
    graver = _find_graver(alert, told, words) if newer else ()
    if told.expected:
        back = bool(said) and word is not None and word.verdict != "expected"
        why = () if back else (words.say("It was marked as expected, and is graver now."),)
        return Change("raised", (*said, *why, *graver), key) if alert.raised and (back or graver) else None
    if newer and not alert.raised:
        over = words.say("The drill is over: nobody did this.") if alert.drill else words.say("It is raised no more.")
        return Change("closed", (over,))
    if said and word is not None and word.verdict == "expected" and (expected or not graver):
        return Change("closed", said, key)
    return Change("updated", (*said, *graver), key) if said or graver else None


def know(alert: Alert, told: Told | None = None, word: Word | None = None, *, expected: bool = False) -> Told:
    """What somebody knows who was told a revision, besides what was known.

    Parameters
    ----------
    word
        What people said of it.
    expected
        Whether it is over for people because of that.
    """
    done = {harm.kind for harm in alert.harms if not harm.tried} | set(told.done if told else ())
    tried = {harm.kind for harm in alert.harms if harm.tried} | set(told.tried if told else ())
    known = told.severity if told and (told.expected or not told.closed) else alert.severity
    return Told(
        alert.revision, max(alert.severity, known, key=rank), tuple(sorted(done)), tuple(sorted(tried - done)),
        expected or not alert.raised, word.id if word else "", expected,
    )  # fmt: skip


def is_new(word: Word, told: Told | None) -> bool:
    """Whether what people said is to be told; that it was taken back only to whom it was told."""
    before = told.word if told else ""
    return word.id != before and bool(word.verdict or before)


def _find_graver(alert: Alert, told: Told, words: Words) -> tuple[str, ...]:
    """What makes a revision graver than what is known, as sentences."""
    sentences = []
    if rank(alert.severity) > rank(told.severity):
        was, now = words.find(told.severity), words.find(alert.severity)
        sentences.append(words.say("It was {was} and is {now} now.", was=was, now=now))
    did = [_say(harm.kind, harm.tried, words) for harm in alert.harms if _is_new(harm.kind, harm.tried, told)]
    if did:
        sentences.append(words.say("New since then: {what}.", what=", ".join(did)))
    return tuple(sentences)


def _is_new(kind: str, tried: bool, told: Told) -> bool:
    return kind not in told.done and (not tried or kind not in told.tried)


def _say(kind: str, tried: bool, words: Words) -> str:
    if kind in KINDS:
        return words.find(KINDS[kind].tried if tried else KINDS[kind].done)
    named = kind.replace("_", " ")
    return words.say("tried: {what}", what=named) if tried else named
