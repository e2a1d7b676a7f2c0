"""The hours of an alert as a story: which session, from where and with what, then which calls, and what was denied.

Calls of a session that differ only in what they touch are one line. Where there is no room for all lines, each reason
keeps the line that it rests on, whatever the noise; then come those that carry most evidence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from models.openings import word_opening
from pipeline.stores.alert import Alert, AlertLine

Row = Mapping[str, Any]
"""An event with the columns of `COLUMNS`."""

COLUMNS = (
    "event_id, event_time, account, region, action, write, error, error_code, principal, principal_name, kind, "
    "identity_arn, permission_set, session, session_name, session_start, mfa, invoked_by, address, address_kind, "
    "country, city, asn, organisation, network, agent, user_agent, issued_key, resources, exposures, facts"
)
"""Columns of an event that a story needs."""
MOST_NAMED = 3
"""Resources of a line that are named; the others are counted."""


@dataclass(frozen=True)
class Line:
    """One line of a story."""

    time: datetime
    text: str
    denied: bool = False
    opens: bool = False
    """Opens a session: who, from where, with what."""
    calls: int = 0
    """Calls that it stands for."""
    until: datetime | None = None
    """When the last of them was made."""
    nats: float = field(default=0.0, compare=False)
    """Evidence that rests on its calls; none where it is told from what an alert kept."""


@dataclass(frozen=True)
class Story:
    """What a principal did in some hours."""

    lines: Sequence[Line]
    left_out: int
    """Calls of the same hours without a line: the principal's usual ones, or too many."""


def keep_story(story: Story) -> tuple[AlertLine, ...]:
    """The story's lines as an alert keeps them."""
    return tuple(
        AlertLine(
            time=line.time, until=line.until, text=line.text, calls=line.calls, denied=line.denied, opens=line.opens
        )
        for line in story.lines
    )


def recall_story(alert: Alert) -> Story | None:
    """The story that an alert keeps; None where it keeps none."""
    if not alert.story:
        return None
    lines = [Line(line.time, line.text, line.denied, line.opens, line.calls, line.until) for line in alert.story]
    return Story(lines, left_out=max(alert.event_count - sum(line.calls for line in lines), 0))


@dataclass(frozen=True)
class Weight:
    """A reason, as a story needs it."""

    nats: float
    events: frozenset[str]
    """Ids of the events that hold its value."""


@dataclass
class _Fold:
    """Calls of a session that differ only in what they touch."""

    rows: list[Row] = field(default_factory=list)
    nats: float = 0.0
    reasons: set[int] = field(default_factory=set)

    @property
    def order(self) -> tuple[float, int, datetime, str]:
        """Sorts what carries most first; then what opens something, what changes something, what only reads."""
        row = self.rows[0]
        rank = 0 if row["exposures"] else 1 if row["write"] else 2
        return -round(self.nats, 6), rank, row["event_time"], row["event_id"]

    @property
    def began(self) -> tuple[datetime, str]:
        """When it began."""
        return self.rows[0]["event_time"], self.rows[0]["event_id"]


def tell(rows: Sequence[Row], total: int, calls: int = 20, reasons: Sequence[Weight] = (), zone: tzinfo = UTC) -> Story:
    """Tell the calls that made an alert, a session at a time, in the order in which they happened.

    Parameters
    ----------
    rows
        Its events.
    total
        Events of its principal in its hours, with a line or without.
    calls
        Lines of calls at most.
    reasons
        Why they are odd. A reason's nats are shared by the events that hold its value, so that one call that nobody
        ever makes weighs more than each of the hundred that only came from the same place.
    zone
        Of the times that a line's text names.
    """
    kept = _choose(_fold(rows, reasons, zone), calls, reasons)
    lines: list[Line] = []
    sessions: dict[str, list[_Fold]] = {}
    for fold in sorted(kept, key=lambda fold: fold.began):
        sessions.setdefault(describe_session(fold.rows[0], zone), []).append(fold)
    for opening, folds in sessions.items():
        lines.append(Line(folds[0].rows[0]["event_time"], opening, opens=True))
        region = ""
        for fold in folds:
            here = str(fold.rows[0]["region"])
            line = _write_line(fold.rows, in_region=here if here not in ("", region) else "")
            lines.append(replace(line, nats=fold.nats))
            region = here or region
    return Story(lines, left_out=max(total - sum(len(fold.rows) for fold in kept), 0))


def _fold(rows: Sequence[Row], reasons: Sequence[Weight], zone: tzinfo) -> list[_Fold]:
    held: dict[str, list[int]] = {}
    for number, reason in enumerate(reasons):
        for event_id in reason.events:
            held.setdefault(event_id, []).append(number)
    folds: dict[tuple[Any, ...], _Fold] = {}
    for row in sorted(rows, key=lambda row: (row["event_time"], row["event_id"])):
        fold = folds.setdefault((describe_session(row, zone), *_call_of(row)), _Fold())
        fold.rows.append(row)
        for number in held.get(row["event_id"], ()):
            fold.nats += reasons[number].nats / len(reasons[number].events)
            fold.reasons.add(number)
    return list(folds.values())


def _choose(folds: list[_Fold], calls: int, reasons: Sequence[Weight]) -> list[_Fold]:
    """The lines there is room for: of each reason in turn the one it rests on most, then those that carry most."""
    ordered = sorted(folds, key=lambda fold: fold.order)
    chosen: dict[int, _Fold] = {}
    for number in sorted(range(len(reasons)), key=lambda number: -reasons[number].nats):
        if not any(number in fold.reasons for fold in chosen.values()):
            chosen.update({id(fold): fold for fold in [f for f in ordered if number in f.reasons][:1]})
    for fold in ordered:
        chosen.setdefault(id(fold), fold)
    return list(chosen.values())[:calls]


