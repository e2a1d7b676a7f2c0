"""How the events behind a reason ended: something was done, or it was only tried."""

from dataclasses import dataclass

import pandas as pd

from models.baseline import Bools
from models.explain import Reason


@dataclass(frozen=True, slots=True)
class Shown:
    """A reason with what its events say of it."""

    reason: Reason
    errors: tuple[str, ...] = ("",)
    """Error family of each event that holds its value; "" is a success."""
    resource: str = ""
    """Token of what the first of them touched, a success if there is one."""

    @property
    def done(self) -> bool:
        """At least one of them succeeded, or none is there to ask."""
        return not self.errors or not all(self.errors)

    @property
    def ended(self) -> str:
        """How the attempts ended; "" where something was done."""
        if self.done:
            return ""
        return "denied" if "denied" in self.errors else "which failed"


def show_reason(reason: Reason, events: pd.DataFrame, mask: Bools) -> Shown:
    """A reason with how its events ended.

    Parameters
    ----------
    events
        Have the columns `error` and `resources`.
    mask
        Which of them hold the reason's value, shape (len(events),).
    """
    errors = tuple(map(str, events["error"].to_numpy()[mask]))
    resources = events["resources"].to_numpy()[mask]
    order = sorted(range(len(errors)), key=lambda at: bool(errors[at]))  # successes first, else as they happened
    touched = (resources[at][0] for at in order if len(resources[at]))
    return Shown(reason, errors, str(next(touched, "")))
