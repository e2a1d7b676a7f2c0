"""What was planted: attacks with their events, and harmless oddities, for judging what a detector says."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

Degree = Literal["loud", "medium", "stealthy"]


@dataclass(frozen=True, slots=True)
class Campaign:
    """One attack. Times are UTC, as records write them."""

    id: str
    degree: Degree
    technique: str
    principal_arn: str
    principal_name: str
    principal_key: str
    start: str
    end: str
    event_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something unusual and harmless that happened to a principal, and why. Times are UTC, the end not included."""

    cause: str
    principal_arn: str
    principal_name: str
    start: str
    end: str


def sort_oddities(oddities: Iterable[Oddity]) -> list[Oddity]:
    """Put oddities in the order of time."""
    return sorted(oddities, key=lambda oddity: (oddity.start, oddity.cause, oddity.principal_name))


@dataclass(slots=True)
class Truth:
    """Everything planted in a simulated company."""

    events: int = 0
    files: int = 0
    people: int = 0
    machines: int = 0
    accounts: int = 0
    campaigns: list[Campaign] = field(default_factory=list)
    oddities: list[Oddity] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
