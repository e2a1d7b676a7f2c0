"""Bounds for what is published: no text or list is so long that an engine refuses its document, none moves a screen."""

from collections.abc import Iterable
from typing import Any, Final

from pipeline.text.inert import inert

LONGEST: Final = 1_024
"""Characters of a value; longer ones could not be searched."""
LONGEST_SENTENCE: Final = 2_000
MOST: Final = 100
"""Values of a list."""
_SENTENCES: Final = frozenset({"text", "title", "reason", "message"})
_KEYS: Final = frozenset({"alert_id", "event_ids", "event_id", "principal_key"})
"""What is held against other documents: as it is, if it can be written at all."""


def bounded(value: Any, name: str = "") -> Any:
    r"""A value as it may be published: texts inert and cut, lists cut, numbers finite.

    Parameters
    ----------
    name
        The field it stands in.

    Examples
    --------
    >>> bounded({"text": "a\x1b[2Jb", "nats": float("inf"), "values": ["x"] * 200})["text"]
    'a\\x1b[2Jb'
    >>> len(bounded(["x"] * 200)), bounded(float("inf")) is None
    (100, True)
    """
    if isinstance(value, str):
        if name in _KEYS:
            return value[:LONGEST].encode("utf-8", "replace").decode()
        return inert(value, LONGEST_SENTENCE if name in _SENTENCES else LONGEST)
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, dict):
        return {key: bounded(inner, key) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [bounded(inner, name) for inner in value[:MOST]]
    return value


def distinct(values: Iterable[str], most: int = MOST) -> list[str]:
    """Values that say something, each once, in their order.

    >>> distinct(["b", "", "a", "b"])
    ['b', 'a']
    """
    return list(dict.fromkeys(filter(None, values)))[:most]
