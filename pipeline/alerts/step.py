"""One thing to do about an alert."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and the commands for it, ready for a shell."""

    text: str
    commands: tuple[str, ...] = ()
    named: bool = False
    """The text holds names from data; otherwise all of it is ours."""
