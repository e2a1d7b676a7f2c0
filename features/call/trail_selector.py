"""What the event selectors of a trail leave out.

A trail keeps management events, reads and writes of all services, unless its selectors say otherwise. Which data
events it should keep nobody can tell from a request; that it leaves some out by name can.
Source: CloudTrail API reference, EventSelector, AdvancedEventSelector, AdvancedFieldSelector.
"""

from typing import Any, Final

from features.call.document import fold_key

_MOST: Final = 1_000
"""Selectors, and fields of each, that are looked at."""
_NEGATIONS: Final = frozenset({"notequals", "notstartswith", "notendswith"})
_NOT_EVENTS: Final = frozenset({"activityauditlog", "configurationitem", "evidence"})
"""Categories of event data stores that keep something else than CloudTrail's events."""


def leaves_out(request: Any) -> bool:
    """Whether the selectors in a request leave out management events, or any events by a negation.

    >>> leaves_out({"eventSelectors": [{"includeManagementEvents": True, "readWriteType": "All"}]})
    False
    >>> leaves_out({"advancedEventSelectors": [{"fieldSelectors": [{"field": "eventCategory", "equals": ["Data"]}]}]})
    True
    """
    folded = _fold(request)
    classic, advanced = folded.get("eventselectors"), folded.get("advancedeventselectors")
    if isinstance(advanced, list) and (advanced or not isinstance(classic, list)):
        return _leave_out_advanced([_read_fields(selector) for selector in advanced[:_MOST]])
    return isinstance(classic, list) and _leave_out_classic([_fold(selector) for selector in classic[:_MOST]])


def _leave_out_classic(selectors: list[dict[str, Any]]) -> bool:
    keeping = [each for each in selectors if str(each.get("includemanagementevents", True)).lower() != "false"]
    kept = {str(selector.get("readwritetype") or "All").lower() for selector in keeping}
    excluded = any(selector.get("excludemanagementeventsources") for selector in keeping)
    return excluded or not ("all" in kept or {"readonly", "writeonly"} <= kept)


def _leave_out_advanced(selectors: list[list[dict[str, Any]]]) -> bool:
    if any(field.get(negation) for fields in selectors for field in fields for negation in _NEGATIONS):
        return True
    categories = [_find_equals(fields, "eventcategory") for fields in selectors]
    if categories and all(named and named <= _NOT_EVENTS for named in categories):
        return False
    halves: set[str] = set()
    for fields, named in zip(selectors, categories, strict=True):
        if "management" in named:
            narrowing = {str(field.get("field")).lower() for field in fields} - {"eventcategory"}
            if not narrowing:
                return False
            if narrowing == {"readonly"}:
                halves |= _find_equals(fields, "readonly")
    return halves != {"true", "false"}


def _read_fields(selector: Any) -> list[dict[str, Any]]:
    """Read the fields of an advanced selector."""
    fields = _fold(selector).get("fieldselectors")
    return [_fold(field) for field in fields[:_MOST]] if isinstance(fields, list) else []


def _find_equals(fields: list[dict[str, Any]], name: str) -> set[str]:
    """Find what a field is to equal."""
    found = (field.get("equals") for field in fields if str(field.get("field")).lower() == name)
    return {str(value).lower() for values in found if isinstance(values, list) for value in values}


def _fold(value: Any) -> dict[str, Any]:
    """Fold the names of an object's members."""
    return {fold_key(name): inner for name, inner in value.items()} if isinstance(value, dict) else {}
