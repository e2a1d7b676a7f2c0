"""Own networks: a file that names office and VPN egress addresses, so that an alert says "office" and not a number."""

import csv
import ipaddress
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import SettingsError

_MOST_BYTES = 4_000_000
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Networks:
    """Networks by name; the narrowest that holds an address names it.

    Examples
    --------
    >>> networks = Networks.of([("198.51.100.0/24", "office"), ("198.51.100.8/32", "VPN")])
    >>> networks.name("198.51.100.8"), networks.name("198.51.100.9"), networks.name("192.0.2.1")
    ('VPN', 'office', '')
    """

    by_length: dict[tuple[int, int], dict[int, str]] = field(default_factory=dict)
    """(IP version, prefix length), narrowest first → network address → name."""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "Networks":
        """Networks of (CIDR, name) pairs; raises ValueError for what is not a network."""
        found: dict[tuple[int, int], dict[int, str]] = {}
        for cidr, name in pairs:
            network = ipaddress.ip_network(cidr.strip(), strict=False)
            found.setdefault((network.version, network.prefixlen), {})[int(network.network_address)] = name.strip()
        return cls(dict(sorted(found.items(), key=lambda item: -item[0][1])))

    def name(self, address: str) -> str:
        """Name of the narrowest network that holds the address; empty when none does, or it is no address."""
        if not self.by_length:
            return ""
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return ""
        number, width = int(ip), ip.max_prefixlen
        for (version, length), networks in self.by_length.items():
            if version == ip.version and (name := networks.get(number >> (width - length) << (width - length))):
                return name
        return ""


NO_NETWORKS = Networks()


def read_networks(path: Path) -> Networks:
    """Read own networks from TOML (`"198.51.100.0/24" = "office"`) or CSV (`cidr,name`, with or without that header).

    Raises
    ------
    SettingsError
        Names the line or key that is wrong.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the file of own networks '{path}' cannot be read ({error}): check the path") from error
    if len(content) > _MOST_BYTES:
        raise SettingsError(f"the file of own networks '{path}' is larger than {_MOST_BYTES} bytes: shorten it")
    pairs = _toml(path, text) if path.suffix.lower() == ".toml" else _csv(text)
    found = []
    for where, cidr, name in pairs:
        if not name.strip():
            raise SettingsError(f"'{path}', {where}: give `{cidr.strip()}` a name")
        try:
            ipaddress.ip_network(cidr.strip(), strict=False)
        except ValueError as error:
            raise SettingsError(f"'{path}', {where}: {error}; write a network such as 198.51.100.0/24") from error
        found.append((cidr, name[:_LONGEST_NAME]))
    return Networks.of(found)


def _toml(path: Path, text: str) -> list[tuple[str, str, str]]:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"'{path}' cannot be read as TOML ({error}): mend that line") from error
    table = values.get("networks", values)
    if not isinstance(table, dict):
        raise SettingsError(f'\'{path}\': write `[networks]` and below it lines such as "198.51.100.0/24" = "office"')
    return [(f"key {key!r}", key, value if isinstance(value, str) else "") for key, value in table.items()]


def _csv(text: str) -> list[tuple[str, str, str]]:
    rows = []
    for number, row in enumerate(csv.reader(text.splitlines()), start=1):
        if (
            not row
            or row[0].lstrip().startswith("#")
            or (number == 1 and row[0].strip().lower() in ("cidr", "network"))
        ):
            continue
        rows.append((f"line {number}", row[0], row[1] if len(row) > 1 else ""))
    return rows
