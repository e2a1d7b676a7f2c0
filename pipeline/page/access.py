"""Who may look: this machine alone, or whoever has a token, or whoever a proxy that is named vouches for.

Tokens are compared by their hashes, each with each in constant time, and the header of a proxy is believed only from
the addresses it is configured for: from anywhere else it is something the caller made up.
"""

import base64
import binascii
import hashlib
import hmac
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.errors import SettingsError
from pipeline.stores.plain_file import UnfitFileError, open_plain
from pipeline.words.words import to_say

LEAST_CHARACTERS: Final = 24
"""Of a token: as many random letters and digits nobody guesses."""
MOST_BYTES: Final = 64 << 10
"""Of a file of tokens."""
_ASK: Final = {"WWW-Authenticate": 'Basic realm="oddtrail", charset="UTF-8"'}
"""A browser asks for name and password; the password is the token, and the name is anybody's."""

WHO: Final = "oddtrail.who"
"""Where a request says who asks."""
ON_THIS_MACHINE: Final = to_say("somebody on this machine")
_LONGEST_NAME: Final = 200

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Access:
    """How somebody shows that he may look; without anything, only this machine may.

    Examples
    --------
    >>> Access().is_open, Access(tokens=(hash_token("t" * 24),)).is_open
    (True, False)
    """

    tokens: tuple[bytes, ...] = ()
    """Hashes of tokens (`hash_token`)."""
    header: str = ""
    """Header in which a proxy names whom it let through, in lower case."""
    proxies: tuple[Network, ...] = ()
    """Where that proxy calls from."""

    @property
    def is_open(self) -> bool:
        """Whether nobody is asked who he is."""
        return not self.tokens and not self.header

    def find_who(self, peer: str, headers: Sequence[tuple[bytes, bytes]]) -> str | None:
        """Who asks, for the log: whom the proxy names, which token, or this machine; None where he may not.

        Parameters
        ----------
        peer
            Address it comes from; empty where that is not known.
        headers
            Names in lower case, and values.
        """
        if self.is_open:
            return ON_THIS_MACHINE if is_loopback(peer) else None
        return self._find_vouched_for(peer, headers) or self._find_token(headers)

    def _find_vouched_for(self, peer: str, headers: Sequence[tuple[bytes, bytes]]) -> str | None:
        if not self.header or not any(_is_in(peer, network) for network in self.proxies):
            return None
        named = [value for name, value in headers if name == self.header.encode()]
        return (named[0].decode("utf-8", "replace").strip()[:_LONGEST_NAME] or None) if len(named) == 1 else None

    def _find_token(self, headers: Sequence[tuple[bytes, bytes]]) -> str | None:
        given = [value for name, value in headers if name == b"authorization"]
        if len(given) != 1:
            return None
        offered = hashlib.sha256(read_token(given[0])).digest()
        same = [hmac.compare_digest(offered, token) for token in self.tokens]
        return f"token {offered.hex()[:8]}" if any(same) else None


class Guard:
    """Answers 401 or 403 to whoever may not look."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        client: Any = scope.get("client")
        who = self._access.find_who(str(client[0]) if client else "", scope["headers"])
        if who is not None:
            await self._app({**scope, WHO: who}, receive, send)
        elif self._access.tokens:
            text = "a token is needed: as the password that the browser asks for, or as a bearer token\n"
            await PlainTextResponse(text, status_code=401, headers=_ASK)(scope, receive, send)
        else:
            await PlainTextResponse("you may not look at this\n", status_code=403)(scope, receive, send)


def read_token(header: bytes) -> bytes:
    """The token in an Authorization header: a bearer token, or the password of basic authentication; else nothing.

    >>> read_token(b"Bearer abc"), read_token(b"Basic " + base64.b64encode(b"ana:a:c")), read_token(b"Digest x")
    (b'abc', b'a:c', b'')
    """
    kind, _, rest = header.strip().partition(b" ")
    if kind.lower() == b"bearer":
        return rest.strip()
    if kind.lower() == b"basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            return b""
    return b""


def hash_token(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def read_tokens(path: Path) -> tuple[bytes, ...]:
    """Hashes of the tokens in a file, a token a line; blank lines and those that begin with # are none.

    Raises
    ------
    SettingsError
        It cannot be read, holds no token, or one that is short.
    """
    try:
        with open_plain(path, follow=True) as file:
            content = file.read(MOST_BYTES).decode()
    except (OSError, UnfitFileError, UnicodeDecodeError) as error:
        raise SettingsError(f"--tokens names {path}, which cannot be read ({error}): write a token a line") from error
    lines = [line.strip() for line in content.splitlines()]
    tokens = [line for line in lines if line and not line.startswith("#")]
    short = [number for number, line in enumerate(lines, 1) if line in tokens and len(line) < LEAST_CHARACTERS]
    if short or not tokens:
        found = f"line {short[0]} of {path} is no token" if short else f"{path} holds no token"
        raise SettingsError(
            f"{found}: give {LEAST_CHARACTERS} characters or more, as `openssl rand -hex 24` makes them"
        )
    return tuple(hash_token(token) for token in tokens)


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks of proxies.

    Raises
    ------
    SettingsError
        One is none.
    """
    networks = []
    for text in texts:
        try:
            networks.append(ipaddress.ip_network(text))
        except ValueError as error:
            raise SettingsError(
                f"--from is '{text}', which is no network: give an address or one as in 10.0.0.0/24"
            ) from error
    return tuple(networks)


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own.

    >>> is_loopback("127.0.0.1"), is_loopback("::ffff:127.0.0.1"), is_loopback("192.0.2.1"), is_loopback("")
    (True, True, False, False)
    """
    return any(_is_in(address, network) for network in (_LOOPBACK_4, _LOOPBACK_6))


_LOOPBACK_4: Final = ipaddress.ip_network("127.0.0.0/8")
_LOOPBACK_6: Final = ipaddress.ip_network("::1/128")


def _is_in(address: str, network: Network) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found) in network
