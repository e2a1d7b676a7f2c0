"""Whose credentials a recording steals: principals of the simulated company, drawn by seed from its own records."""

import gzip
import random
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.recordings import Victim

LEAST_DAYS: Final = 5
"""Days of history on which a victim was active: someone with habits of its own."""
SSO: Final = "/aws-reserved/sso.amazonaws.com/"
INSIDE: Final = tuple(
    IPv4Network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10")
)


class Line(msgspec.Struct, rename="camel"):
    """What choosing a victim needs of a record."""

    event_time: datetime
    aws_region: str
    event_id: str = msgspec.field(name="eventID")
    user_identity: msgspec.Raw = msgspec.Raw(b"{}")
    source_ip_address: str = msgspec.field(name="sourceIPAddress", default="")
    user_agent: str = ""
    recipient_account_id: str = ""


class File(msgspec.Struct):
    """A delivered file."""

    records: list[Line] = msgspec.field(name="Records", default_factory=list)


@dataclass(slots=True)
class Candidate:
    """A principal that may become a victim."""

    person: bool
    history: set[date] = field(default_factory=set)
    """Days before the test on which it was active."""
    lines: dict[date, Line] = field(default_factory=dict)
    """A record of each test day, the one whose id has the smallest checksum."""


def who(identity: dict[str, Any]) -> tuple[str, bool]:
    """Return a key that outlives sessions, and whether it is a person; an empty key for what cannot be a victim.

    >>> who({"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ann"})
    ('arn:aws:iam::111122223333:user/ann', True)
    >>> issuer = {"arn": "arn:aws:iam::111122223333:role/app"}
    >>> who({"type": "AssumedRole", "sessionContext": {"sessionIssuer": issuer}})
    ('arn:aws:iam::111122223333:role/app', False)
    >>> who({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"})
    ('', False)
    """
    if identity.get("invokedBy"):
        return "", False
    if identity.get("type") == "IAMUser":
        return str(identity.get("arn", "")), True
    issuer = str((identity.get("sessionContext") or {}).get("sessionIssuer", {}).get("arn", ""))
    if identity.get("type") != "AssumedRole" or "/aws-service-role/" in issuer:
        return "", False
    return (str(identity.get("arn", "")).rpartition("/")[2], True) if SSO in issuer else (issuer, False)


def outside(address: str) -> bool:
    """Return whether an address is one of the open internet.

    >>> outside("203.0.113.7"), outside("10.1.2.3"), outside("lambda.amazonaws.com")
    (True, False, False)
    """
    try:
        parsed = IPv4Address(address)
    except AddressValueError:
        return False
    return not any(parsed in block for block in INSIDE)


def scan(files: Iterable[Path], test_from: datetime, attacks: Collection[str]) -> dict[str, Candidate]:
    """Return the principals that called from the open internet, without the days on which they are attacked.

    Parameters
    ----------
    files
        The company's delivered files.
    test_from
        First instant of the test.
    attacks
        Event ids of campaigns that are planted already; who made them is no victim again.
    """
    decoder = msgspec.json.Decoder(File)
    memo: dict[bytes, tuple[str, bool]] = {}
    candidates: dict[str, Candidate] = {}
    attacked: set[str] = set()
    for path in sorted(files):
        for line in decoder.decode(gzip.decompress(path.read_bytes())).records:
            raw = bytes(line.user_identity)
            if raw not in memo:
                memo[raw] = who(msgspec.json.decode(raw))
            key, person = memo[raw]
            if line.event_id in attacks:
                attacked.add(key)
            if not key or not outside(line.source_ip_address) or not line.user_agent:
                continue
            candidate = candidates.setdefault(key, Candidate(person))
            day = line.event_time.date()
            if line.event_time < test_from:
                candidate.history.add(day)
                continue
            kept = candidate.lines.get(day)
            if kept is None or _checksum(line) < _checksum(kept):
                candidate.lines[day] = line
    return {
        key: candidate
        for key, candidate in sorted(candidates.items())
        if candidate.lines and len(candidate.history) >= LEAST_DAYS and key not in attacked
    }


def draw(candidates: dict[str, Candidate], number: int, seed: int) -> list[tuple[Victim, datetime]]:
    """Return victims and the time of their first stolen call, people and machines in turn, days spread over the test.

    A principal is drawn once, or where there are fewer candidates than victims, once a day.

    Parameters
    ----------
    candidates
        As `scan` returns them.
    number
        How many victims.
    seed
        Seed of the choice.
    """
    choice = random.Random(f"victims {seed}")
    days = sorted({day for candidate in candidates.values() for day in candidate.lines})
    if not days:
        raise ValueError("nobody in this company can be a victim; simulate more days or principals")
    spread = [days[round((position + 0.5) * len(days) / number - 0.5)] for position in range(number)]
    choice.shuffle(spread)
    drawn: list[tuple[Victim, datetime]] = []
    used: set[str] = set()
    taken: set[tuple[str, date]] = set()
    for position, day in enumerate(spread):
        there = [key for key, candidate in candidates.items() if day in candidate.lines and (key, day) not in taken]
        fresh = [key for key in there if key not in used] or there
        alike = [key for key in fresh if candidates[key].person == (position % 2 == 0)] or fresh
        if not alike:
            raise ValueError(f"nobody is left to attack on {day}; simulate more principals")
        key = choice.choice(alike)
        used.add(key)
        taken.add((key, day))
        line = candidates[key].lines[day]
        victim = Victim(
            msgspec.json.decode(line.user_identity),
            line.recipient_account_id,
            line.aws_region,
            line.source_ip_address,
            line.user_agent,
        )
        drawn.append((victim, line.event_time + timedelta(seconds=choice.randint(60, 1200))))
    return drawn


def _checksum(line: Line) -> int:
    return zlib.crc32(line.event_id.encode())
