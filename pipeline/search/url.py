"""Where a search engine is and how to knock: `opensearch+https://…`, `elasticsearch+https://…`, `opensearch+sigv4://…`.

A URL never holds a secret, since process lists and logs show it: it names where the secret is, as `env:NAME`,
`file:/path`, `ssm:/name` or `secretsmanager:name`.
"""

import ipaddress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from pipeline.errors import SettingsError

_PORT: Final = {"http": 9200, "https": 9200, "sigv4": 443}
_OF_HTTP: Final = frozenset({"password", "api_key", "ca", "cert", "key"})
_OF_SIGV4: Final = frozenset({"region", "role", "external_id", "service"})
_SERVICES: Final = ("es", "aoss")
_EXAMPLE: Final = "opensearch+https://user@host:9200?password=env:OPENSEARCH_PASSWORD"


@dataclass(frozen=True, slots=True)
class EngineUrl:
    """A search engine's address."""

    product: str
    """`opensearch` or `elasticsearch`, as whoever wrote it believes; a probe finds out."""
    way: str
    """`http`, `https` or `sigv4`, which is https."""
    host: str
    port: int
    user: str = ""
    given: dict[str, str] = field(default_factory=dict, hash=False)
    """What stands after `?`: where secrets and certificates are, region and role."""

    @property
    def origin(self) -> str:
        """Scheme, host and port, which may be shown.

        >>> parse_url("opensearch+sigv4://vpc-x.eu-west-1.es.amazonaws.com?region=eu-west-1").origin
        'https://vpc-x.eu-west-1.es.amazonaws.com:443'
        """
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'http' if self.way == 'http' else 'https'}://{host}:{self.port}"


def is_engine_url(text: str) -> bool:
    """Whether a text means a search engine and not a path.

    >>> is_engine_url("elasticsearch+https://h"), is_engine_url("trail/")
    (True, False)
    """
    return text.partition("+")[0] in ("opensearch", "elasticsearch") and "://" in text


def parse_url(text: str) -> EngineUrl:
    """Parse a search engine's URL.

    Raises
    ------
    SettingsError
        Something in it is unknown, missing or unsafe; says what to write.

    Examples
    --------
    >>> parse_url("opensearch+http://localhost").port
    9200
    """
    parts = urlsplit(text)
    product, _, way = parts.scheme.partition("+")
    if product not in ("opensearch", "elasticsearch") or way not in _PORT:
        raise SettingsError(f"'{_shown(text)}' is no address of a search engine: write it as in {_EXAMPLE}")
    if product == "elasticsearch" and way == "sigv4":
        raise SettingsError(
            "Elasticsearch knows no SigV4: write opensearch+sigv4:// for Amazon's, or elasticsearch+https://"
        )
    if parts.password is not None:
        raise SettingsError(f"a password in the URL is seen by everyone on the machine: write it as in {_EXAMPLE}")
    try:
        port = parts.port or _PORT[way]
    except ValueError as error:
        raise SettingsError(f"the port of '{_shown(text)}' is none: give a number to 65535") from error
    if not parts.hostname:
        raise SettingsError(f"'{_shown(text)}' names no host: write it as in {_EXAMPLE}")
    if parts.path.strip("/"):
        raise SettingsError(f"'{_shown(text)}' has a path: leave '{parts.path}' out, names of indices are settings")
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    _check_given(way, given)
    if way == "http" and not _is_loopback(parts.hostname):
        raise SettingsError(f"+http:// sends events in the clear, so only to this machine: write {product}+https://")
    return EngineUrl(product, way, parts.hostname, port, unquote(parts.username or ""), given)


def _check_given(way: str, given: dict[str, str]) -> None:
    known = _OF_SIGV4 if way == "sigv4" else _OF_HTTP
    for name in given:
        if name not in known:
            raise SettingsError(f"'{name}' after the ? of the URL is unknown: there are {', '.join(sorted(known))}")
    if way == "sigv4" and not given.get("region"):
        raise SettingsError("the URL names no region: write opensearch+sigv4://HOST?region=eu-west-1")
    if given.get("service", "es") not in _SERVICES:
        raise SettingsError(f"service is '{given['service']}': it is es (a domain) or aoss (serverless)")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(text: str) -> str:
    """A URL that may be wrong, without what may be a secret in it."""
    head, _, rest = text.partition("://")
    return f"{head}://{rest.rpartition('@')[2].partition('?')[0]}"
