"""Roles whose actors are too many and too short-lived to be principals of their own.

A role's sessions never make principals: their names are the caller's choice. But a source identity or the subject of a
token can be as fleeting (a build number, a pull request); such a role is one principal, itself. The decision is a dated
table, made from earlier deliveries and handed to whoever reads events.
"""

from collections.abc import Mapping
from statistics import median
from typing import Final

MOST_ACTORS: Final = 200
"""Actors of a role a day that may be principals."""
FEWEST_EVENTS: Final = 20
"""Median events of an actor a day that are enough to learn from."""


def collapse(
    actors: Mapping[str, Mapping[str, int]], most: int = MOST_ACTORS, fewest: int = FEWEST_EVENTS
) -> frozenset[str]:
    """Identities that are to be scored as one principal each.

    Parameters
    ----------
    actors
        Events of each actor in a day, by identity.
    most, fewest
        An identity collapses when it has more than `most` actors with a median of less than `fewest` events.

    Examples
    --------
    >>> builds = {f"role/1/BUILD/run-{number}": 3 for number in range(500)}
    >>> collapse({"role/1/BUILD": builds, "role/1/OPS": {"role/1/OPS/ana": 3}})
    frozenset({'role/1/BUILD'})
    """
    return frozenset(
        identity for identity, events in actors.items() if len(events) > most and median(events.values()) < fewest
    )
