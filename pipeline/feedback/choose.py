"""What can be said of an alert: which of its values may become usual, and which days are not learnt.

Only what the alert's own reasons name can be expected, and of it calls, places, tools and resources: a denial, what was
opened to others, a fact such as a login without MFA, and how much was done are told as ever.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, NamedTuple, cast
from zoneinfo import ZoneInfo

from features.activity.dimensions import find_dimension
from models.declared import can_declare
from models.explain import COUNTED
from pipeline.errors import OddtrailError
from pipeline.stores.alert import Alert, AlertReason
from pipeline.stores.jsonl.marks import LONGEST_NOTE, MOST_DAYS, Mark, Value, Verdict
from pipeline.words.words import to_say

Said = Literal["expected", "malicious", "unsure"]
SAID: Final[tuple[Said, ...]] = ("expected", "malicious", "unsure")
Scope = Literal["principal", "group"]
SCOPES: Final[tuple[Scope, ...]] = ("principal", "group")
KINDS: Final = {"read": "call", "write": "call", "place": "place", "tool": "tool", "resource": "resource"}
"""What a person calls a value, by its dimension's family."""
EXPECTED_DAYS: Final = 90
"""Days for which something is expected, unless somebody says otherwise: a quarter, after which it is habit or over."""
MOST_EXPECTED_DAYS: Final = 730
FROZEN_DAYS: Final = 14
"""Days that are kept out of learning, at most, where nobody says how many: an alert is looked at within them."""


class MarkError(OddtrailError):
    """That cannot be said of the alert."""


class Named(NamedTuple):
    """A value that the alert's reasons name and that can be expected."""

    kind: str
    """call, place, tool or resource."""
    noun: str
    """What an analyst calls it: call, country, bucket."""
    value: Value
    nats: float

    @property
    def key(self) -> str:
        """As it is asked for.

        >>> Named("call", "call", Value("write", "iam:CreateUser"), 4.2).key
        'call=iam:CreateUser'
        """
        return f"{self.kind}={self.value.value}"

    @property
    def text(self) -> str:
        """The value as an analyst writes it.

        >>> Named("place", "network operator", Value("asn", "64514"), 4.2).text
        'AS64514'
        """
        return find_dimension(self.value.dimension).wording.format(self.value.value)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody says of an alert."""

    verdict: Said
    wanted: tuple[str, ...] = ()
    """What is expected: a kind, or a kind and a value as in place=KR; all that can be where none is named."""
    scope: Scope = "principal"
    days: int | None = None
    """Of expected, until it expires; of malicious, how many are not learnt from the alert's on."""
    note: str = ""
    by: str = ""
    source: Literal["command", "page", "index"] = "command"
    external: str = field(default="", kw_only=True)


def find_named(alert: Alert) -> list[Named]:
    """What of an alert can be expected, the weightiest first, each value once."""
    found: dict[Value, Named] = {}
    for reason in sorted(alert.reasons, key=lambda reason: -reason.nats):
        if can_name(reason):
            dimension, value = find_dimension(reason.dimension), Value(reason.dimension, reason.value)
            found.setdefault(value, Named(KINDS[dimension.family], dimension.noun, value, reason.nats))
    return list(found.values())


def can_name(reason: AlertReason) -> bool:
    """Whether what a reason speaks of can be expected."""
    return reason.feature not in COUNTED and can_declare(reason.dimension) and bool(reason.value)


def choose(alert: Alert, wanted: Sequence[str]) -> tuple[Value, ...]:
    """Values of an alert that somebody names; all that can be expected where he names none.

    Raises
    ------
    MarkError
        The alert names none such.
    """
    there = find_named(alert)
    if not there:
        raise MarkError(
            to_say(
                "nothing of this alert can be expected: denied calls, what was opened to others, facts and counts are "
                "told as ever; mark it unsure to keep a note"
            )
        )
    chosen: list[Value] = []
    for text in wanted:
        kind, _, value = text.partition("=")
        fits = [one for one in there if one.kind == kind.strip() and value.strip() in ("", one.value.value)]
        if not fits:
            keys = ", ".join(one.key[:80] for one in there)
            raise MarkError(f"this alert names no {text[:80]!r} that can be expected; there are {keys}")
        chosen += [one.value for one in fits]
    return tuple(dict.fromkeys(chosen)) or tuple(one.value for one in there)


def make_mark(alert: Alert, asked: Asked, mark_id: str, now: datetime, zone: ZoneInfo) -> Mark:
    """What somebody says of an alert, as it is kept.

    Parameters
    ----------
    mark_id
        Twelve hexadecimal digits that nobody guesses.
    zone
        The deployment's.

    Raises
    ------
    MarkError
        It cannot be said of this alert.
    """
    if len(asked.note) > LONGEST_NOTE:
        raise MarkError(f"the note has {len(asked.note):,} characters: give {LONGEST_NOTE:,} at most")
    if not asked.by.strip():
        raise MarkError("nobody says who marks it: give a name by --by")
    today = now.astimezone(zone).date()
    values: tuple[Value, ...] = ()
    until: date | None = None
    days: tuple[date, ...] = ()
    if asked.verdict == "expected":
        values = choose(alert, asked.wanted)
        until = today + timedelta(days=_bound(asked.days, EXPECTED_DAYS, MOST_EXPECTED_DAYS) + 1)
    elif asked.wanted or asked.scope != "principal":
        raise MarkError(f"{asked.verdict} is about the principal: what and for whom is said of what is expected")
    elif asked.verdict == "malicious":
        since = max((today - alert.day).days + 1, 1)
        count = _bound(asked.days, min(since, FROZEN_DAYS), MOST_DAYS)
        days = tuple(alert.day + timedelta(days=number) for number in range(count))
    elif asked.days is not None:
        raise MarkError("unsure keeps a note and nothing else: it takes no days")
    return Mark(
        id=mark_id,
        at=now.astimezone(UTC),
        by=_sound(asked.by)[:200],
        source=asked.source,
        verdict=cast(Verdict, asked.verdict),
        note=_sound(asked.note),
        alert_id=alert.alert_id,
        principal=alert.principal_key,
        principal_name=alert.principal_name[:200],
        scope=asked.scope,
        values=values,
        until=until,
        days=days,
        external=asked.external,
    )


def undo_mark(mark: Mark, every: Iterable[Mark], mark_id: str, by: str, note: str, now: datetime) -> Mark:
    """The mark that takes another back.

    Raises
    ------
    MarkError
        It was taken back before, is itself what takes one back, or nobody says who does it.
    """
    if not by.strip():
        raise MarkError("nobody says who takes it back: give a name by --by")
    if mark.verdict == "undone" or any(one.undoes == mark.id for one in every):
        raise MarkError(f"mark {mark.id} counts no more already: `oddtrail alerts marks --all` shows why")
    return Mark(
        id=mark_id,
        at=now.astimezone(UTC),
        by=_sound(by)[:200],
        verdict="undone",
        note=_sound(note)[:LONGEST_NOTE],
        alert_id=mark.alert_id,
        principal=mark.principal,
        principal_name=mark.principal_name,
        undoes=mark.id,
        undone=len(mark.entries()),
    )


def _sound(text: str) -> str:
    """Text that a file can hold, whatever bytes somebody typed."""
    return text.encode("utf-8", "replace").decode().strip()


def _bound(given: int | None, default: int, most: int) -> int:
    if given is None:
        return default
    if not 1 <= given <= most:
        raise MarkError(f"--days is {given}: give 1 to {most}")
    return given
