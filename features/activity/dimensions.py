"""The dimensions in which a principal's day is judged: one table, one entry a dimension, and nothing said elsewhere.

A dimension is a question about an hour whose answers are values: which actions, which country, which buckets. An entry
says where its values stand, what an analyst calls them, how both sides of the evidence are found, and whether many
firsts of one value are one change. Tokens, baselines, surprise, explanation and the search for the events behind a
reason all read it; CONTRIBUTING.md has the recipe for another.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal

from features.activity.condition import BY_SERVICE, CHANGES, DENIED, LOOKS, OWN_HANDS, Condition
from features.activity.off_host import OFF_HOST
from features.call.fact import OF_AN_ACTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One dimension of what a principal does."""

    name: str
    """Stored with every token; `resource:<type>` for each type of the open entry `resource`."""
    family: Literal["write", "read", "place", "tool", "resource", "error", "exposure", "fact"]
    """Evidence adds up within it first (`models.combine`)."""
    noun: str
    """What an analyst calls one of its values."""
    wording: str = "{}"
    """How a value is written to an analyst."""

    # where its values are
    column: str
    """Column of an event that holds the value; of activity too, but for lists, which are tokens `type:value` there."""
    holds: Literal["text", "number", "list"] = "text"
    """What the column is; a number's value is its text, a list may hold several values."""
    table: Literal["joint", "places", "touched"] = "joint"
    """Which of activity's tables has it; `places` is joined by prefix."""
    rows: tuple[Condition, ...] = ()
    """Which rows of that table have a value."""
    events: tuple[Condition, ...] = ()
    """Which of the events with the value an alert shows."""
    open: bool = False
    """Each type of its tokens `type:value` is a dimension of its own."""
    kind: str = ""
    """Type of the tokens, of a dimension that is one type of an open entry."""
    by_action: tuple[str, ...] = ()
    """Values of which each action has its own, `value:service:Name`."""
    more: tuple[str, ...] = ()
    """SQL of rows that no column holds: principal, hour, account, tick, calls, value."""

    # how likely a value is for this principal, and for an attacker
    among: Literal["active hours", "its hours"] = "its hours"
    """Hours that a value is judged among: all active ones, or those in which the dimension occurs at all."""
    attack: Literal["action", "place", "resource", "denied", "exposure", "fact"]
    """How the attacker's side is found (`models.attack`, `models.denial`, `models.facts`)."""
    prior: str = ""
    """Entry of the attack priors that says how likely, for a place (as `country`) and a resource (its type)."""
    follows_kind: bool = False
    """Its firsts follow what is new in the kind just now: a release, a new tool."""
    spreads: Literal["peers", "account", "nobody"] = "peers"
    """Circle in which a first that many share is one change."""

    @property
    def names_action(self) -> bool:
        """Its values are actions: something was done, or tried."""
        return self.column == "action"


_ENTRIES: Final = (
    Dimension(
        name="read",
        family="read",
        noun="call",
        column="action",
        rows=(LOOKS, OWN_HANDS),
        events=(OWN_HANDS,),
        among="active hours",
        attack="action",
        follows_kind=True,
    ),
    Dimension(
        name="read_by_service",
        family="read",
        noun="call through an AWS service",
        column="action",
        rows=(LOOKS, BY_SERVICE),
        events=(BY_SERVICE,),
        among="active hours",
        attack="action",
        follows_kind=True,
    ),
    Dimension(
        name="write",
        family="write",
        noun="call",
        column="action",
        rows=(CHANGES, OWN_HANDS),
        events=(OWN_HANDS,),
        among="active hours",
        attack="action",
        follows_kind=True,
    ),
    Dimension(
        name="write_by_service",
        family="write",
        noun="call through an AWS service",
        column="action",
        rows=(CHANGES, BY_SERVICE),
        events=(BY_SERVICE,),
        among="active hours",
        attack="action",
        follows_kind=True,
    ),
    Dimension(
        name="denied",
        family="error",
        noun="denied call",
        column="action",
        rows=(DENIED,),
        events=(DENIED,),
        attack="denied",
    ),
    Dimension(
        name="account",
        family="place",
        noun="account",
        column="account",
        among="active hours",
        attack="place",
        prior="account",
    ),
    Dimension(
        name="region",
        family="place",
        noun="region",
        column="region",
        rows=(Condition("region", "is not", ""),),
        attack="place",
        prior="region",
    ),
    Dimension(
        name="country",
        family="place",
        noun="country",
        column="country",
        table="places",
        rows=(Condition("country", "is not", ""), OWN_HANDS),
        attack="place",
        prior="country",
    ),
    Dimension(
        name="asn",
        family="place",
        noun="network operator",
        wording="AS{}",
        column="asn",
        holds="number",
        table="places",
        rows=(Condition("asn", "is not", 0), OWN_HANDS),
        attack="place",
        prior="asn",
        follows_kind=True,
    ),
    Dimension(
        name="prefix",
        family="place",
        noun="network",
        column="prefix",
        rows=(Condition("prefix", "is not", ""), OWN_HANDS),
        attack="place",
        prior="prefix",
        spreads="account",
    ),
    Dimension(
        name="agent",
        family="tool",
        noun="tool",
        column="agent",
        rows=(Condition("agent", "is not", ""), OWN_HANDS),
        attack="place",
        prior="agent",
        follows_kind=True,
    ),
    Dimension(
        name="exposure",
        family="exposure",
        noun="grant or opening of",
        column="exposures",
        holds="list",
        table="touched",
        among="active hours",
        attack="exposure",
    ),
    Dimension(
        name="fact",
        family="fact",
        noun="fact",
        column="facts",
        holds="list",
        table="touched",
        by_action=OF_AN_ACTION,
        more=(OFF_HOST,),
        attack="fact",
        spreads="nobody",
    ),
    Dimension(
        name="resource",
        family="resource",
        noun="resource",
        column="resources",
        open=True,
        holds="list",
        table="touched",
        attack="resource",
    ),
)

DIMENSIONS: Final = {entry.name: entry for entry in _ENTRIES}
"""The dimensions by name."""


def is_dimension(name: str) -> bool:
    """Whether there is a dimension of this name: what was kept may name one of another version.

    >>> is_dimension("resource:bucket"), is_dimension("colour")
    (True, False)
    """
    return name.partition(":")[0] in DIMENSIONS


@cache
def find_dimension(name: str) -> Dimension:
    """The entry of a dimension's name; `resource:<type>` is the open entry's, with the type's own noun and prior.

    Raises
    ------
    KeyError
        There is no such dimension.

    Examples
    --------
    >>> find_dimension("asn").noun, find_dimension("resource:access_key").noun
    ('network operator', 'access key')
    """
    entry, _, kind = name.partition(":")
    found = DIMENSIONS[entry]
    return replace(found, name=name, noun=kind.replace("_", " "), kind=kind, prior=kind) if kind else found
