"""One POST to a public address over https: no redirects, no proxies, bounded in time and in what is read."""

import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final

from pipeline.errors import OddtrailError
from pipeline.notify.address import Address, Goal, Network, RefusedTargetError, Resolve, find_address
from pipeline.notify.outcome import HANGS, SENT, Outcome
from pipeline.text.inert import inert

SECONDS: Final = 8.0
"""That one request may take, all in all."""
MOST_READ: Final = 8_192
"""Bytes of an answer that are read."""
LONGEST_REST: Final = 3_600.0
"""Seconds that a receiver may ask to be left alone."""
_SHOWN: Final = 200
_LONG_PART: Final = 10
"""Characters from which on a part of a path may be a key."""
_AGAIN: Final = frozenset({408, 409, 423, 425, 429})
_THIS_ONE: Final = frozenset({400, 413, 414, 422, 431})
"""Statuses that speak of the message. Any other from 300 on speaks of the receiver or of our configuration, which a
person puts right: the message waits for it."""


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts to one address.

    Parameters
    ----------
    allowed
        Networks that may be connected to though they are not public.
    authorities
        File of certificates that are believed besides; empty for the system's own.
    secrets
        Texts that no problem may show.
    """

    goal: Goal
    allowed: Sequence[Network] = ()
    authorities: str = ""
    secrets: Sequence[str] = field(default=(), repr=False)
    resolve: Resolve | None = field(default=None, repr=False)

    def post(self, body: bytes, headers: Mapping[str, str], seconds: float = SECONDS) -> Outcome:
        """Send a body once; what goes wrong is told, not raised."""
        end = time.monotonic() + min(seconds, SECONDS)
        try:
            status, said, after = self._ask(body, headers, end)
        except RefusedTargetError as error:
            return Outcome("later", str(error))
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Outcome("later", self._hide(HANGS if time.monotonic() >= end else _explain(error)))
        if 200 <= status < 300:
            return SENT
        told = f"{self.goal.origin} answers {status}" + (f": {said}" if said else "")
        if 300 <= status < 400:
            told = (
                f"{self.goal.origin} answers {status}, a redirect, which is not followed: give the address it leads to"
            )
        return Outcome("refused" if status in _THIS_ONE else "later", self._hide(told), after)

    def _ask(self, body: bytes, headers: Mapping[str, str], end: float) -> tuple[int, str, float]:
        """Status of the answer, how it begins, and how long it asks to wait."""
        addresses = find_address(self.goal, self.allowed, self.resolve)
        raw = _connect(addresses, self.goal.port, end)
        held = raw.dup()  # TLS takes the socket itself away
        watch = threading.Timer(max(end - time.monotonic(), 0.01), _cut, (held,))
        watch.daemon = True
        watch.start()  # a timeout of the socket is of each read, and a byte a second would never end
        stream = raw
        try:
            if self.goal.scheme == "https":
                stream = self._context().wrap_socket(raw, server_hostname=self.goal.host)
            connection = http.client.HTTPConnection(self.goal.host, self.goal.port)
            connection.sock = stream
            named = {"host": self._host(), "user-agent": "oddtrail", "accept": "*/*", "connection": "close"}
            connection.request("POST", self.goal.path, body, {**named, **headers})
            answer = connection.getresponse()
            said = answer.read(MOST_READ)
            return answer.status, self._begin(said), _read_rest(answer.headers.get("retry-after", ""))
        finally:
            watch.cancel()
            stream.close()
            raw.close()
            held.close()

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.authorities:
            context.load_verify_locations(self.authorities)
        return context

    def _host(self) -> str:
        return self.goal.origin.partition("://")[2]

    def _begin(self, said: bytes) -> str:
        """How an answer begins; what is secret is taken out before it is cut."""
        return inert(self._hide(" ".join(said.decode("utf-8", "replace").split())), _SHOWN)

    def _hide(self, text: str) -> str:
        """A text without the secrets, and without the long parts of the path, which may be quoted in any way."""
        parts = [part for part in re.split(r"[/?&=]", self.goal.path) if len(part) >= _LONG_PART]
        for secret in (*self.secrets, self.goal.path, *parts):
            if len(secret) >= 6:
                text = text.replace(secret, "***")
        return text


def _connect(addresses: Sequence[Address], port: int, end: float) -> socket.socket:
    """A connection to the first of some addresses that answers."""
    failed: Exception = OSError("no address")
    for number, address in enumerate(addresses[:4]):
        left = end - time.monotonic()
        if left <= 0:
            break
        try:
            seconds = left / (min(len(addresses), 4) - number)
            connected = socket.create_connection((str(address), port), timeout=max(seconds, 0.05))
            connected.settimeout(max(end - time.monotonic(), 0.05))
            return connected
        except OSError as error:
            failed = error
    raise failed


def _cut(stream: socket.socket) -> None:
    """End whatever waits for a connection."""
    try:
        stream.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _read_rest(text: str) -> float:
    """Seconds meant by a Retry-After header, bounded; 0 where it means none.

    >>> _read_rest("120"), _read_rest("soon"), _read_rest("99999999")
    (120.0, 0.0, 3600.0)
    """
    if re.fullmatch(r"\d{1,9}", text.strip(), re.ASCII):
        return min(float(text), LONGEST_REST)
    try:
        return min(max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0), LONGEST_REST)
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _explain(error: Exception) -> str:
    if isinstance(error, OddtrailError):
        return str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not to be believed ({inert(error.verify_message, _SHOWN)}): give ca, or mend it"
    if isinstance(error, TimeoutError):
        return HANGS
    return f"it cannot be reached ({type(error).__name__}: {inert(error, _SHOWN)})"
