"""The networks of the simulated world: who may call from where, and what the demo geo database says of it.

Addresses lie in blocks that are not routed on the internet, autonomous system numbers in the private range,
organisations do not exist: nothing here points at anybody. `scripts/make_demo_geo.py` writes the database from it.
"""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address
from random import Random
from typing import Final, Literal

NetworkKind = Literal["home", "mobile", "office", "egress", "hotel", "cloud", "runner", "hosting", "vendor"]

CITIES: Final = {
    "US": ("New York", 40.71, -74.01, "America/New_York"),
    "GB": ("London", 51.51, -0.13, "Europe/London"),
    "DE": ("Berlin", 52.52, 13.4, "Europe/Berlin"),
    "IN": ("Bengaluru", 12.97, 77.59, "Asia/Kolkata"),
    "KR": ("Seoul", 37.57, 126.98, "Asia/Seoul"),
    "BR": ("Sao Paulo", -23.55, -46.63, "America/Sao_Paulo"),
    "AU": ("Sydney", -33.87, 151.21, "Australia/Sydney"),
    "PL": ("Warsaw", 52.23, 21.01, "Europe/Warsaw"),
    "CA": ("Toronto", 43.65, -79.38, "America/Toronto"),
    "SG": ("Singapore", 1.35, 103.82, "Asia/Singapore"),
    "IE": ("Dublin", 53.35, -6.26, "Europe/Dublin"),
    "ES": ("Barcelona", 41.39, 2.17, "Europe/Madrid"),
    "PT": ("Lisbon", 38.72, -9.14, "Europe/Lisbon"),
    "TH": ("Bangkok", 13.76, 100.5, "Asia/Bangkok"),
    "MX": ("Mexico City", 19.43, -99.13, "America/Mexico_City"),
    "IT": ("Milan", 45.46, 9.19, "Europe/Rome"),
    "JP": ("Tokyo", 35.68, 139.69, "Asia/Tokyo"),
    "NL": ("Amsterdam", 52.37, 4.9, "Europe/Amsterdam"),
    "FR": ("Paris", 48.86, 2.35, "Europe/Paris"),
    "RU": ("Moscow", 55.76, 37.62, "Europe/Moscow"),
    "RO": ("Bucharest", 44.43, 26.1, "Europe/Bucharest"),
    "VN": ("Hanoi", 21.03, 105.85, "Asia/Ho_Chi_Minh"),
    "NG": ("Lagos", 6.52, 3.38, "Africa/Lagos"),
    "UA": ("Kyiv", 50.45, 30.52, "Europe/Kyiv"),
    "HK": ("Hong Kong", 22.32, 114.17, "Asia/Hong_Kong"),
    "MD": ("Chisinau", 47.01, 28.86, "Europe/Chisinau"),
    "BG": ("Sofia", 42.7, 23.32, "Europe/Sofia"),
}
"""Country to its city, latitude, longitude and time zone."""

LIVED: Final = ("US", "GB", "DE", "IN", "KR", "BR", "AU", "PL", "CA", "SG")
"""Countries in which a company may have people."""
VISITED: Final = ("ES", "PT", "TH", "MX", "IT", "JP", "FR")
"""Countries to which they may travel."""
FAR: Final = ("RU", "RO", "VN", "NG", "UA", "HK", "MD", "BG")
"""Countries with nobody of any company in them."""


@dataclass(frozen=True, slots=True)
class Network:
    """A block of addresses of one organisation in one country."""

    block: str
    country: str
    asn: int
    organisation: str
    kind: NetworkKind

    def address(self, choice: Random) -> str:
        """Return an address of the block.

        >>> of("egress")[0].address(Random(1)).startswith("30.96.")
        True
        """
        block, _, bits = self.block.partition("/")
        return str(IPv4Address(block) + choice.randrange(4, (1 << (32 - int(bits))) - 4))


