"""Which indices of which search engine are meant: `opensearch+https://host:9200/cloudtrail-*`."""

import re
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from pipeline.errors import SettingsError
from pipeline.search.url import EngineUrl, parse_url

_NAME: Final = re.compile(r"[a-z0-9*.][a-z0-9*._+-]{0,254}|-[a-z0-9*._+-]{1,254}", re.ASCII)
"""Of one index, or a pattern of names; after a minus it is one to leave out."""
_EXAMPLE: Final = "opensearch+https://user@host:9200/cloudtrail-*?password=env:OPENSEARCH_PASSWORD"


class IndexPlace(NamedTuple):
    """Indices of a search engine."""

    url: EngineUrl
    pattern: str
    """Names and patterns of indices, separated by commas."""

    @property
    def text(self) -> str:
        """As it may be shown."""
        return f"{self.url.product}+{self.url.origin}/{self.pattern}"


def parse_place(text: str) -> IndexPlace:
    """Parse the address of indices: a search engine's, with the indices where a web address has its path.

    Raises
    ------
    SettingsError
        Something in it is unknown, missing or unsafe; says what to write.

    Examples
    --------
    >>> parse_place("elasticsearch+http://localhost/logs-aws.cloudtrail-*,-logs-aws.cloudtrail-test").pattern
    'logs-aws.cloudtrail-*,-logs-aws.cloudtrail-test'
    """
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise SettingsError(f"the host of the address is none ({error}): write it as in {_EXAMPLE}") from error
    url = parse_url(urlunsplit(parts._replace(path="", fragment="")))
    pattern = unquote(parts.path).strip("/")
    if not pattern or parts.fragment:
        raise SettingsError(f"the address names no index to read: write it as in {_EXAMPLE}")
    names = pattern.split(",")
    for name in names:
        if not _NAME.fullmatch(name) or name in (".", "..") or ".." in name.split("-"):
            raise SettingsError(
                f"{name[:100]!r} is no name of an index: small letters, digits, -, _ and ., with * for any of them; "
                "another cluster's indices are read by its own address"
            )
    if names[0].startswith("-") or all(not set(name) - set("*.") for name in names if not name.startswith("-")):
        raise SettingsError(f"'{pattern}' does not say which indices: name them, as in {_EXAMPLE}")
    return IndexPlace(url, pattern)
