"""What is in the way of our templates: other templates for the same indices, and indices that are made otherwise."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from pipeline.documents.document import Naming
from pipeline.documents.template import MADE_BY, PRIORITY, Template
from pipeline.search.engine import Engine

_MOST_NAMED: Final = 5
"""Things that a message names before it counts."""


class Found(NamedTuple):
    """What was found."""

    conflicts: list[str]
    """Nothing can be set up while these are there."""
    notes: list[str]
    """What is worth knowing and does no harm."""
    behind: list[tuple[str, dict[str, Any]]]
    """Our own indices that lack fields, with the properties of their template."""


def find_conflicts(engine: Engine, naming: Naming, templates: Sequence[Template]) -> Found:
    """Look for what would fight with some templates."""
    found = Found([], [], [])
    _look_at_templates(engine, templates, found)
    _look_at_legacy_templates(engine, templates, found)
    for template in templates:
        _look_at_indices(engine, template, found)
    answer = engine.ask("GET", f"/{quote(naming.prefix)}/_mapping")
    if answer.status == 200 and naming.prefix in answer.body:
        found.conflicts.append(
            f"an index is named '{naming.prefix}', which is to be the alias of all days: rename it, or take --prefix"
        )
    return found


def _look_at_templates(engine: Engine, templates: Sequence[Template], found: Found) -> None:
    answer = engine.ask("GET", "/_index_template")
    there = answer.body.get("index_templates", []) if isinstance(answer.body, dict) else []
    own = {template.name for template in templates}
    for name, body in [(str(each["name"]), each["index_template"]) for each in there]:
        made_by = (body.get("_meta") or {}).get("made_by")
        if name in own:
            if made_by != MADE_BY:
                found.conflicts.append(f"the index template '{name}' is not oddtrail's: remove it, or take --prefix")
            continue
        patterns, priority = body.get("index_patterns", []), int(body.get("priority") or 0)
        shared = [template.patterns[0] for template in templates if _overlap(template.patterns, patterns)]
        if shared and priority >= PRIORITY:
            found.conflicts.append(
                f"the index template '{name}' ({', '.join(patterns)}) has priority {priority} and takes {shared[0]} "
                f"from ours ({PRIORITY}): lower its priority, narrow its patterns, or take --prefix"
            )
        elif shared:
            found.notes.append(f"index template '{name}' ({', '.join(patterns)}) no longer applies to {shared[0]}")


def _look_at_legacy_templates(engine: Engine, templates: Sequence[Template], found: Found) -> None:
    answer = engine.ask("GET", "/_template")
    if answer.status != 200 or not isinstance(answer.body, dict):
        return
    for name, body in answer.body.items():
        patterns = body.get("index_patterns", [])
        if patterns != ["*"] and any(_overlap(template.patterns, patterns) for template in templates):
            found.notes.append(f"legacy template '{name}' ({', '.join(patterns)}) no longer applies to our indices")


def _look_at_indices(engine: Engine, template: Template, found: Found) -> None:
    wanted = template.body["template"]["mappings"]
    answer = engine.ask(
        "GET", f"/{quote(template.patterns[0], safe='*')}/_mapping", params={"ignore_unavailable": "true"}
    )
    there = answer.body if answer.status == 200 and isinstance(answer.body, dict) else {}
    foreign = []
    for index, body in sorted(there.items()):
        mapping = body.get("mappings", {})
        ours = (mapping.get("_meta") or {}).get("made_by") == MADE_BY
        differing, missing = _compare(wanted, mapping)
        if differing or (missing and not ours):
            foreign.append(f"'{index}' ({'; '.join([*differing, *missing][:3])})")
        elif missing:
            found.behind.append((index, wanted["properties"]))
    if foreign:
        more = f" and {len(foreign) - _MOST_NAMED} more" if len(foreign) > _MOST_NAMED else ""
        found.conflicts.append(
            f"indices are mapped otherwise: {', '.join(foreign[:_MOST_NAMED])}{more}: reindex or remove them, "
            "or take --prefix for indices of our own"
        )


def _compare(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Fields that have another type, and those that are not there."""
    types = dict(_types(there.get("properties", {})))
    differing, missing = [], []
    if str(there.get("dynamic", "true")) not in ("false", "strict"):
        differing.append("it is mapped dynamically")
    for name, kind in _types(wanted["properties"]):
        if name not in types:
            missing.append(f"{name} is not mapped")
        elif types[name] != kind:
            differing.append(f"{name} is {types[name]}, not {kind}")
    return differing, missing


def _types(properties: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Names and types of fields."""
    for name, body in properties.items():
        if "properties" in body:
            yield from _types(body["properties"], f"{above}{name}.")
        else:
            yield f"{above}{name}", str(body.get("type", "object"))


def _overlap(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    return any(overlap(one, other) for one in ours for other in theirs)


def overlap(one: str, other: str) -> bool:
    """Whether a name can match both patterns, in which `*` stands for any characters.

    >>> overlap("cloudtrail-*.*.*", "cloud*"), overlap("cloudtrail-*.*.*", "cloudtrail-quarantine")
    (True, False)
    """

    @cache
    def match(at: int, there: int) -> bool:
        if at == len(one) and there == len(other):
            return True
        if at < len(one) and one[at] == "*":
            return match(at + 1, there) or (there < len(other) and match(at, there + 1))
        if there < len(other) and other[there] == "*":
            return match(at, there + 1) or (at < len(one) and match(at + 1, there))
        return at < len(one) and there < len(other) and one[at] == other[there] and match(at + 1, there + 1)

    return match(0, 0)