_PROVIDERS: Final[dict[NetworkKind, tuple[str, ...]]] = {
    "home": ("Northline Broadband", "Copperfield Fibre", "Skylark Cable", "Municipal Net"),
    "mobile": ("Tandem Mobile", "Fjord Cellular"),
    "office": ("Harbour Business Lines",),
    "hotel": ("Guestnet Hospitality",),
    "hosting": ("Quarry Hosting", "Nimbus VPS"),
}
_FIRST: Final[dict[NetworkKind, int]] = {"home": 21, "mobile": 22, "office": 26, "hotel": 28, "hosting": 29}
_NUMBERS: Final[dict[NetworkKind, int]] = {"cloud": 65400, "runner": 65401, "egress": 65402}
_GLOBAL: Final[tuple[tuple[str, str, str, NetworkKind], ...]] = (
    ("30.0.0.0/14", "US", "Demo Cloud US East", "cloud"),
    ("30.4.0.0/14", "IE", "Demo Cloud EU West", "cloud"),
    ("30.8.0.0/14", "DE", "Demo Cloud EU Central", "cloud"),
    ("30.12.0.0/14", "KR", "Demo Cloud AP Northeast", "cloud"),
    ("30.16.0.0/14", "SG", "Demo Cloud AP Southeast", "cloud"),
    ("30.20.0.0/14", "AU", "Demo Cloud AP Southeast 2", "cloud"),
    ("30.24.0.0/14", "US", "Demo Cloud US West", "cloud"),
    ("30.28.0.0/14", "IN", "Demo Cloud AP South", "cloud"),
    ("30.64.0.0/14", "US", "Demo Runners", "runner"),
    ("30.68.0.0/14", "NL", "Demo Runners", "runner"),
    ("30.96.0.0/16", "US", "Perimeter VPN", "egress"),
    ("30.97.0.0/16", "GB", "Perimeter VPN", "egress"),
    ("30.98.0.0/16", "SG", "Perimeter VPN", "egress"),
    ("30.112.0.0/16", "US", "Vaultline Backup", "vendor"),
    ("30.113.0.0/16", "US", "Clearview Posture", "vendor"),
)


def _table() -> list[Network]:
    networks: list[Network] = []
    for kind, organisations in _PROVIDERS.items():
        owned = [(country, organisation) for country in CITIES for organisation in organisations]
        for second, (country, organisation) in enumerate(owned):
            name = f"{organisation} {CITIES[country][0]}"
            block = f"{_FIRST[kind]}.{second}.0.0/16"
            networks.append(Network(block, country, 64512 + len(networks), name, kind))
    for position, (block, country, organisation, kind) in enumerate(_GLOBAL):
        networks.append(Network(block, country, _NUMBERS.get(kind, 65410 + position), organisation, kind))
    return networks


NETWORKS: Final = tuple(_table())

_CLOUD: Final = {
    "us-east-1": "Demo Cloud US East",
    "us-east-2": "Demo Cloud US East",
    "us-west-2": "Demo Cloud US West",
    "eu-west-1": "Demo Cloud EU West",
    "eu-central-1": "Demo Cloud EU Central",
    "ap-northeast-2": "Demo Cloud AP Northeast",
    "ap-southeast-1": "Demo Cloud AP Southeast",
    "ap-southeast-2": "Demo Cloud AP Southeast 2",
    "ap-south-1": "Demo Cloud AP South",
}


def of(kind: NetworkKind, country: str = "") -> list[Network]:
    """Return the networks of a kind, of one country or of all.

    >>> [network.country for network in of("egress")]
    ['US', 'GB', 'SG']
    """
    return [network for network in NETWORKS if network.kind == kind and country in ("", network.country)]


def cloud(region: str) -> Network:
    """Return the provider's own network in a region."""
    name = _CLOUD.get(region, "Demo Cloud US East")
    return next(network for network in NETWORKS if network.organisation == name)


@lru_cache(maxsize=65536)
def network_of(address: str) -> Network | None:
    """Return the network that an address lies in, or None.

    >>> network_of("30.96.0.9").organisation, network_of("10.0.0.1")
    ('Perimeter VPN', None)
    """
    number = int(IPv4Address(address))
    for network in NETWORKS:
        block, _, bits = network.block.partition("/")
        if number >> (32 - int(bits)) == int(IPv4Address(block)) >> (32 - int(bits)):
            return network
    return None
