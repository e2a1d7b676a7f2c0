"""Where a call came from: the kind of `sourceIPAddress` and the network it belongs to.

`sourceIPAddress` may hold an address, the host name of an AWS service, or `AWS Internal`; in one real recording 12 %
held no address. What is neither, however like one it looks, is invalid: as a service counts only what is written as AWS
writes it, for what a service calls is not weighed as the caller's own. Documentation and benchmarking ranges count as
public, so that synthetic companies can use them.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

LONGEST = 256
"""Characters of an address that are kept."""


class Address(NamedTuple):
    """An address as kept: text, kind, network, the address itself in normal form ("" when there is none)."""

    text: str
    kind: str
    """public, private, vpc_endpoint, aws_service, aws_internal or invalid."""
    prefix: str
    """/24 or /48 of a public address, the reserved block of a private one, else empty."""
    ip: str


_PRIVATE = tuple(
    ip_network(block)
    for block in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
        "::1/128",
    )
)
_MAY_BE_RESERVED = frozenset(str(block.network_address.packed[0]) for block in _PRIVATE if block.version == 4) | {"0"}
"""First octets of IPv4 addresses of which some are not public, below 224."""
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_USUAL_IPV4 = re.compile(rf"((22[0-3]|2[01]\d|1\d\d|[1-9]?\d)\.{_OCTET}\.{_OCTET})\.{_OCTET}", re.ASCII)
"""IPv4 addresses below 224 in normal form: the network and its first octet."""
_UNUSABLE = tuple(ip_network(block) for block in ("0.0.0.0/8", "224.0.0.0/3", "::/128", "ff00::/8"))
_DOTTED = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}", re.ASCII)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_SERVICE = re.compile(
    rf"(?!(?:.*\.)?(?:compute(?:-1)?|elb|execute-api)\.)(?:{_LABEL}\.){{1,5}}(?:amazonaws\.(?:com(?:\.cn)?|eu)|aws\.internal)",
    re.IGNORECASE | re.ASCII,
)
"""Names of AWS services, by the domains of the partitions that are open to customers; hosts that customers run (an
instance's, a load balancer's, an API's) lie in the same domains and are none."""
_INTERNAL = re.compile(r"AWS Internal(?:[/#][\w.-]*)?", re.ASCII)


def parse_address(text: str | None, through_endpoint: bool = False) -> Address:
    """Find the kind and network of a `sourceIPAddress`, whatever it holds; never raises.

    Of a list ("1.2.3.4, 5.6.7.8") the last address counts: it is the nearest hop that AWS itself saw. A list names no
    service, for its parts are what proxies passed on. Leading zeros are decimal.

    >>> parse_address("203.0.113.7")
    Address(text='203.0.113.7', kind='public', prefix='203.0.113.0/24', ip='203.0.113.7')
    >>> parse_address("ec2.amazonaws.com").kind, parse_address("AWS Internal/3").kind
    ('aws_service', 'aws_internal')
    >>> parse_address("10.1.2.3", through_endpoint=True).kind
    'vpc_endpoint'
    """
    kept = (text or "")[:LONGEST]
    bare = kept.strip()
    if "," in bare:
        return _parse_list(kept, through_endpoint)
    usual = _USUAL_IPV4.fullmatch(bare)
    if usual is not None and usual[2] not in _MAY_BE_RESERVED:  # as nearly all are
        return Address(kept, "public", f"{usual[1]}.0/24", bare)
    octets = _parse_octets(bare)
    ip = _parse_ipv6(bare) if octets is None else IPv4Address(bytes(octets))
    if ip is None:
        if _INTERNAL.fullmatch(bare):
            return Address(kept, "aws_internal", "", "")
        if _SERVICE.fullmatch(bare):
            return Address(kept, "aws_service", "", "")
        return Address(kept, "invalid", "", "")
    for block in _PRIVATE:
        if ip in block:
            return Address(kept, "vpc_endpoint" if through_endpoint else "private", str(block), str(ip))
    if any(ip in block for block in _UNUSABLE):
        return Address(kept, "invalid", "", "")
    network = ip_network((ip, 24 if ip.version == 4 else 48), strict=False)
    return Address(kept, "public", str(network), str(ip))


def _parse_list(kept: str, through_endpoint: bool) -> Address:
    """Parse a list: its last part that is an address."""
    for part in reversed(kept.split(",")):
        found = parse_address(part, through_endpoint)
        if found.ip:
            return found._replace(text=kept)
    return Address(kept, "invalid", "", "")


def _parse_octets(bare: str) -> list[int] | None:
    """Parse the four numbers of an IPv4 address; None when it is none."""
    if not _DOTTED.fullmatch(bare):
        return None
    octets = [int(octet) for octet in bare.split(".")]
    return octets if max(octets) < 256 else None


def _parse_ipv6(bare: str) -> IPv4Address | IPv6Address | None:
    """Parse an IPv6 address; an IPv4 address written as one is that IPv4 address."""
    if ":" not in bare:
        return None
    try:
        ip = ip_address(bare.partition("%")[0].strip("[]"))
    except ValueError:
        return None
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return ip
