"""The hours of an alert as a story: which session, from where and with what, then which calls, and what was denied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

Row = Mapping[str, Any]
"""An event with the columns of `COLUMNS`."""

COLUMNS = (
    "event_id, event_time, account, region, action, write, error, error_code, principal, principal_name, kind, "
    "identity_arn, permission_set, session, session_name, session_start, mfa, invoked_by, address, address_kind, "
    "country, city, asn, organisation, network, agent, resources, exposures, facts"
)
"""Columns of an event that a story needs."""


@dataclass(frozen=True)
class Line:
    """One line of a story."""

    time: datetime
    text: str
    denied: bool = False
    opens: bool = False
    """Opens a session: who, from where, with what."""


@dataclass(frozen=True)
class Story:
    """What a principal did in some hours."""

    lines: Sequence[Line]
    left_out: int
    """Calls of the same hours without a line: the principal's usual ones, or too many."""


def tell(rows: Sequence[Row], total: int, calls: int = 20) -> Story:
    """Tell the calls that made an alert, in the order in which they happened.

    Parameters
    ----------
    rows
        The alert's events, those that weigh most first.
    total
        Events of its principals in its hours, with a line or without.
    calls
        Lines of calls at most: those that open something, then those that change something, then those that only
        read; of each, those that weigh most.
    """
    weight = {row["event_id"]: position for position, row in enumerate(rows)}
    ordered = sorted(rows, key=lambda row: (row["event_time"], row["event_id"]))
    runs = [
        list(same)
        for _, session in groupby(ordered, key=_describe_session)
        for _, same in groupby(list(session), key=_call_of)
    ]
    kept = sorted(runs, key=lambda run: (_rank(run[0]), min(weight[row["event_id"]] for row in run)))[:calls]
    kept.sort(key=lambda run: (run[0]["event_time"], run[0]["event_id"]))
    lines: list[Line] = []
    for opening, of_session in groupby(kept, key=lambda run: _describe_session(run[0])):
        region = ""
        for position, run in enumerate(of_session):
            if not position:
                lines.append(Line(run[0]["event_time"], opening, opens=True))
            moved = run[0]["region"] not in ("", region)
            lines.append(_write_line(run, in_region=run[0]["region"] if moved else ""))
            region = run[0]["region"] or region
    return Story(lines, left_out=max(total - sum(map(len, kept)), 0))


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


def _rank(row: Row) -> int:
    """What opens something comes before what changes something, that before what only reads."""
    return 0 if row["exposures"] else 1 if row["write"] else 2


def _describe_session(row: Row) -> str:
    role = row["permission_set"] or row["identity_arn"].rpartition("/")[2] or row["principal_name"]
    parts = [f"{role} in {row['account']}", f"from {describe_place(row)}"]
    if row["agent"]:
        parts.append(f"with {row['agent']}")
    if row["mfa"] is not None and row["kind"] in ("human", "root"):
        parts.append("MFA" if row["mfa"] else "no MFA")
    if row["session_start"]:
        parts.append(f"session of {row['session_start']:%d %b %H:%M}")
    return ", ".join(parts)


def _call_of(row: Row) -> tuple[Any, ...]:
    """What makes calls that follow each other the same."""
    return row["action"], row["error"], row["region"], tuple(row["resources"]), tuple(row["exposures"])


def _write_line(run: Sequence[Row], in_region: str) -> Line:
    row, resources = run[0], run[0]["resources"]
    text = f"{row['action']}" + (f" ×{len(run)}" if len(run) > 1 else "")
    if resources:
        text += "  " + ", ".join(resources[:3]) + (f" and {len(resources) - 3} more" if len(resources) > 3 else "")
    if row["exposures"]:
        text += "  opens to " + ", ".join(row["exposures"][:3])
    if in_region:
        text += f"  in {in_region}"
    if row["error"]:
        text += f"  {row['error']}" + (f" ({row['error_code']})" if row["error_code"] else "")
    return Line(row["event_time"], text, denied=row["error"] == "denied")
