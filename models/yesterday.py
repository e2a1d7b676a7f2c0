"""What a day showed, as columns and back: the ledger of the day after still stands on it, so a bundle holds it."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from models.combine import pieces_from_columns, pieces_to_columns
from models.counts import Volumes
from models.items import Items
from models.standing import Evidence

Columns = dict[str, Any]
TABLES = ("yesterday_items", "yesterday_counts", "yesterday_principals")
_ITEMS = tuple(f.name for f in fields(Items))


def to_columns(evidence: Evidence) -> dict[str, Columns]:
    """Columns of each of `TABLES`; every newcomer has a prior."""
    pieces, principals = evidence.pieces, sorted(evidence.prior)
    rows = range(len(evidence.items))
    return {
        "yesterday_items": {
            **{name: getattr(evidence.items, name) for name in _ITEMS},
            **pieces_to_columns(pieces),
            "spreads_in": np.array(evidence.circle, dtype=np.int64),
            "act": np.array([row in evidence.acts for row in rows], dtype=bool),
            "trace": np.array([evidence.traces.get(row, -1) for row in rows], dtype=np.int64),
        },
        "yesterday_counts": {name: getattr(evidence.volumes, name) for name in Volumes.__slots__},
        "yesterday_principals": {
            "principal": np.array(principals, dtype=np.int64),
            "prior": np.array([evidence.prior[code] for code in principals], dtype=np.float64),
            "newcomer": np.array([code in evidence.newcomers for code in principals], dtype=bool),
        },
    }


def from_columns(day: int, tables: Mapping[str, Mapping[str, Any]]) -> Evidence:
    """The evidence of a day whose columns these are.

    Raises
    ------
    KeyError
        A table or a column is not there.
    """
    items, principals = tables["yesterday_items"], tables["yesterday_principals"]
    return Evidence(
        day=day,
        items=Items(**{name: items[name] for name in _ITEMS}),
        pieces=pieces_from_columns(items),
        circle=items["spreads_in"].tolist(),
        volumes=Volumes(**{name: tables["yesterday_counts"][name] for name in Volumes.__slots__}),
        prior=dict(zip(principals["principal"].tolist(), principals["prior"].tolist(), strict=True)),
        newcomers=frozenset(principals["principal"][principals["newcomer"]].tolist()),
        acts=frozenset(np.flatnonzero(items["act"]).tolist()),
        traces={row: int(items["trace"][row]) for row in np.flatnonzero(items["trace"] >= 0).tolist()},
    )
