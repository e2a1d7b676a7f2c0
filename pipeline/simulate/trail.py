"""The trail: renders calls as CloudTrail records and delivers them as files, as S3 would hold them.

A file is opened by an account's first event in a region, takes what follows within a few minutes, and is delivered some
minutes after; what is in it is in no order.
"""

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

from pipeline.simulate.calls import GLOBAL, Call

DAY: Final = 86_400
_CLOCK: Final = tuple(f"T{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}Z" for s in range(DAY))
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_CIPHERS: Final = ("TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256")


@dataclass(slots=True)
class Caller:
    """Who calls, and from where: everything of a record that stays the same during a session."""

    identity: str
    """JSON of userIdentity."""
    account: str
    address: str
    agent: str
    extra: str = ""
    """JSON members at the end of the record, each after a comma: vpcEndpointId, sessionCredentialFromConsole."""
    tls: bool = True


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that was refused or failed; a failed login has no code."""

    code: str
    message: str


def clock(at: int) -> str:
    """Return a time as records write it.

    >>> clock(1_736_154_000)
    '2025-01-06T09:00:00Z'
    """
    return _date(at // DAY) + _CLOCK[at % DAY]


_dates: dict[int, str] = {}


def _date(day: int) -> str:
    known = _dates.get(day)
    if known is None:
        known = _dates[day] = f"{datetime.fromtimestamp(day * DAY, UTC):%Y-%m-%d}"
    return known


def uuid(choice: Random) -> str:
    """Return a random id of the shape of eventID."""
    text = f"{choice.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


class Trail:
    """Takes events and writes the files.

    Parameters
    ----------
    out
        Folder that gets `AWSLogs/`.
    begin, end
        Unix times between which events are kept.
    span
        Seconds a file stays open.
    choice
        Random numbers of delivery.
    """

    def __init__(self, out: Path, *, begin: int, end: int, span: int, choice: Random) -> None:
        self.out = out
        self.begin = begin
        self.end = end
        self.span = span
        self.choice = choice
        self.events = 0
        self.files = 0
        self._open: dict[tuple[str, str], list[tuple[int, str]]] = {}
        self._folders: set[Path] = set()

    def add(
        self,
        choice: Random,
        at: int,
        caller: Caller,
        call: Call,
        region: str,
        request: str,
        response: str = "null",
        failure: Failure | None = None,
        *,
        recipient: str = "",
        additional: str = "",
        shared: str = "",
        resources: str = "",
    ) -> str:
        """Record a call and return its event id, empty when it falls outside the trail's time.

        Parameters
        ----------
        choice
            Random numbers of the caller.
        at
            Unix time.
        request, response, additional, resources
            JSON; the last two are left out when empty.
        failure
            Why it failed, when it did.
        recipient
            Account that gets the record; the caller's own when empty.
        shared
            Id shared by the two records of a call across accounts.
        """
        if not self.begin <= at < self.end:
            return ""
        if call.service in GLOBAL:
            region = "us-east-1"
        bits = f"{choice.getrandbits(256):064x}"
        event_id = f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-9{bits[17:20]}-{bits[20:32]}"
        error = ""
        if failure is not None:
            code = f'"errorCode":"{failure.code}",' if failure.code else ""
            error = f'{code}"errorMessage":"{failure.message}",'
        more = f'"additionalEventData":{additional},' if additional else ""
        answer = response if failure is None or not failure.code else "null"
        touched = f'"resources":{resources},' if resources else ""
        account = recipient or caller.account
        tls = ""
        if caller.tls:
            tls = (
                f',"tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"{_CIPHERS[0]}",'
                f'"clientProvidedHostHeader":"{call.host}{region}.amazonaws.com"}}'
            )
        line = (
            f'{{"eventVersion":"1.11","userIdentity":{caller.identity},"eventTime":"{clock(at)}",'
            f'{call.middle}{region}","sourceIPAddress":"{caller.address}","userAgent":"{caller.agent}",{error}'
            f'"requestParameters":{request},"responseElements":{answer},{more}'
            f'"requestID":"{bits[32:40]}-{bits[40:44]}-4{bits[45:48]}-b{bits[49:52]}-{bits[52:]}","eventID":"{event_id}",'
            f'{call.read}{touched}{call.tail}"recipientAccountId":"{account}",{shared}'
            f"{call.category}{tls}{caller.extra}}}"
        )
        key = (account, region)
        waiting = self._open.get(key)
        if waiting is None:
            waiting = self._open[key] = []
        waiting.append((at, line))
        self.events += 1
        return event_id

    def deliver(self, until: int) -> None:
        """Write the files of events before a time; nothing earlier may be added afterwards."""
        for (account, region), waiting in sorted(self._open.items()):
            waiting.sort()
            begin = 0
            while begin < len(waiting):
                close = waiting[begin][0] + self.span
                if close > until and until < self.end:
                    break
                stop = begin
                while stop < len(waiting) and waiting[stop][0] < close:
                    stop += 1
                self._write(account, region, close, [line for _, line in waiting[begin:stop]])
                begin = stop
            self._open[account, region] = waiting[begin:]

    def _write(self, account: str, region: str, close: int, lines: list[str]) -> None:
        self.choice.shuffle(lines)
        delivered = datetime.fromtimestamp(close + self.choice.randint(125, 175), UTC)
        folder = self.out / f"AWSLogs/{account}/CloudTrail/{region}/{delivered:%Y/%m/%d}"
        if folder not in self._folders:
            folder.mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        name = "".join(self.choice.choices(_LETTERS, k=16))
        squeeze = zlib.compressobj(1, zlib.DEFLATED, 31)
        data = squeeze.compress(f'{{"Records":[{",".join(lines)}]}}'.encode()) + squeeze.flush()
        (folder / f"{account}_CloudTrail_{region}_{delivered:%Y%m%dT%H%MZ}_{name}.json.gz").write_bytes(data)
        self.files += 1
