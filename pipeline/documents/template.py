"""Index templates: what the indices of events, quarantine and alerts are made like, whatever is written to them.

`dynamic: false` keeps the number of fields what it is here; what has no field is kept and not searched.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from pipeline.documents.capabilities import Capabilities
from pipeline.documents.document import QUARANTINE, Naming
from pipeline.documents.fields import ALERT_FIELDS, EVENT_FIELDS, FREE_FORM, Field

VERSION: Final = 1
"""Of the templates; another one asks for `oddtrail setup`."""
MADE_BY: Final = "oddtrail"
ALERTS: Final = "oddtrail-alerts"
"""Name of the index of alerts."""
PRIORITY: Final = 250
"""Of the templates; the engines' own have at most 200."""
_SETTINGS: Final[dict[str, Any]] = {
    "number_of_shards": "1",
    "auto_expand_replicas": "0-1",
    "codec": "best_compression",
    "refresh_interval": "30s",
    "translog": {"durability": "request"},
}
"""As engines give them back, so that what is there can be compared."""
_ALERT_SETTINGS: Final = _SETTINGS | {"refresh_interval": "1s"}


class Template(NamedTuple):
    """An index template, and what it is for."""

    name: str
    patterns: tuple[str, ...]
    body: dict[str, Any]

    @property
    def path(self) -> str:
        """Where it is put."""
        return f"/_index_template/{self.name}"


def make_templates(capabilities: Capabilities, naming: Naming, lifecycle: str | None = None) -> tuple[Template, ...]:
    """The templates of events, quarantine and alerts for an engine.

    Parameters
    ----------
    lifecycle
        Name of the policy of indices of events, where the engine wants it told by its index; None elsewhere.

    Examples
    --------
    >>> made = make_templates(Capabilities("opensearch", (3, 8, 0)), Naming())
    >>> [(template.name, template.patterns) for template in made]
    [('oddtrail-cloudtrail', ('cloudtrail-*.*.*',)), ('oddtrail-cloudtrail-quarantine', ('cloudtrail-quarantine',)),
     ('oddtrail-alerts', ('oddtrail-alerts',))]
    """
    prefix = naming.prefix
    events = make_mapping(EVENT_FIELDS, capabilities)
    settings = _SETTINGS | ({"lifecycle": {"name": lifecycle}} if lifecycle else {})
    return (
        _make(f"oddtrail-{prefix}", f"{prefix}-*.*.*", settings, events, {prefix: {}}),
        _make(f"oddtrail-{prefix}-{QUARANTINE}", f"{prefix}-{QUARANTINE}", _SETTINGS, events, {}),
        _make(ALERTS, ALERTS, _ALERT_SETTINGS, make_mapping(ALERT_FIELDS, capabilities), {}),
    )


def make_mapping(fields: Iterable[Field], capabilities: Capabilities) -> dict[str, Any]:
    """The mapping of some fields.

    >>> mapping = make_mapping([Field("a.b", "keyword", "")], Capabilities("elasticsearch", (8, 0)))
    >>> mapping["properties"]
    {'a': {'properties': {'b': {'type': 'keyword', 'ignore_above': 1024}}}}
    """
    properties: dict[str, Any] = {}
    for field in fields:
        *above, name = field.name.split(".")
        inner = properties
        for part in above:
            inner = inner.setdefault(part, {"properties": {}})["properties"]
        inner[name] = make_type(field, capabilities)
    return {
        "_meta": {"made_by": MADE_BY, "version": VERSION},
        "dynamic": "false",
        "date_detection": False,
        "properties": properties,
    }


def needs_texts(mapping: Mapping[str, Any]) -> bool:
    """Whether a mapping of events keeps requests and does not search them, so that they are written as texts besides.

    >>> engines = Capabilities("opensearch", (2, 6, 0)), Capabilities("opensearch", (2, 7, 0))
    >>> [needs_texts(make_mapping(EVENT_FIELDS, engine)) for engine in engines]
    [True, False]
    """
    inner: Any = mapping
    for name in FREE_FORM.split("."):
        inner = inner.get("properties", {}).get(name, {})
    return inner.get("enabled") in (False, "false")


def make_type(field: Field, capabilities: Capabilities) -> dict[str, Any]:
    """The mapping of one field."""
    match field.type:
        case "keyword":
            return {"type": "keyword", "ignore_above": field.longest}
        case "text":
            return {"type": "text", "norms": False}
        case "keyword and text":
            words = {"text": {"type": "text", "norms": False}}
            return {"type": "keyword", "ignore_above": field.longest, "fields": words}
        case "date":
            return {"type": "date", "ignore_malformed": True} if field.name != "@timestamp" else {"type": "date"}
        case "ip":
            return {"type": "ip", "ignore_malformed": True}
        case "geo":
            return {"type": "geo_point", "ignore_malformed": True}
        case "long" | "double":
            return {"type": field.type, "ignore_malformed": True}
        case "kept":
            return {"type": "text", "index": False}
        case "flat":
            return _make_flat(field, capabilities)
        case _:
            return {"type": field.type}


def _make_flat(field: Field, capabilities: Capabilities) -> dict[str, Any]:
    kind = capabilities.flat_type
    if kind is None:
        return {"type": "object", "enabled": False}
    return {"type": kind, "ignore_above": field.longest} if kind == "flattened" else {"type": kind}


def _make(
    name: str, pattern: str, settings: dict[str, Any], mapping: dict[str, Any], aliases: dict[str, Any]
) -> Template:  # fmt: skip
    body = {
        "index_patterns": [pattern],
        "priority": PRIORITY,
        "version": VERSION,
        "_meta": {"made_by": MADE_BY, "version": VERSION},
        "template": {"settings": {"index": settings}, "mappings": mapping, "aliases": aliases},
    }
    return Template(name, (pattern,), body)
