"""Shodan's host API as a source of what is known of an address: one fixed host, over https, nowhere else.

Its answer is somebody else's text: read up to a bound, and only a few of its fields, as plain words.
"""

import http.client
import json
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, urlencode

from pipeline.enrich.intel import IntelError, Told, is_public
from pipeline.text.inert import inert

HOST: Final = "api.shodan.io"
_TIMEOUT: Final = 3.0
"""Seconds of each step, and of all together twice as many."""
_MOST_BYTES: Final = 1 << 20
_LONGEST: Final = 500
_MOST: Final = 20
"""Ports, tags or weaknesses that are told."""

Connect = Callable[[], http.client.HTTPConnection]


class Shodan:
    """Asks Shodan.

    Parameters
    ----------
    key
        Of its API; it is part of each question, and of no message.
    connect
        Makes a connection to it; tests give their own.
    """

    def __init__(self, key: str, connect: Connect | None = None) -> None:
        self._key = key
        self._connect = connect or _connect

    def ask(self, address: str) -> Told | None:
        """What it says of a public address; None where it knows nothing.

        Raises
        ------
        IntelError
            It did not answer in time, answered something else, or answered from elsewhere.
        """
        if not is_public(address):
            raise IntelError("only public addresses are asked about")
        end = time.monotonic() + 2 * _TIMEOUT
        path = f"/shodan/host/{quote(address, safe='')}?{urlencode({'key': self._key, 'minify': 'true'})}"
        try:
            connection = self._connect()
            try:
                connection.request("GET", path, headers={"accept": "application/json"})
                answer = connection.getresponse()
                status, body = answer.status, _read(answer, end)
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as error:
            raise IntelError(f"{HOST} did not answer ({type(error).__name__})") from None
        if status == 404:
            return None
        if status != 200:  # a redirection is followed nowhere
            raise IntelError(f"{HOST} answered {status}")
        return _told(address, body)


def _connect() -> http.client.HTTPConnection:
    """A connection to an address of it that is public, whatever name service says."""
    addresses = [str(found[4][0]) for found in socket.getaddrinfo(HOST, 443, type=socket.SOCK_STREAM)]
    public = [address for address in addresses if is_public(address)]
    if not public or len(public) != len(addresses):
        raise IntelError(f"{HOST} is said to be at an address that is not public")
    connection = http.client.HTTPConnection(HOST, 443, timeout=_TIMEOUT)
    raw = socket.create_connection((public[0], 443), _TIMEOUT)
    try:
        connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=HOST)
    except BaseException:
        raw.close()
        raise
    return connection


def _read(answer: http.client.HTTPResponse, end: float) -> bytes:
    body = bytearray()
    while block := answer.read1(65_536):
        body += block
        if len(body) > _MOST_BYTES:
            raise IntelError(f"{HOST} answered more than {_MOST_BYTES} bytes")
        if time.monotonic() > end:
            raise IntelError(f"{HOST} took too long")
    return bytes(body)


def _told(address: str, body: bytes) -> Told | None:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise IntelError(f"{HOST} answered what is no JSON") from None
    if not isinstance(fields, dict):
        raise IntelError(f"{HOST} answered what is no object")
    parts = [
        f"{name} {', '.join(words)}"
        for name, member in (("ports", "ports"), ("tags", "tags"), ("weaknesses", "vulns"))
        if (words := _words(fields.get(member)))
    ]
    if not parts:
        return None
    return Told("shodan", inert("; ".join(parts), _LONGEST), f"https://www.shodan.io/host/{address}")


def _words(values: Any) -> list[str]:
    if not isinstance(values, list | dict):
        return []
    return [inert(value, 40) for value in list(values)[:_MOST] if isinstance(value, str | int)]
