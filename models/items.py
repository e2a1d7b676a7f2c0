"""Items of evidence: what spoke for an attacker, in nats, with all that an explanation needs."""

from dataclasses import dataclass, fields

import numpy as np

from models.baseline import Bools, Floats, Ints


@dataclass(slots=True)
class Items:
    """Evidence of tokens against a day's baseline, as arrays of one length; higher nats are stranger."""

    principal: Ints
    token: Ints
    day: Ints
    tick: Ints
    hour: Ints
    account: Ints
    nats: Floats
    first: Bools
    """The principal never did it before."""
    circle: Ints
    """For a first, the smallest circle that knew it."""
    hours_with: Floats
    """Active hours of the principal that held the value, undecayed."""
    hours: Floats
    """Active hours it is judged among, undecayed."""
    peers_with: Ints
    peers: Ints
    others_with: Ints
    """Principals of the deployment that ever did it."""

    def where(self, mask: Bools | Ints) -> "Items":
        """The items a mask or an order selects."""
        return Items(*(getattr(self, f.name)[mask] for f in fields(self)))

    def __len__(self) -> int:
        return len(self.principal)

    @staticmethod
    def concatenated(parts: "list[Items]") -> "Items":
        """One table of several."""
        return Items(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Items)))


def no_items() -> Items:
    """No evidence of tokens."""
    whole, real = np.empty(0, dtype=np.int64), np.empty(0)
    return Items(
        whole, whole, whole, whole, whole, whole, real, real.astype(bool), whole, real, real, whole, whole, whole
    )
