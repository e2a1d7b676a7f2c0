"""Visits: what further firsts of a service lose once its first one was seen, for to try a new service is one event.

Formula and reasons: docs/detection.md, "Adding up a day".
"""

from typing import NamedTuple

import numpy as np

from models.baseline import PART, Baseline, Bools, Floats, Ints, find, pair_key, sort_distinct
from models.items import Items
from models.room import cut
from models.traits import Traits

VISIT_SAME, VISIT_ANY = 0.8, 0.2
"""Probability that the next first is of the service that was just tried, and that it is of any. Set by hand on the
prototype; not measured alone."""
SERVICE_PSEUDO_FIRSTS = 0.1
"""Firsts that each service's share in all firsts starts with. Set by hand; not measured."""
PSEUDO_SERVICES = 10.0
"""Services that bring such firsts to all firsts. Set by hand; not measured."""


class Visits(NamedTuple):
    """One row an item."""

    service: Ints
    """Service of an item, always a first, whose service is new to its principal; else -1."""
    lost: Floats
    """Nats that further firsts of that service lose."""


def find_visits(baseline: Baseline, traits: Traits, items: Items) -> Visits:
    """Visits among a day's items.

    Parameters
    ----------
    baseline
        That judged them.
    traits
        Refreshed for its vocabulary.
    """
    service = traits.service[traits.row(items.token)]
    known = np.maximum(service, 0)
    new = (service >= 0) & ~_visited_before(baseline, traits, items.principal, known)
    lost = np.log(VISIT_SAME / np.minimum(_share_firsts(baseline, traits), 1.0) + VISIT_ANY)
    return Visits(np.where(new, service, -1), np.where(new, np.maximum(lost[known], 0.0), 0.0))


def _visited_before(baseline: Baseline, traits: Traits, principal: Ints, visited: Ints) -> Bools:
    """Whether each principal ever called the service, shape (n,)."""
    acts = np.zeros(len(baseline.tokens), dtype=bool)
    acts[traits.token[1:]] = True
    before: list[Ints] = [np.empty(0, dtype=np.int64)]
    for part in baseline.pairs.parts():
        at = np.flatnonzero(acts[part.token])
        before.append(sort_distinct(pair_key(part.principal[at], traits.service[traits.row(part.token[at])])))
    return find(sort_distinct(np.concatenate(before)), pair_key(principal, visited))[1]


def _share_firsts(baseline: Baseline, traits: Traits) -> Floats:
    """Share of each service in all recent firsts of actions, shape (services,)."""
    firsts = np.zeros(len(traits.services))
    for part in cut(len(baseline.recent_key), PART):
        service = traits.service[traits.row(baseline.recent_key[part] & 0xFFFFFFFF)]
        acted = service >= 0
        np.add.at(firsts, service[acted], baseline.recent[part][acted])
    out: Floats = (firsts + SERVICE_PSEUDO_FIRSTS) / (firsts.sum() + PSEUDO_SERVICES * SERVICE_PSEUDO_FIRSTS)
    return out
