"""Index templates: what the indices of events, quarantine and alerts are made like, whatever is written to them.

`dynamic: false` keeps the number of fields what it is here; what has no field is kept and not searched.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from pipeline.documents.alert_fields import ALERT_FIELDS
from pipeline.documents.alert_names import ALERTS, ANOMALIES, DETECTOR, HISTORY, RESULTS
from pipeline.documents.capabilities import Capabilities
from pipeline.documents.document import QUARANTINE, Naming
from pipeline.documents.fields import EVENT_FIELDS, FREE_FORM, Field

VERSION: Final = 3
"""Of the templates; another one asks for `oddtrail setup`. 2: alerts stand beside native results. 3: alerts say of
which drill they are, and what models of vectors say."""
MADE_BY: Final = "oddtrail"
PRIORITY: Final = 250
"""Of the templates; the engines' own have at most 200. The history's has one more: alerts' pattern takes it in."""
RESULTS_VERSION: Final = 7
"""Schema version of OpenSearch's results mapping that ours takes in; it lays its own over what has a lower one."""
SETTINGS: Final[dict[str, Any]] = {
    "number_of_shards": "1",
    "auto_expand_replicas": "0-1",
    "codec": "best_compression",
    "refresh_interval": "30s",
    "translog": {"durability": "request"},
}
"""As engines give them back, so that what is there can be compared."""
_ALERT_SETTINGS: Final = SETTINGS | {"refresh_interval": "1s"}


class Template(NamedTuple):
    """An index template, and what it is for."""

    name: str
    patterns: tuple[str, ...]
    body: dict[str, Any]

    @property
    def path(self) -> str:
        """Where it is put."""
        return f"/_index_template/{self.name}"


def make_templates(
    capabilities: Capabilities, naming: Naming, lifecycle: str | None = None, detector_id: str = DETECTOR
) -> tuple[Template, ...]:
    """The templates of events, quarantine, alerts and their history for an engine.

    Parameters
    ----------
    lifecycle
        Name of the policy of indices of events, where the engine wants it told by its index; None elsewhere.
    detector_id
        The detector whose results the alerts are to OpenSearch's viewer; whoever publishes reads it from the template.

    Examples
    --------
    >>> made = make_templates(Capabilities("opensearch", (3, 8, 0)), Naming())
    >>> [(template.name, template.patterns) for template in made]
    [('oddtrail-cloudtrail', ('cloudtrail-*.*.*',)), ('oddtrail-cloudtrail-quarantine', ('cloudtrail-quarantine',)),
     ('oddtrail-alerts', ('opensearch-ad-plugin-result-oddtrail-alerts-*',)),
     ('oddtrail-alerts-history', ('oddtrail-alerts-history-*',))]
    """
    prefix = naming.prefix
    events = make_mapping(EVENT_FIELDS, capabilities)
    settings = SETTINGS | ({"lifecycle": {"name": lifecycle}} if lifecycle else {})
    return (
        _make(f"oddtrail-{prefix}", f"{prefix}-*.*.*", settings, events, {prefix: {}}),
        _make(f"oddtrail-{prefix}-{QUARANTINE}", f"{prefix}-{QUARANTINE}", SETTINGS, events, {}),
        _make(
            ALERTS,
            f"{RESULTS if capabilities.product == 'opensearch' else ALERTS}-*",
            _ALERT_SETTINGS,
            make_alert_mapping(capabilities, detector_id),
            {ALERTS: {}, ANOMALIES: {}},
        ),
        _make(HISTORY, f"{HISTORY}-*", SETTINGS, make_alert_mapping(capabilities), {}, PRIORITY + 1),
    )


def make_alert_mapping(capabilities: Capabilities, detector_id: str = DETECTOR) -> dict[str, Any]:
    """The mapping of alerts; on OpenSearch all of the results mapping that its anomaly detection ships is in it.

    >>> made = make_alert_mapping(Capabilities("opensearch", (3, 8)))
    >>> made["_meta"]["schema_version"], made["properties"]["entity"]["type"]
    (7, 'nested')
    """
    mapping = make_mapping(ALERT_FIELDS, capabilities)
    mapping["_meta"] |= {"detector_id": detector_id}
    if capabilities.product == "opensearch":
        mapping["_meta"] |= {"schema_version": RESULTS_VERSION}
    return mapping


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
            inner = inner.setdefault(part, {}).setdefault("properties", {})
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
        case "instant":
            return {"type": "date", "format": "strict_date_time||epoch_millis"}
        case "alias of timestamp":
            return {"type": "alias", "path": "timestamp"}
        case "text and keyword":
            return {"type": "text", "fields": {"keyword": {"type": "keyword"}}}
        case "user" | "user name":
            return _make_user(field, capabilities)
        case _:
            return {"type": field.type}


def _make_user(field: Field, capabilities: Capabilities) -> dict[str, Any]:
    """The user of a result: OpenSearch wants it nested, and its name by words; ECS and Elastic want neither."""
    if capabilities.product == "elasticsearch":
        return {} if field.type == "user" else {"type": "keyword", "ignore_above": field.longest}
    if field.type == "user":
        return {"type": "nested", "include_in_parent": True}
    return {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}}


def _make_flat(field: Field, capabilities: Capabilities) -> dict[str, Any]:
    kind = capabilities.flat_type
    if kind is None:
        return {"type": "object", "enabled": False}
    return {"type": kind, "ignore_above": field.longest} if kind == "flattened" else {"type": kind}


def _make(
    name: str, pattern: str, settings: dict[str, Any], mapping: dict[str, Any], aliases: dict[str, Any],
    priority: int = PRIORITY,
) -> Template:  # fmt: skip
    body = {
        "index_patterns": [pattern],
        "priority": priority,
        "version": VERSION,
        "_meta": {"made_by": MADE_BY, "version": VERSION},
        "template": {"settings": {"index": settings}, "mappings": mapping, "aliases": aliases},
    }
    return Template(name, (pattern,), body)
