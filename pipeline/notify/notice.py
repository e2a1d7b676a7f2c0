"""What a person is told of an alert, whatever carries it: what happened, who it was, why it is odd, what to do next.

Every text in a notice is plain (`pipeline.notify.plain`) and bounded. Who carries it escapes it once more for where it
goes. A notice is made once and kept as it is until it was sent, so that the same id always says the same.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec

from pipeline.alerts.playbook import advise
from pipeline.alerts.reason_words import tell_reason
from pipeline.alerts.title_words import tell_title
from pipeline.alerts.wording import write_session
from pipeline.notify.change import Change
from pipeline.notify.plain import plain
from pipeline.stores.alert import Alert
from pipeline.stores.gravity import LEVELS, rank
from pipeline.words.catalogue import speak
from pipeline.words.dates import write_day, write_day_of_year
from pipeline.words.language import DEFAULT, Language
from pipeline.words.words import ENGLISH, Words, to_say

MOST_REASONS: Final = 3
MOST_STEPS: Final = 4
MOST_COMMANDS: Final = 2
MOST_ITEMS: Final = 20
"""Alerts that a digest names; the others it counts."""
_UTC: Final = ZoneInfo("UTC")
_HEADLINE: Final = 300
_LINE: Final = 400
_STEP: Final = 700
_COMMAND: Final = 600
_LINK: Final = 200
"""Characters."""
_STATES: Final = {"updated": to_say("updated"), "closed": to_say("over"), "digest": to_say("several")}
"""What kind of message it is, where it is not the first."""


class Do(msgspec.Struct, frozen=True):
    """One thing to do."""

    text: str
    commands: tuple[str, ...] = ()


class Item(msgspec.Struct, frozen=True):
    """An alert of a digest."""

    alert_id: str
    state: str
    severity: str
    headline: str
    link: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One message."""

    id: str
    """The same for the same message, however often it is sent."""
    state: Literal["raised", "updated", "closed", "digest", "test"]
    severity: str
    headline: str
    """What happened, in one sentence."""
    about: Literal["alert", "silence", "integrity", "model", "health"] = "alert"
    """An alert, or what an operator must know: an account that went quiet, logs that are not as they were delivered, a
    model that does not serve, a watch that is not well."""
    matter: str = ""
    """Id of what an operator must know; empty of alerts."""
    at: str
    """When it was found, ISO 8601; of a digest, when it was made."""
    deployment: str = "default"
    alert_id: str = ""
    revision: int = 0
    drill: bool = False
    """Nobody did this: it was made up to see whether it is found."""
    changed: tuple[str, ...] = ()
    """What is new since the last message."""
    principal: str = ""
    who: str = ""
    accounts: tuple[str, ...] = ()
    when: str = ""
    used: tuple[str, ...] = ()
    """With what and from where."""
    why: tuple[str, ...] = ()
    """Sentences: what is odd about it, the weightiest first."""
    steps: tuple[Do, ...] = ()
    related: int = 0
    """Other alerts of the same break-in."""
    items: tuple[Item, ...] = ()
    more: int = 0
    """Alerts of a digest that are not named."""
    link: str = ""
    """Address of its page; empty where none is configured."""
    language: Language = DEFAULT
    """That its sentences are in."""

    @property
    def subject(self) -> str:
        """Id of what it is about; empty of a digest or a test."""
        return self.alert_id or self.matter

    @property
    def words(self) -> Words:
        """The words of its language, for what stands around its sentences."""
        return speak(self.language)

    @property
    def label(self) -> str:
        """How grave it is and what kind of message, to begin a line with, as in `CRITICAL` or `HIGH, updated`."""
        words = self.words
        if self.state == "test":
            return words.say("TEST")
        parts = [words.say("DRILL")] if self.drill else []
        parts.append(words.find(self.severity).upper())
        return ", ".join([*parts, *([words.find(_STATES[self.state])] if self.state in _STATES else [])])

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the notices of one notifier."""

    notifier: str
    deployment: str = "default"
    zone: ZoneInfo = _UTC
    page_url: str = ""
    """Address of `oddtrail serve`, for links; none where it is empty."""
    language: Language = DEFAULT

    @property
    def words(self) -> Words:
        """The words of its language."""
        return speak(self.language)

    def tell(self, alert: Alert, change: Change) -> Notice:
        """The message of a change."""
        parts = [alert.alert_id, str(alert.revision), change.state, change.word]
        words = self.words
        return Notice(
            id=self.name_message(*filter(None, parts)), state=change.state, severity=alert.severity,
            headline=end(plain(tell_title(alert.title, alert.principal_name, words), _HEADLINE)),
            at=alert.detected_at.isoformat(),
            deployment=self.deployment, alert_id=plain(alert.alert_id, 64), revision=alert.revision,
            drill=bool(alert.drill), changed=tuple(plain(one, _LINE) for one in change.sentences),
            principal=plain(alert.principal_name, 200), who=self._tell_who(alert),
            accounts=tuple(plain(one, 20) for one in alert.accounts[:10]), when=self._tell_when(alert),
            used=tuple(
                plain(one, _LINE)
                for session in alert.sessions[:1]
                for one in write_session(msgspec.structs.replace(session, agents=()), self.zone, words)
            )[:4],
            why=tuple(
                end(_upper(plain(tell_reason(one, words), _LINE)))
                for one in sorted(alert.reasons, key=lambda one: -one.nats)[:MOST_REASONS]
            ),
            steps=tuple(
                Do(plain(step.text, _STEP), tuple(plain(line, _COMMAND) for line in step.commands[:MOST_COMMANDS]))
                for step in advise(alert, words)[:MOST_STEPS]
            ) if change.state != "closed" else (),
            related=len(alert.related), link=self._link(alert.alert_id), language=self.language,
        )  # fmt: skip

    def gather(self, notices: Sequence[Notice], why: str, now: datetime) -> Notice:
        """Several messages as one; the gravest first.

        Parameters
        ----------
        why
            Why they come together, as the end of a sentence.
        """
        ranked = sorted(notices, key=lambda one: (-rank(one.severity), one.at, one.id))
        last = {one.subject: one for one in sorted(notices, key=lambda one: one.revision)}
        named = [one for one in ranked if last[one.subject] is one]
        counts = Counter(one.severity for one in named)
        words = self.words
        listed = ", ".join(
            words.say("{n} {severity}", n=counts[level], severity=words.find(level))
            for level in reversed(LEVELS)
            if counts[level]
        )
        said = {"listed": f" ({listed})" if listed else "", "why": words.find(why)}
        if all(one.about == "alert" for one in named):
            headline = words.say_many(len(named), "{n} alert{listed} {why}.", "{n} alerts{listed} {why}.", **said)
        else:
            headline = words.say_many(len(named), "{n} message{listed} {why}.", "{n} messages{listed} {why}.", **said)
        return Notice(
            id=self.name_message("digest", *sorted(one.id for one in notices)), state="digest",
            severity=ranked[0].severity, headline=headline,
            at=now.isoformat(), deployment=self.deployment, drill=all(one.drill for one in named),
            items=tuple(
                Item(one.alert_id, one.state, one.severity, _say_drill(one, words), one.link)
                for one in named[:MOST_ITEMS]
            ),
            more=max(len(named) - MOST_ITEMS, 0), link=self.page_url, language=self.language,
        )  # fmt: skip

    def test(self, now: datetime) -> Notice:
        """A message that only says that messages arrive."""
        words = self.words
        test = words.say("This is a test of the notifier {name} of oddtrail: messages arrive here.", name=self.notifier)
        return Notice(
            id=self.name_message("test", now.isoformat()), state="test", severity="low", at=now.isoformat(),
            deployment=self.deployment, link=self.page_url,
            headline=test,
            why=(words.say("Somebody ran `oddtrail notify test`. Nothing happened in your accounts."),),
            steps=(Do(words.say("Nothing has to be done.")),), language=self.language,
        )  # fmt: skip

    def name_message(self, *parts: str) -> str:
        """Id of a message of some parts: the same for the same."""
        content = "\0".join((self.deployment, self.notifier, *parts)).encode("utf-8", "replace")
        return f"msg_{hashlib.blake2b(content, digest_size=16).hexdigest()}"

    def _link(self, alert_id: str) -> str:
        asked = urlencode({"id": alert_id}, errors="replace")
        return f"{self.page_url.rstrip('/')}/alert?{asked}" if self.page_url and len(asked) <= _LINK else self.page_url

    def _tell_who(self, alert: Alert) -> str:
        words, number = self.words, len(alert.members)
        others = words.say_many(number, " and {n} other alike", " and {n} others alike") if number else ""
        name, arn = plain(alert.principal_name, 200), plain(alert.principal, 300)
        return f"{name} ({plain(words.find(alert.principal_kind), 20)}){others}, {arn}"

    def _tell_when(self, alert: Alert) -> str:
        words = self.words
        start, over = alert.window_start.astimezone(self.zone), alert.window_end.astimezone(self.zone)
        same_day = start.date() == (over - timedelta(seconds=1)).date()
        until = f"{over:%H:%M}" if same_day else f"{write_day_of_year(over, words)}, {over:%H:%M}"
        late = words.say("; the records came late") if alert.late else ""
        begin = f"{write_day(start, words)}, {start:%H:%M}"
        return words.say("{begin} to {end} {zone}", begin=begin, end=until, zone=self.zone.key) + late


def end(sentence: str) -> str:
    """A sentence with its full stop.

    >>> end("It rains"), end("It rains."), end("cut…")
    ('It rains.', 'It rains.', 'cut…')
    """
    return sentence if sentence.endswith((".", "…", "!", "?")) else f"{sentence}."


def write_text(notice: Notice) -> list[str]:
    """A notice as lines of plain text: for mail, topics and terminals."""
    words = notice.words
    lines = [f"{notice.label}: {notice.headline}", *notice.changed]
    if notice.who:
        where = words.say_many(
            len(notice.accounts), "account {names}", "accounts {names}", names=", ".join(notice.accounts)
        )
        lines += ["", *(f"{name}: {text}" for name, text in list_facts(notice, where))]
    if notice.why:
        lines += ["", _head_why(notice)]
        lines += [f"- {sentence}" for sentence in notice.why]
    if notice.related:
        lines.append(f"- {tell_related(notice)}")
    if notice.steps:
        lines += ["", words.say("What to do next")]
        for number, step in enumerate(notice.steps, 1):
            lines += [f"{number}. {step.text}", *(f"   {command}" for command in step.commands)]
    if notice.items:
        lines.append("")
        lines += [f"- {tell_item(item, words)}{f' {item.link}' if item.link else ''}" for item in notice.items]
        lines += [f"- {tell_more(notice)}"] if notice.more else []
    return [*lines, "", *tell_foot(notice)]


def _head_why(notice: Notice) -> str:
    words = notice.words
    if notice.state == "test":
        return words.say("Why you got this")
    return words.say("Why it is odd") if notice.about == "alert" else words.say("What was found")


def list_facts(notice: Notice, where: str) -> list[tuple[str, str]]:
    """Who, where, when and with what, each by its name."""
    words = notice.words
    facts = [(words.say("Who"), notice.who), (words.say("Where"), where), (words.say("When"), notice.when)]
    used = (words.say("Used"), "; ".join(notice.used))
    return [*facts, used] if notice.used else facts


def tell_related(notice: Notice) -> str:
    """That other alerts belong to it."""
    words = notice.words
    return words.say_many(
        notice.related, "{n} other alert of the same break-in.", "{n} other alerts of the same break-in."
    )


def tell_item(item: Item, words: Words = ENGLISH) -> str:
    """An alert of a digest in one line."""
    parts = [words.find(item.severity), *([words.find(_STATES[item.state])] if item.state in _STATES else [])]
    named = f" ({item.alert_id[:12]})" if item.alert_id else ""
    return f"{', '.join(parts)}: {item.headline}{named}"


def tell_more(notice: Notice) -> str:
    """How many alerts a digest does not name."""
    words = notice.words
    return words.say_many(
        notice.more,
        "and {n} alert more: `oddtrail alerts list` has them all.",
        "and {n} alerts more: `oddtrail alerts list` has them all.",
    )


def tell_foot(notice: Notice) -> list[str]:
    """Where to read on: the page, and the command."""
    words = notice.words
    foot = [words.say("Open: {link}", link=notice.link)] if notice.link else []
    if notice.alert_id:
        command = f"oddtrail alerts show {notice.alert_id[:12]}"
        foot.append(words.say("On the machine: {command}", command=command))
    return [*foot, words.say("oddtrail, deployment {name}", name=notice.deployment)]


def _say_drill(notice: Notice, words: Words) -> str:
    return words.say("Drill: {what}", what=notice.headline) if notice.drill else notice.headline


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
