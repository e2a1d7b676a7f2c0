"""What each model of vectors would have raised at the same budget, and how much of it the sum did not."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from models.model import Model
from models.standing import Key
from pipeline.detect.walk import DayOutcome

WITHOUT_BUDGET: Final = 1.0
"""Principal-days a day that are counted where there is no budget: what scores 75."""


@dataclass(slots=True)
class Adds:
    """Principal-days by detector whose largest hour reached what the budget asks of the days before.

    Examples
    --------
    >>> Adds({"forest": {(7, 0), (7, 1)}}).tell({(7, 0)})
    {'forest': {'reached': 2, 'alone': 1}}
    """

    reached: dict[str, set[Key]] = field(default_factory=dict)

    def take(self, outcome: DayOutcome, model: Model, budget: float | None) -> None:
        """Count a day that the model has not learnt yet."""
        scored = outcome.scored
        for name in model.detectors:
            found = self.reached.setdefault(name, set())
            cut = model.history.quantile(WITHOUT_BUDGET if budget is None else budget, of=name)
            if len(scored):
                strong = np.flatnonzero((scored.raw[name] > 0) & (scored.raw[name] >= cut))
                strong = strong[scored.hours.day[strong] == model.day]
                found |= {(model.day, code) for code in scored.hours.principal[strong].tolist()}

    def tell(self, raised: AbstractSet[Key]) -> dict[str, Any]:
        """By detector how many reached it, and how many of these the sum did not raise.

        Parameters
        ----------
        raised
            Ledgers that the sum raised.
        """
        return {
            name: {"reached": len(found), "alone": len(found - {key[:2] for key in raised})}
            for name, found in self.reached.items()
        }
