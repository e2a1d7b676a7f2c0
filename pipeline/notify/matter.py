"""What an operator must know besides alerts: each operations event opens a matter, says more of it, or ends it.

An account that went quiet, log files that are not as CloudTrail delivered them, a model that was refused, a watch
that is not well: each is one, open until an event says that it is over. The home's `operations.jsonl` is all there is
to know, so whoever was killed reads the same again.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from pipeline.stores.jsonl.operations import OperationsJsonl

About = Literal["silence", "integrity", "model", "health"]
ABOUT: Final[tuple[About, ...]] = ("silence", "integrity", "model", "health")
_OPENS: Final[Mapping[str, About]] = {
    "silence": "silence",
    "integrity": "integrity",
    "model_refused": "model",
    "model_rolled_back": "model",
    "model_not_opened": "model",
    "unhealthy": "health",
}
"""Kinds of operations events that open a matter, or say more of it."""
_ENDS: Final = frozenset({"silence_over", "integrity_cleared", "healthy"})
"""Those that end the one of their key."""
_SERVES: Final = frozenset({"model_serves", "model_promoted"})
"""Those that end all matters of models: another one serves."""
_LONGEST_KEY: Final = 500
_MOST: Final = 5_000
"""Matters that are held, the newest."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that an operator must know."""

    id: str
    """Of this time that it is so: the same on every reading, and another when it comes again."""
    about: About
    key: str
    """What it is of; the same when it comes again."""
    since: datetime
    """When it was told first."""
    at: datetime
    """When the last of it was told."""
    revision: int = 1
    over: bool = False
    event: Mapping[str, Any] = field(default_factory=dict)
    """The last event that opened it or said more."""
    end: Mapping[str, Any] = field(default_factory=dict)
    """The event that ended it."""


def fold_matters(events: Iterable[Mapping[str, Any]]) -> list[Matter]:
    """Matters of some operations events, in the order in which they began; what cannot be read is passed over.

    >>> at = "2026-03-02T10:00:00+00:00"
    >>> begun = {"at": at, "kind": "unhealthy", "what": "failing", "text": "3 ticks failed in a row"}
    >>> [(one.about, one.over) for one in fold_matters([begun, {"at": at, "kind": "healthy"}])]
    [('health', True)]
    """
    found: dict[str, Matter] = {}
    standing: dict[str, str] = {}
    for event in events:
        at, kind = _read_time(event.get("at")), str(event.get("kind", ""))
        if at is None:
            continue
        if kind in _SERVES:
            for key in [key for key, of in standing.items() if found[of].about == "model"]:
                one = found[standing.pop(key)]
                found[one.id] = replace(one, over=True, end=event, at=at, revision=one.revision + 1)
            continue
        about = _OPENS.get(kind)
        key = _find_key(kind, event)
        if not key or (about is None and kind not in _ENDS):
            continue
        known = found.get(standing.get(key, ""))
        if about is None:
            if known is not None:
                del standing[key]
                found[known.id] = replace(known, over=True, end=event, at=at, revision=known.revision + 1)
        elif known is not None:
            found[known.id] = replace(known, event=event, at=at, revision=known.revision + 1)
        else:
            one = Matter(_name(key, event), about, key, at, at, event=event)
            found[one.id], standing[key] = one, one.id
    return list(found.values())[-_MOST:]


def key_silence(account: str, region: object) -> str:
    """What a silence is of: an account where the region is None, its global services where it is empty."""
    return f"silence/{account}/{'all' if region is None else f'in {region}'}"[:_LONGEST_KEY]


def _find_key(kind: str, event: Mapping[str, Any]) -> str:
    """What an event is of; empty where it does not say."""
    if kind in ("silence", "silence_over"):
        account, region = event.get("account"), event.get("region")
        return key_silence(str(account), region) if account else ""
    if kind in ("integrity", "integrity_cleared"):
        key = event.get("key")
        return f"integrity/{key}"[:_LONGEST_KEY] if key else ""
    if kind in ("unhealthy", "healthy"):
        return "health"
    return f"{kind}/{event.get('model_id', '')}"[:_LONGEST_KEY]


def _name(key: str, event: Mapping[str, Any]) -> str:
    content = "\0".join((key, str(event.get("at")), str(event.get("kind")))).encode("utf-8", "replace")
    return f"op-{hashlib.blake2b(content, digest_size=12).hexdigest()}"


def _read_time(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


class Matters:
    """The matters of a home, read again only where its operations events have grown."""

    def __init__(self, operations: OperationsJsonl) -> None:
        self._operations = operations
        self._seen: tuple[int, int] | None = None
        self._found: list[Matter] = []

    def read(self) -> list[Matter]:
        """All of them as they stand, in the order in which they began.

        Raises
        ------
        StoreError
            What lies there is no plain file.
        """
        try:
            stat = self._operations.path.stat()
            seen: tuple[int, int] | None = (stat.st_size, stat.st_mtime_ns)
        except OSError:
            seen = None
        if seen is None or seen != self._seen:
            self._found, self._seen = fold_matters(self._operations.every()), seen
        return self._found

    def standing(self, about: About) -> dict[str, Matter]:
        """Those that are open, by what they are of."""
        return {one.key: one for one in self.read() if one.about == about and not one.over}
