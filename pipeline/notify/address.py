"""Whither a message may be carried: public addresses over https, and what the configuration allows besides.

Whoever may write a notifier's address, or answers for its name in the DNS, could have us knock at what only this
machine reaches: a cloud's metadata service, a router, a database. So a name is looked up once, every address that it
has is looked at, and the connection goes to an address that was looked at, not to the name again.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pipeline.errors import SettingsError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""Addresses of a host, as texts."""

_LONGEST: Final = 2000
_NAME = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.I
)
"""A host's name. Its last part begins with a letter: all else is a number of some kind, which is no name."""
_STANDS_FOR: Final = ((ipaddress.IPv6Network("64:ff9b::/96"), 0), (ipaddress.IPv6Network("2002::/16"), 80))
"""Networks whose addresses are those of IPv4 by another way, and how many bits follow it (RFC 6052, 3056)."""
_SPECIAL: Final = tuple(
    ipaddress.ip_network(each) for each in ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "3fff::/20")
)
"""Azure's own services for a machine; and of IANA's special addresses those that older Pythons take for public."""


class RefusedTargetError(SettingsError):
    """A message may not be carried there."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a request goes."""

    scheme: str
    host: str
    port: int
    path: str
    """With what stands after `?`."""

    @property
    def origin(self) -> str:
        """Scheme, host and port, which may be shown; the path may be a secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port != usual else "")


def parse_goal(url: str, *, allow_http: bool = False) -> Goal:
    """Take a URL apart, if messages may be sent to such a one at all.

    Raises
    ------
    RefusedTargetError
        It is not https, names somebody, or its host is written as nobody writes a host; says what to write, and shows
        no more of the URL than that, for its path may be a secret.

    Examples
    --------
    >>> parse_goal("https://hooks.example.com/services/T0/B0/x").origin
    'https://hooks.example.com'
    """
    if len(url) > _LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise RefusedTargetError("the URL has blanks, is too long or no ASCII: write it as https://HOST/PATH")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError as error:
        raise RefusedTargetError("the URL cannot be read: write it as https://HOST/PATH") from error
    if parts.scheme not in ("https", "http"):
        raise RefusedTargetError("the URL is not https: write it as https://HOST/PATH")
    if parts.scheme == "http" and not allow_http:
        raise RefusedTargetError(
            "the URL is http, which anybody on the way can read: write https, or allow_http = true"
        )
    if "@" in parts.netloc:
        raise RefusedTargetError("the URL names a user: leave out what stands before the @")
    if port == 0:
        raise RefusedTargetError("the URL's port is 0: give one from 1 to 65535")
    if not _is_host(host):
        raise RefusedTargetError("the URL's host is neither a name nor an address as it is usually written")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Goal(parts.scheme, host, port or {"https": 443, "http": 80}[parts.scheme], path)


def find_address(goal: Goal, allowed: Sequence[Network] = (), resolve: Resolve | None = None) -> list[Address]:
    """Addresses of a host that may be connected to, all of those it has.

    Parameters
    ----------
    allowed
        Networks that are allowed though they are not public.
    resolve
        Looks a name up; tests give their own.

    Raises
    ------
    RefusedTargetError
        One of them is not public, and not allowed.
    OSError
        It has none.
    """
    found = [ipaddress.ip_address(text.partition("%")[0]) for text in (resolve or look_up)(goal.host, goal.port)]
    if not found:
        raise OSError(f"{goal.host} has no address")
    for address in found:
        if not is_public(address) and not any(address in network for network in allowed):
            raise RefusedTargetError(
                f'{goal.host} is {address}, which is not public: where it is yours, add allow = ["{address}"]'
            )
    return list(dict.fromkeys(found))


def look_up(host: str, port: int) -> list[str]:
    """Addresses of a host."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: Address) -> bool:
    """Whether anybody on the internet may have an address; what stands for an IPv4 address is judged as that.

    >>> [is_public(ipaddress.ip_address(text)) for text in ("1.1.1.1", "169.254.169.254", "::ffff:10.0.0.1", "fe80::1")]
    [True, False, False, False]
    """
    if isinstance(address, ipaddress.IPv6Address):
        for network, shift in _STANDS_FOR:
            if address in network:
                return is_public(ipaddress.IPv4Address(int(address) >> shift & 0xFFFFFFFF))
        if address.is_site_local or address.ipv4_mapped is not None:
            return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not (address.is_multicast or address.is_unspecified or address.is_reserved)


def _is_host(host: str) -> bool:
    try:
        return "%" not in host and (str(ipaddress.ip_address(host)) == host.lower() or ":" in host)
    except ValueError:
        return _NAME.fullmatch(host) is not None
