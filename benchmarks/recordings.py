"""Recorded attacks, given to a principal of a simulated company: as if that principal's credentials had been stolen.

Replaced are account, principal, access key, time, region, address and user agent, and every event id; what was called,
on what, and with what result stays as recorded. How loudly a recording is played is a rule, fixed before any run:

| degree | network | user agent | calls |
|---|---|---|---|
| loud | a hosting provider in a country that nobody in the company uses | of an attacker's tool | all |
| medium | a hosting provider in the country the victim calls from | the victim's own | at most 30 |
| stealthy | the victim's own | the victim's own | at most 10 |

Region, session and key are the victim's own in all three. Calls over the limit go, repeated ones first.
The i-th recording by name has in the k-th company the degree number (i + k) mod 3 of stealthy, medium, loud.
"""

import copy
import gzip
import json
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from benchmarks.campaigns import STEALTHY_CALLS, Campaign, Degree

FOLDER: Final = Path(__file__).resolve().parent / "data" / "recordings"
MOST_CALLS: Final[Mapping[Degree, int]] = {"loud": 10_000, "medium": 30, "stealthy": STEALTHY_CALLS}
ORDER: Final[tuple[Degree, ...]] = ("stealthy", "medium", "loud")
EVENT_IDS: Final = uuid.UUID("0d3c1f4e-6c0b-5a55-9d4c-0ddc0de77a11")
GLOBAL: Final = frozenset({"iam.amazonaws.com", "organizations.amazonaws.com", "cloudfront.amazonaws.com"})
"""Services whose records CloudTrail delivers in us-east-1 whatever region is meant."""
TOOLS: Final = (
    "python-requests/2.32.3",
    "S3 Browser/11.7.5 (https://s3browser.com)",
    "Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 os/linux#6.8.11-kali2-amd64 md/arch#x86_64 lang/python#3.11.9",
    "aws-cli/2.15.0 md/awscrt#0.19.19 ua/2.0 os/linux#6.6.9-parrot md/arch#x86_64 lang/python#3.11.6",
    "aws-sdk-go/1.44.298 (go1.20.5; linux; amd64)",
)
"""What attackers call with, as named in incident reports."""


@dataclass(frozen=True, slots=True)
class Victim:
    """The principal that a recording is given to, as one of its own records shows it."""

    identity: Mapping[str, Any]
    """The record's userIdentity."""
    account: str
    region: str
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Attacker:
    """Where a loud or medium attacker calls from."""

    abroad: Sequence[str]
    """Addresses in countries that nobody in the company uses."""
    nearby: Sequence[str]
    """Addresses of hosting providers in the country the victim calls from."""


