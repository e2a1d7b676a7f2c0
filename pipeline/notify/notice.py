"""What a person is told of an alert, whatever carries it: what happened, who it was, why it is odd, what to do next.

Every text in a notice is plain (`pipeline.notify.plain`) and bounded. Who carries it escapes it once more for where it
goes. A notice is made once and kept as it is until it was sent, so that the same id always says the same.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec

from pipeline.alerts.playbook import advise
from pipeline.alerts.wording import write_session
from pipeline.notify.change import LEVELS, Change, rank
from pipeline.notify.plain import plain
from pipeline.stores.alert import Alert
from pipeline.text.plural import plural

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

    @property
    def label(self) -> str:
        """How grave it is and what kind of message, to begin a line with, as in `CRITICAL` or `HIGH, updated`."""
        if self.state == "test":
            return "TEST"
        kind = {"raised": "", "updated": ", updated", "closed": ", over", "digest": ", several"}[self.state]
        return f"{'DRILL, ' if self.drill else ''}{self.severity.upper()}{kind}"

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

    def tell(self, alert: Alert, change: Change) -> Notice:
        """The message of a change."""
        parts = [alert.alert_id, str(alert.revision), change.state, change.word]
        return Notice(
            id=self._name(*filter(None, parts)), state=change.state,
            severity=alert.severity, headline=end(plain(alert.title, _HEADLINE)), at=alert.detected_at.isoformat(),
            deployment=self.deployment, alert_id=plain(alert.alert_id, 64), revision=alert.revision,
            drill=bool(alert.drill), changed=tuple(plain(one, _LINE) for one in change.sentences),
            principal=plain(alert.principal_name, 200), who=self._tell_who(alert),
            accounts=tuple(plain(one, 20) for one in alert.accounts[:10]), when=self._tell_when(alert),
            used=tuple(
                plain(one, _LINE)
                for session in alert.sessions[:1]
                for one in write_session(session, self.zone)
                if not one.startswith("with ")
            )[:4],
            why=tuple(
                end(_upper(plain(one.text, _LINE)))
                for one in sorted(alert.reasons, key=lambda one: -one.nats)[:MOST_REASONS]
            ),
            steps=tuple(
                Do(plain(step.text, _STEP), tuple(plain(line, _COMMAND) for line in step.commands[:MOST_COMMANDS]))
                for step in advise(alert)[:MOST_STEPS]
            ) if change.state != "closed" else (),
            related=len(alert.related), link=self._link(alert.alert_id),
        )  # fmt: skip

    def gather(self, notices: Sequence[Notice], why: str, now: datetime) -> Notice:
        """Several messages as one; the gravest first.

        Parameters
        ----------
        why
            Why they come together, as the end of a sentence.
        """
        ranked = sorted(notices, key=lambda one: (-rank(one.severity), one.at, one.id))
        last = {one.alert_id: one for one in sorted(notices, key=lambda one: one.revision)}
        named = [one for one in ranked if last[one.alert_id] is one]
        counts = Counter(one.severity for one in named)
        listed = ", ".join(f"{counts[level]} {level}" for level in reversed(LEVELS) if counts[level])
        return Notice(
            id=self._name("digest", *sorted(one.id for one in notices)), state="digest", severity=ranked[0].severity,
            headline=f"{plural(len(named), 'alert')}{f' ({listed})' if listed else ''} {why}.",
            at=now.isoformat(), deployment=self.deployment, drill=all(one.drill for one in named),
            items=tuple(
                Item(one.alert_id, one.state, one.severity, "Drill: " * one.drill + one.headline, one.link)
                for one in named[:MOST_ITEMS]
            ),
            more=max(len(named) - MOST_ITEMS, 0), link=self.page_url,
        )  # fmt: skip

    def test(self, now: datetime) -> Notice:
        """A message that only says that messages arrive."""
        return Notice(
            id=self._name("test", now.isoformat()), state="test", severity="low", at=now.isoformat(),
            deployment=self.deployment, link=self.page_url,
            headline=f"This is a test of the notifier {self.notifier} of oddtrail: messages arrive here.",
            why=("Somebody ran `oddtrail notify test`. Nothing happened in your accounts.",),
            steps=(Do("Nothing has to be done."),),
        )  # fmt: skip

    def _name(self, *parts: str) -> str:
        content = "\0".join((self.deployment, self.notifier, *parts)).encode("utf-8", "replace")
        return f"msg_{hashlib.blake2b(content, digest_size=16).hexdigest()}"

    def _link(self, alert_id: str) -> str:
        asked = urlencode({"id": alert_id}, errors="replace")
        return f"{self.page_url.rstrip('/')}/alert?{asked}" if self.page_url and len(asked) <= _LINK else self.page_url

    @staticmethod
    def _tell_who(alert: Alert) -> str:
        others = f" and {plural(len(alert.members), 'other')} alike" if alert.members else ""
        name, arn = plain(alert.principal_name, 200), plain(alert.principal, 300)
        return f"{name} ({plain(alert.principal_kind, 20)}){others}, {arn}"

    def _tell_when(self, alert: Alert) -> str:
        start, over = alert.window_start.astimezone(self.zone), alert.window_end.astimezone(self.zone)
        same_day = start.date() == (over - timedelta(seconds=1)).date()
        until = f"{over:%H:%M}" if same_day else f"{over:%a} {over.day} {over:%b, %H:%M}"
        late = "; the records came late" if alert.late else ""
        return f"{start:%a} {start.day} {start:%b %Y, %H:%M} to {until} {self.zone.key}{late}"


def end(sentence: str) -> str:
    """A sentence with its full stop.

    >>> end("It rains"), end("It rains."), end("cut…")
    ('It rains.', 'It rains.', 'cut…')
    """
    return sentence if sentence.endswith((".", "…", "!", "?")) else f"{sentence}."


def write_text(notice: Notice) -> list[str]:
    """A notice as lines of plain text: for mail, topics and terminals."""
    lines = [f"{notice.label}: {notice.headline}", *notice.changed]
    if notice.who:
        lines += ["", f"Who: {notice.who}", f"Where: {_name_accounts(notice.accounts)}", f"When: {notice.when}"]
        lines += [f"Used: {'; '.join(notice.used)}"] if notice.used else []
    if notice.why:
        lines += ["", "Why it is odd" if notice.state != "test" else "Why you got this"]
        lines += [f"- {sentence}" for sentence in notice.why]
    if notice.related:
        lines.append(f"- {tell_related(notice)}")
    if notice.steps:
        lines += ["", "What to do next"]
        for number, step in enumerate(notice.steps, 1):
            lines += [f"{number}. {step.text}", *(f"   {command}" for command in step.commands)]
    if notice.items:
        lines.append("")
        lines += [f"- {tell_item(item)}{f' {item.link}' if item.link else ''}" for item in notice.items]
        lines += [f"- {tell_more(notice)}"] if notice.more else []
    return [*lines, "", *tell_foot(notice)]


def tell_related(notice: Notice) -> str:
    """That other alerts belong to it."""
    return f"{plural(notice.related, 'other alert')} of the same break-in."


def tell_item(item: Item) -> str:
    """An alert of a digest in one line."""
    state = {"updated": ", updated", "closed": ", over"}.get(item.state, "")
    return f"{item.severity}{state}: {item.headline} ({item.alert_id[:12]})"


def tell_more(notice: Notice) -> str:
    """How many alerts a digest does not name."""
    return f"and {plural(notice.more, 'alert')} more: `oddtrail alerts list` has them all."


def tell_foot(notice: Notice) -> list[str]:
    """Where to read on: the page, and the command."""
    foot = [f"Open: {notice.link}"] if notice.link else []
    if notice.alert_id:
        foot.append(f"On the machine: oddtrail alerts show {notice.alert_id[:12]}")
    return [*foot, f"oddtrail, deployment {notice.deployment}"]


def _name_accounts(accounts: Iterable[str]) -> str:
    names = list(accounts)
    return f"account{'s' * (len(names) != 1)} {', '.join(names)}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
