"""What could not be read, so that nobody knows what is missing: of which accounts, since when, and why."""

from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from typing import Final, NamedTuple, Protocol

from pipeline.text.inert import inert

_WAITS: Final = "integrity/waits"
"""Setting of a home's state: the last time of which it was not told what is missing."""


class State(Protocol):
    """Where small things are remembered."""

    def put_setting(self, key: str, value: object) -> None:
        """Remember a value that JSON can hold."""

    def setting(self, key: str, default: object = None) -> object:
        """The remembered value, or `default`."""


class Waits(NamedTuple):
    """Accounts of which not all could be read."""

    why: str
    accounts: frozenset[str] | None
    """None for all."""

    def hold(self, account: str) -> bool:
        """Whether an account is one of them.

        >>> Waits("away", frozenset({"1"})).hold("2"), Waits("away", None).hold("2")
        (False, True)
        """
        return self.accounts is None or account in self.accounts

    @property
    def mark(self) -> str:
        """The same for the same accounts."""
        told = "all" if self.accounts is None else " ".join(sorted(self.accounts))
        return blake2b(told.encode(), digest_size=8).hexdigest()


def note_waits(state: State, waits: Waits | None, now: datetime, wake: Callable[[], None]) -> None:
    """Remember since when nobody knows what is missing.

    Parameters
    ----------
    wake
        Called first where what waited may be judged: nothing waits any more, or other accounts do.
    """
    kept = state.setting(_WAITS)
    before = kept if isinstance(kept, dict) and kept["until"] is None else None
    if waits is None and before is not None:
        wake()
        state.put_setting(_WAITS, before | {"until": now.isoformat()})
    elif waits is not None and before is None:
        value = {"since": now.isoformat(), "until": None, "why": inert(waits.why), "mark": waits.mark}
        state.put_setting(_WAITS, value)
    elif waits is not None and before is not None and before["mark"] != waits.mark:
        wake()
        state.put_setting(_WAITS, before | {"why": inert(waits.why), "mark": waits.mark})


def find_waits(state: State, start: datetime, end: datetime) -> str:
    """Why nobody knew in [start, end) what was missing, the last time; empty where somebody did."""
    kept = state.setting(_WAITS)
    if not isinstance(kept, dict):
        return ""
    since, until = datetime.fromisoformat(kept["since"]), kept["until"]
    over = since < end and (until is None or datetime.fromisoformat(until) > start)
    return str(kept["why"]) if over else ""