def recordings() -> dict[str, list[dict[str, Any]]]:
    """Return the records of every recording, oldest first, by technique in order of name."""
    found = {}
    for path in sorted(FOLDER.glob("*.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            records = json.load(file)["Records"]
        found[path.name.removesuffix(".json.gz")] = sorted(records, key=lambda record: str(record["eventTime"]))
    return found


def degree_of(number: int, company: int) -> Degree:
    """Return the degree of a recording in a company, both counted from 0.

    >>> [degree_of(number, company=1) for number in range(3)]
    ['medium', 'loud', 'stealthy']
    """
    return ORDER[(number + company) % len(ORDER)]


def thin(records: Sequence[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """Return at most so many records, in order; repeats of a call with the same result go first.

    >>> calls = [{"eventName": name} for name in ("List", "List", "List", "Get", "Get")]
    >>> [call["eventName"] for call in thin(calls, 3)]
    ['List', 'List', 'Get']
    """
    seen: set[tuple[Any, Any]] = set()
    fresh: list[int] = []
    repeats: list[int] = []
    for position, record in enumerate(records):
        call = (record["eventName"], record.get("errorCode"))
        (repeats if call in seen else fresh).append(position)
        seen.add(call)
    return [records[position] for position in sorted((fresh + repeats)[:most])]


def rekey(
    technique: str,
    records: Sequence[dict[str, Any]],
    victim: Victim,
    *,
    start: datetime,
    degree: Degree,
    attacker: Attacker,
    name: str,
) -> tuple[Campaign, list[dict[str, Any]]]:
    """Return the recording as the victim's, and the campaign it makes.

    Parameters
    ----------
    technique, records
        The recording.
    victim
        Whose credentials are stolen.
    start
        Event time of the first call, UTC; the others keep their distance.
    degree
        How loudly, by the table above.
    attacker
        Networks to choose from for loud and medium.
    name
        Id of the campaign; event ids and choices derive from it alone.
    """
    choice = random.Random(f"{name} {technique}")
    address, agent = victim.address, victim.user_agent
    if degree == "loud":
        address, agent = choice.choice(attacker.abroad), choice.choice(TOOLS)
    elif degree == "medium":
        address = choice.choice(attacker.nearby)
    chosen = thin(records, MOST_CALLS[degree])
    began = _time(chosen[0])
    played = []
    for number, record in enumerate(chosen):
        at = start + (_time(record) - began)
        played.append(_replaced(record, victim, at, address, agent, f"{name}/{number}"))
    times = [_time(record) for record in played]
    ids = tuple(record["eventID"] for record in played)
    return Campaign(name, "recording", technique, degree, times[0], max(times), ids), played


def _replaced(
    record: dict[str, Any], victim: Victim, at: datetime, address: str, agent: str, key: str
) -> dict[str, Any]:
    identity = record["userIdentity"]
    accounts = {record.get("recipientAccountId"), identity.get("accountId")} - {None, ""}
    region = "us-east-1" if record["eventSource"] in GLOBAL else victim.region
    text = json.dumps({key: value for key, value in record.items() if key != "userIdentity"})
    for account in sorted(accounts):
        text = text.replace(account, victim.account)
    text = text.replace(record["awsRegion"], region)
    replaced: dict[str, Any] = json.loads(text)
    replaced |= {
        "userIdentity": copy.deepcopy(dict(victim.identity)),
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventID": str(uuid.uuid5(EVENT_IDS, key)),
        "requestID": str(uuid.uuid5(EVENT_IDS, f"{key}/request")),
        "awsRegion": region,
        "recipientAccountId": victim.account,
        "sourceIPAddress": address,
        "userAgent": agent,
    }
    for gone in ("sharedEventID", "vpcEndpointId", "vpcEndpointAccountId", "@timestamp"):
        replaced.pop(gone, None)
    return replaced


def _time(record: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(record["eventTime"]))


def deliver(records: Sequence[dict[str, Any]], folder: Path) -> list[Path]:
    """Write records as CloudTrail would deliver them about five minutes later; return the files.

    Parameters
    ----------
    records
        Records of one account.
    folder
        The folder that holds `AWSLogs`.
    """
    files: dict[tuple[str, datetime], list[dict[str, Any]]] = {}
    for record in records:
        delivered = _time(record) + timedelta(minutes=5)
        delivered -= timedelta(
            minutes=delivered.minute % 5, seconds=delivered.second, microseconds=delivered.microsecond
        )
        files.setdefault((record["awsRegion"], delivered + timedelta(minutes=5)), []).append(record)
    written = []
    for (region, delivered), together in sorted(files.items(), key=lambda item: (item[0][1], item[0][0])):
        account = together[0]["recipientAccountId"]
        unique = uuid.uuid5(EVENT_IDS, together[0]["eventID"]).hex[:16]
        day = folder / "AWSLogs" / account / "CloudTrail" / region / f"{delivered:%Y/%m/%d}"
        day.mkdir(parents=True, exist_ok=True)
        path = day / f"{account}_CloudTrail_{region}_{delivered:%Y%m%dT%H%MZ}_{unique}.json.gz"
        path.write_bytes(gzip.compress(json.dumps({"Records": together}).encode(), mtime=0))
        written.append(path)
    return written
