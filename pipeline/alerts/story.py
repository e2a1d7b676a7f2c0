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
    "identity_arn, permission_set, session, session_start, mfa, invoked_by, address, address_kind, country, city, asn, "
    "organisation, network, agent, resources, exposures, facts"
)
"""Columns of an event that a story is told from."""


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
    """What is told of a principal's hours."""

    lines: Sequence[Line]
    left_out: int
    """Calls of the same hours that are not told: the principal's usual ones, or too many."""


def tell(rows: Sequence[Row], total: int, calls: int = 20) -> Story:
    """Tell the calls that made an alert, in the order in which they happened.

    Parameters
    ----------
    rows
        The alert's events, those that weigh most first.
    total
        Events of its principals in its hours, told or not.
    calls
        Lines of calls at most; what opens something is told before what changes something, that before what only
        reads, and what weighs more before what weighs less.
    """
    weight = {row["event_id"]: place for place, row in enumerate(rows)}
    ordered = sorted(rows, key=lambda row: (row["event_time"], row["event_id"]))
    runs = [
        list(same) for _, session in groupby(ordered, key=_opening) for _, same in groupby(list(session), key=_call)
    ]
    kept = sorted(runs, key=lambda run: (_telling(run[0]), min(weight[row["event_id"]] for row in run)))[:calls]
    kept.sort(key=lambda run: (run[0]["event_time"], run[0]["event_id"]))
    lines: list[Line] = []
    for opening, of_session in groupby(kept, key=lambda run: _opening(run[0])):
        region = ""
        for place, run in enumerate(of_session):
            if not place:
                lines.append(Line(run[0]["event_time"], opening, opens=True))
            moved = run[0]["region"] not in ("", region)
            lines.append(_line(run, in_region=run[0]["region"] if moved else ""))
            region = run[0]["region"] or region
    return Story(lines, left_out=max(total - sum(map(len, kept)), 0))


def place(row: Row) -> str:
    """Where a call came from, as an analyst would say it.

    >>> place({"address": "198.51.100.7", "network": "office", "country": "KR", "city": "Seoul"})
    'office (198.51.100.7, Seoul, KR)'
    """
    known = [row.get("city"), row.get("country"), _operator(row)]
    if row.get("network"):
        return f"{row['network']} ({', '.join(filter(None, [row.get('address'), *known]))})"
    described = ", ".join(filter(None, known))
    return f"{row.get('address') or 'an unknown address'}" + (f" ({described})" if described else "")


def _operator(row: Row) -> str:
    asn, organisation = row.get("asn"), row.get("organisation")
    return f"AS{asn} {organisation}".strip() if asn and organisation else f"AS{asn}" if asn else organisation or ""


def _telling(row: Row) -> int:
    return 0 if row.get("exposures") else 1 if row.get("write") else 2


def _opening(row: Row) -> str:
    role = (
        row.get("permission_set") or str(row.get("identity_arn") or "").rpartition("/")[2] or row.get("principal_name")
    )
    parts = [f"{role} in {row['account']}", f"from {place(row)}"]
    if row.get("agent"):
        parts.append(f"with {row['agent']}")
    if row.get("mfa") is not None and row.get("kind") in ("human", "root"):
        parts.append("MFA" if row["mfa"] else "no MFA")
    if row.get("session_start"):
        parts.append(f"session of {row['session_start']:%d %b %H:%M}")
    return ", ".join(parts)


def _call(row: Row) -> tuple[Any, ...]:
    return (
        row["action"],
        row["error"],
        row.get("region"),
        tuple(row.get("resources") or ()),
        tuple(row.get("exposures") or ()),
    )


def _line(run: Sequence[Row], in_region: str) -> Line:
    row = run[0]
    text = f"{row['action']}" + (f" ×{len(run)}" if len(run) > 1 else "")
    touched = [*(row.get("resources") or ())]
    if touched:
        text += "  " + ", ".join(touched[:3]) + (f" and {len(touched) - 3} more" if len(touched) > 3 else "")
    if row.get("exposures"):
        text += "  opens to " + ", ".join(row["exposures"][:3])
    if in_region:
        text += f"  in {in_region}"
    if row.get("error"):
        text += f"  {row['error']}" + (f" ({row['error_code']})" if row.get("error_code") else "")
    return Line(row["event_time"], text, denied=row["error"] == "denied")
