"""Campaigns: what was planted, by whom it seems to be done, and how loudly."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

Degree = Literal["loud", "medium", "stealthy"]
DEGREES: tuple[Degree, ...] = get_args(Degree)

STEALTHY_CALLS = 10
"""Most calls of a stealthy campaign; it also comes from the victim's own network."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One planted attack.

    Examples
    --------
    >>> at = datetime(2026, 3, 2, 9)
    >>> Campaign("c1", "recording", "aws.execution.ssm-send-command", "loud", at, at, ("e1", "e2")).calls
    2
    """

    id: str
    source: Literal["simulator", "recording"]
    technique: str
    degree: Degree
    start: datetime
    """Event time of the first call, UTC."""
    end: datetime
    event_ids: tuple[str, ...]

    @property
    def calls(self) -> int:
        """How many calls it made."""
        return len(self.event_ids)


def read_truth(path: Path) -> list[Campaign]:
    """Return the campaigns that the simulator says it planted."""
    truth = json.loads(path.read_text(encoding="utf-8"))
    return [
        Campaign(
            id=str(planted["id"]),
            source="simulator",
            technique=planted["technique"],
            degree=planted["degree"],
            start=datetime.fromisoformat(planted["start"]),
            end=datetime.fromisoformat(planted["end"]),
            event_ids=tuple(planted["event_ids"]),
        )
        for planted in truth["campaigns"]
    ]


def check(campaigns: Sequence[Campaign]) -> None:
    """Refuse campaigns that share an event, an id, or call themselves stealthy and are not.

    Raises
    ------
    ValueError
        With the campaign that is wrong.
    """
    seen: set[str] = set()
    for campaign in campaigns:
        mine = {campaign.id, *campaign.event_ids}
        if not campaign.event_ids or len(mine) != campaign.calls + 1 or mine & seen:
            raise ValueError(f"campaign {campaign.id} has no events, or shares them with another")
        if campaign.degree == "stealthy" and campaign.calls > STEALTHY_CALLS:
            raise ValueError(
                f"campaign {campaign.id} is stealthy with {campaign.calls} calls, more than {STEALTHY_CALLS}"
            )
        seen |= mine
