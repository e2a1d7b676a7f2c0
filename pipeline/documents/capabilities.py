"""What a search engine can do: which product and version it is, and which field types that means.

Documents and templates are the same everywhere but for one type: an object of any shape, leaf by leaf, is `flat_object`
in OpenSearch from 2.7, `flattened` in Elasticsearch. An older OpenSearch keeps such objects and cannot search them, so
there requests and responses are written as texts besides.
"""

from typing import Any, Final, NamedTuple

from pipeline.errors import SettingsError
from pipeline.search.engine import Answer, Engine

_OLDEST: Final = {"opensearch": (1, 3), "elasticsearch": (7, 17)}
_NEXT: Final = {"opensearch": 4, "elasticsearch": 10}
"""Major versions from which on nothing is known."""
_SHOWN: Final = {"opensearch": "OpenSearch", "elasticsearch": "Elasticsearch"}
_FLAT_OBJECT: Final = (2, 7)
_PRETENDED: Final = "7.10.2"
"""What OpenSearch says it is, where it is set to please old clients."""
_NODES: Final = {"filter_path": "nodes.*.version,nodes.*.build_flavor,nodes.*.build_type"}


class Capabilities(NamedTuple):
    """A search engine's product and version."""

    product: str
    """`opensearch` or `elasticsearch`."""
    version: tuple[int, ...]

    def __str__(self) -> str:
        return f"{_SHOWN[self.product]} {'.'.join(map(str, self.version))}"

    @property
    def flat_type(self) -> str | None:
        """Type of a field for objects of any shape; None where there is none.

        >>> Capabilities("opensearch", (2, 19, 4)).flat_type, Capabilities("elasticsearch", (7, 17, 0)).flat_type
        ('flat_object', 'flattened')
        >>> Capabilities("opensearch", (2, 6, 0)).flat_type is None
        True
        """
        if self.product == "elasticsearch":
            return "flattened"
        return "flat_object" if self.version >= _FLAT_OBJECT else None

    @property
    def needs_texts(self) -> bool:
        """Whether requests can only be searched as texts."""
        return self.flat_type is None


def probe(engine: Engine) -> Capabilities:
    """Ask an engine what it is.

    Raises
    ------
    SettingsError
        It is none that we know, too old, or does not let us in.
    UnreachableError
        It does not answer.
    """
    found = read_root(engine.ask("GET", "/"))
    if found is None:
        found = read_nodes(_checked(engine, engine.ask("GET", "/_nodes/_local", params=_NODES)), engine.url.product)
    if found is None:
        raise SettingsError(f"{engine.url.origin} answers like no search engine that is known: check host and port")
    oldest = _OLDEST[found.product]
    if found.version < oldest or found.version[0] >= _NEXT[found.product]:
        raise SettingsError(
            f"{engine.url.origin} is {found}: OpenSearch 1.3 to 3 and Elasticsearch 7.17 to 9 are supported"
        )
    return found


def read_root(answer: Answer) -> Capabilities | None:
    """What `GET /` says; None where it does not tell.

    >>> read_root(Answer(200, {"version": {"number": "2.19.4", "distribution": "opensearch"}}))
    Capabilities(product='opensearch', version=(2, 19, 4))
    >>> read_root(Answer(405, {"error": "Incorrect HTTP method"})) is None
    True
    """
    version = answer.body.get("version") if answer.status == 200 and isinstance(answer.body, dict) else None
    if not isinstance(version, dict) or not isinstance(version.get("number"), str):
        return None
    product = "opensearch" if version.get("distribution") == "opensearch" else "elasticsearch"
    if version["number"] == _PRETENDED:
        return None
    return _read(product, version["number"])


def read_nodes(answer: Answer, product: str) -> Capabilities | None:
    """What `GET /_nodes/_local` says; the product is as the URL believes, unless the version can only be the other's.

    >>> read_nodes(Answer(200, {"nodes": {"a": {"version": "8.19.21", "build_flavor": "default"}}}), "opensearch")
    Capabilities(product='elasticsearch', version=(8, 19, 21))
    """
    nodes = answer.body.get("nodes") if answer.status == 200 and isinstance(answer.body, dict) else None
    if not isinstance(nodes, dict) or not nodes:
        return None
    node: Any = next(iter(nodes.values()))
    number = node.get("version") if isinstance(node, dict) else None
    if not isinstance(number, str):
        return None
    found = _read(product, number)
    if found is None:
        return None
    if "build_flavor" in node or found.version[0] >= _NEXT["opensearch"]:
        return found._replace(product="elasticsearch")
    return found._replace(product="opensearch")


def _read(product: str, number: str) -> Capabilities | None:
    parts = number.partition("-")[0].split(".")
    return Capabilities(product, tuple(map(int, parts))) if all(part.isdecimal() for part in parts) else None


def _checked(engine: Engine, answer: Answer) -> Answer:
    if answer.status in (401, 403):
        kind, reason = answer.error
        raise SettingsError(
            f"{engine.url.origin} does not let us in ({answer.status} {kind} {reason}): check user, password and role"
        )
    return answer
