"""How many events were learnt without ever being judged, and of which days: what no alert can speak of."""

from datetime import date
from typing import Any, Final, Literal, Protocol

Why = Literal["delivered", "landed", "skipped"]
"""CloudTrail delivered them too late; their file was read too late; no model was kept that could judge their day."""
_SETTING: Final = "never_judged"
_KEPT: Final = 180
"""Days and causes that are remembered."""


class _Settings(Protocol):
    def put_setting(self, key: str, value: Any) -> None: ...
    def setting(self, key: str, default: Any = None) -> Any: ...


def put_unjudged(state: _Settings, day: date, why: Why, events: int) -> None:
    """Remember that so many events of a day's deliveries were not judged, in place of what was known of that.

    What the scoring of a day finds is found again whenever it is scored again, so the larger number stands.
    """
    known: dict[str, int] = state.setting(_SETTING, {})
    key = f"{day} {why}"
    if events > known.get(key, 0):
        state.put_setting(_SETTING, dict(sorted((known | {key: events}).items())[-_KEPT:]))


def add_unjudged(state: _Settings, day: date, why: Why, events: int) -> None:
    """Add to what is known of a day."""
    known: dict[str, int] = state.setting(_SETTING, {})
    put_unjudged(state, day, why, known.get(f"{day} {why}", 0) + events)


def count_unjudged(state: _Settings, day: date | None = None) -> int:
    """Events that were never judged, as far as it is remembered; of all days, or of one."""
    known: dict[str, int] = state.setting(_SETTING, {})
    return sum(events for key, events in known.items() if day is None or key.startswith(f"{day} "))