def describe_place(row: Row) -> str:
    """Where a call came from, as an analyst would say it.

    >>> seoul = {"address": "198.51.100.7", "country": "KR", "city": "Seoul", "asn": 64500, "organisation": ""}
    >>> describe_place(seoul | {"network": "office"})
    'office (198.51.100.7, Seoul, KR, AS64500)'
    >>> describe_place(seoul | {"network": "", "organisation": "Example"})
    '198.51.100.7 (Seoul, KR, AS64500 Example)'
    """
    known = [row["city"], row["country"], _name_operator(row)]
    if row["network"]:
        return f"{row['network']} ({', '.join(filter(None, [row['address'], *known]))})"
    described = ", ".join(filter(None, known))
    return f"{row['address'] or 'an unknown address'}" + (f" ({described})" if described else "")


def _name_operator(row: Row) -> str:
    number, organisation = f"AS{row['asn']}" if row["asn"] else "", row["organisation"]
    return " ".join(filter(None, [number, organisation]))


_SESSION: Final = (
    "permission_set", "identity_arn", "principal_name", "kind", "account", "network", "address", "city", "country",
    "asn", "organisation", "agent", "session", "mfa", "session_start", "session_name",
)  # fmt: skip
"""Columns that say whose session it is, from where and with what."""
_read_session: Final = itemgetter(*_SESSION)


def describe_session(row: Row, zone: tzinfo = UTC) -> str:
    """Who called, from where and with what: what opens a session's lines."""
    return _describe_session(_read_session(row), zone)


@lru_cache(4096)
def _describe_session(of: tuple[Any, ...], zone: tzinfo) -> str:
    """The same for all calls of a session, of which an alert may hold thousands."""
    row = dict(zip(_SESSION, of, strict=True))
    role = row["permission_set"] or row["identity_arn"].rpartition("/")[2] or row["principal_name"]
    parts = [f"{'root' if row['kind'] == 'root' else role} in {row['account']}", f"from {describe_place(row)}"]
    if row["agent"]:
        parts.append(f"with {row['agent']}")
    key = read_key(row["session"])
    if key:
        parts.append(f"key {key}")
    if row["mfa"] is not None and row["kind"] in ("human", "root"):
        parts.append("MFA" if row["mfa"] else "no MFA")
    if row["session_start"]:
        named = f"session {row['session_name']}" if row["session_name"] else "session"
        parts.append(f"{named} of {row['session_start'].astimezone(zone):%d %b %H:%M}")
    elif row["session_name"]:
        parts.append(f"session {row['session_name']}")
    return ", ".join(parts)


def read_key(session: str) -> str:
    """The access key id of a session as events hold it.

    >>> read_key("ASIAEXAMPLE/2026-03-02T08:30:00Z"), read_key("AKIAEXAMPLE"), read_key("")
    ('ASIAEXAMPLE', 'AKIAEXAMPLE', '')
    """
    return session.partition("/")[0]


def _call_of(row: Row) -> tuple[Any, ...]:
    """What calls of one line have in common."""
    return row["action"], row["error"], row["region"], tuple(row["exposures"])


def _write_line(rows: Sequence[Row], in_region: str) -> Line:
    row = rows[0]
    text = f"{len(rows):,} × {row['action']}" if len(rows) > 1 else str(row["action"])
    touched = list(dict.fromkeys(token for row in rows for token in row["resources"]))
    if touched:
        text += f": {_name_touched(touched)}"
    parts = [_word_exposure(token, row["error"]) for token in list(row["exposures"])[:MOST_NAMED]]
    if len(row["exposures"]) > MOST_NAMED:
        parts[-1] += f" and {len(row['exposures']) - MOST_NAMED} more"
    if in_region:
        parts.append(f"in {in_region}")
    if row["error"]:
        codes = list(dict.fromkeys(str(row["error_code"]) for row in rows if row["error_code"]))[:MOST_NAMED]
        parts.append(_ENDED.get(str(row["error"]), str(row["error"])) + (f" ({', '.join(codes)})" if codes else ""))
    text = ", ".join([text, *parts])
    last = rows[-1]["event_time"]
    return Line(
        row["event_time"], text, row["error"] == "denied", calls=len(rows), until=last if len(rows) > 1 else None
    )


_ENDED = {
    "credential": "failed, bad credentials",
    "probe": "failed, no such thing",
    "conflict": "failed, in conflict",
    "validation": "failed, not valid",
    "throttle": "slowed down by AWS",
}


def _word_exposure(token: str, error: str) -> str:
    what = "" if token.startswith("policy:") else "it"
    return f"would have {word_opening(token, what)}" if error else word_opening(token, what)


def _name_touched(tokens: Sequence[str]) -> str:
    """What was touched, its type said once.

    >>> _name_touched(["secret:a", "secret:b", "secret:c", "secret:d"])
    'secret a, b, c and 1 more'
    >>> _name_touched(["instance:i-1", "document:AWS-RunShellScript"])
    'instance i-1, document AWS-RunShellScript'
    """
    said = []
    before = ""
    for token in tokens[:MOST_NAMED]:
        kind, _, name = token.partition(":")
        said.append(name if kind == before else f"{kind.replace('_', ' ')} {name}")
        before = kind
    more = len(tokens) - MOST_NAMED
    return ", ".join(said) + (f" and {more:,} more" if more > 0 else "")
