"""Networks that hold a large part of the internet, alone or side by side.

Two halves of the address space are everywhere, and so are 256 networks of a first byte each: networks are merged before
they are judged.
"""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Final

WIDEST_V4: Final = 7
WIDEST_V6: Final = 12
"""Longest prefixes that count as wide: no organisation holds as much of IPv4, and a registry is given a /12 of IPv6."""
_MOST: Final = 2_000


def find_wide(texts: Iterable[str]) -> list[str]:
    """Find the wide networks among some, merged and as IANA writes them; what is no network is passed over.

    >>> find_wide(["0.0.0.0/1", "128.0.0.0/1"]), find_wide(["10.0.0.0/8", "x"]), find_wide(["1.2.3.4/0", "::/0"])
    (['0.0.0.0/0'], [], ['0.0.0.0/0', '::/0'])
    """
    v4: list[IPv4Network] = []
    v6: list[IPv6Network] = []
    for _, text in zip(range(_MOST), texts, strict=False):
        network = _read(text)
        if isinstance(network, IPv4Network):
            v4.append(network)
        elif network is not None:
            v6.append(network)
    wide_v4 = [str(network) for network in collapse_addresses(v4) if network.prefixlen <= WIDEST_V4]
    return wide_v4 + [str(network) for network in collapse_addresses(v6) if network.prefixlen <= WIDEST_V6]


def is_network(text: str) -> bool:
    """Whether a text is an address or a network.

    >>> is_network("192.0.2.0/24"), is_network("2001:db8::1"), is_network("192.0.2.*")
    (True, True, False)
    """
    return _read(text) is not None


def _read(text: str) -> IPv4Network | IPv6Network | None:
    if len(text) > 64 or not text.isascii():
        return None
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None
