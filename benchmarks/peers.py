"""Two detectors that many teams run today, on the same activity, history, folding and budget as oddtrail.

`first_seen`
    A first-seen table, as in Splunk's "previously seen" look-ups and Sentinel's UEBA: a principal-day scores each
    action, country, network, agent, region, account and resource that the principal never had before, weighted by how
    few principals had it before that day, the rarest of each kind most.
`guardduty_like`
    A sensitive API (TrailDiscover's `usedInWild`) that the principal never used, called from a network, country or
    agent that is new for it.

Both are as strong as we know how to make them within that: rarity is causal, principals in their first days are left to
learn, and scores have few ties. A day's table is known the next day, as a nightly look-up would be.
"""

import re
from collections.abc import Collection, Iterable
from typing import Final

import numpy as np
import pandas as pd

PLACES: Final = ("country", "asn", "prefix", "agent", "region", "account")
FADE: Final = 2.0
"""Of 0, .5, 1, 1.5, 2 and 3, the last two find most on development companies; 0, the plain sum, finds half of it."""
LEARNING_DAYS: Final = 3
"""A principal younger than this is not scored: everything it does is a first."""


def actions_of(dimension: str) -> str:
    """Return the peers' name of a dimension: reads and writes are one, resources keep their type.

    >>> actions_of("write"), actions_of("resource:bucket"), actions_of("denied")
    ('action', 'resource:bucket', '')
    """
    if dimension in ("read", "write"):
        return "action"
    return dimension if dimension in PLACES or dimension.startswith("resource:") else ""


def first_seen(tokens: pd.DataFrame, *, without: Collection[str] = (), fade: float = FADE) -> pd.DataFrame:
    """Return a score for each principal-day with a first: the sum over its firsts of ln(principals / those who had it).

    Within a kind (action, country, … resource) the k-th rarest counts 1/k^fade: whoever explores makes many firsts, and
    a plain sum is theirs.

    Parameters
    ----------
    tokens
        One row a (principal, day, dimension, value) that occurred; `day` counts days as integers. More rows for the
        same are harmless.
    without
        Kinds to leave out.
    fade
        How fast more firsts of a kind fade; 0 is the plain sum.
    """
    known = tokens.assign(dimension=tokens["dimension"].map(actions_of))
    known = known[known["dimension"] != ""]
    firsts = known.groupby(["principal", "dimension", "value"], sort=False, observed=True)["day"].min().reset_index()
    firsts["nats"] = _rarity(firsts, tokens, ["dimension", "value"])
    firsts["kind"] = firsts["dimension"].str.partition(":")[0]
    firsts = firsts[~_learning(firsts, tokens) & ~firsts["kind"].isin(list(without))]
    firsts = firsts.sort_values(["nats", "dimension", "value"], ascending=[False, True, True])
    rank = firsts.groupby(["principal", "day", "kind"], sort=False).cumcount() + 1
    firsts["nats"] /= rank**fade
    return firsts.groupby(["principal", "day"])["nats"].sum().rename("score").reset_index()


def guardduty_like(calls: pd.DataFrame, sensitive: Collection[str], anywhere: bool = False) -> pd.DataFrame:
    """Return a score for each principal-day with a sensitive first call from a new place or tool.

    Parameters
    ----------
    calls
        One row a (principal, day, action, country, asn, prefix, agent) that occurred.
    sensitive
        Actions, `service:EventName`.
    anywhere
        Score a sensitive first from a known place as well, below all that come from a new one: spends a budget that
        the rule leaves over.

    Returns
    -------
    pandas.DataFrame
        principal, day, score: the sum over sensitive firsts of their rarity times one more than what is new of
        country, network, prefix and agent.
    """
    placed = calls.copy()
    placed["new"] = 0
    for column in ("country", "asn", "prefix", "agent"):
        first = calls.groupby(["principal", column], sort=False, observed=True)["day"].transform("min")
        known = calls[column].astype(str).isin(["", "0"])
        placed["new"] += ((first == calls["day"]) & ~known).astype(int)
    used = placed[placed["action"].isin(sensitive)]
    first = used.groupby(["principal", "action"], sort=False, observed=True)["day"].transform("min")
    firsts = used[used["day"] == first].groupby(["principal", "action", "day"], sort=False)["new"].max().reset_index()
    firsts["nats"] = _rarity(firsts, calls, ["action"]) + 0.01
    firsts = firsts[~_learning(firsts, calls)]
    firsts["score"] = firsts["nats"] * (1 + firsts["new"])
    hits = firsts[firsts["new"] > 0]
    scores = hits.groupby(["principal", "day"])["score"].sum().reset_index()
    if anywhere:
        rest = firsts[firsts["new"] == 0].groupby(["principal", "day"])["score"].sum().reset_index()
        rest["score"] /= 1 + rest["score"].max() if len(rest) else 1
        scores["score"] += 1
        scores = pd.concat([scores, rest]).groupby(["principal", "day"])["score"].max().reset_index()
    return scores


def sensitive_actions(rows: Iterable[dict[str, str]]) -> set[str]:
    """Return the actions that TrailDiscover saw used in incidents, named as in activity.

    >>> sensitive_actions([{"eventSource": "lambda.amazonaws.com", "eventName": "Invoke20150331", "usedInWild": "1"}])
    {'lambda:Invoke'}
    """
    return {
        f"{row['eventSource'].removesuffix('.amazonaws.com')}:{re.sub(r'20[0-9]{6}(v[0-9])?$', '', row['eventName'])}"
        for row in rows
        if row["usedInWild"] == "1"
    }


def _rarity(firsts: pd.DataFrame, seen: pd.DataFrame, by: list[str]) -> pd.Series:
    """ln((principals before the day + 1) / (those among them who had the value + 1)); never below 0."""
    had = firsts.groupby(by, sort=False, observed=True)["day"].rank(method="min") - 1
    births = np.sort(seen.groupby("principal", observed=True)["day"].min().to_numpy())
    alive = np.searchsorted(births, firsts["day"].to_numpy(), side="left")
    return pd.Series(np.log((np.maximum(alive, had) + 1) / (had + 1)), index=firsts.index)


def _learning(firsts: pd.DataFrame, seen: pd.DataFrame) -> pd.Series:
    births = seen.groupby("principal", observed=True)["day"].min()
    return firsts["day"] < births.reindex(firsts["principal"]).to_numpy() + LEARNING_DAYS
