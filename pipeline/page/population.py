"""Who is unlike the others and why: the models' scores side by side, and a principal's hours against its group's."""

from typing import Any, Final

import duckdb
from starlette.exceptions import HTTPException
from starlette.requests import Request

from pipeline.page.frames import list_rows
from pipeline.page.home import Home
from pipeline.page.links import LONGEST
from pipeline.page.shade import find_shade
from pipeline.reports.population import SUM, compare, explain, list_peers, list_unlike, models_of, scores_by_day
from pipeline.reports.scored_hours import find_label, list_keys
from pipeline.words.words import to_say

_SUM: Final = to_say("alerts")
MOST: Final = 50
"""Principals of the list."""
_ALL: Final = 100_000
PEERS: Final = 12


def show_population(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given: the list, or of a group or a kind; nothing while the tables are yet to be made."""
    group = request.query_params.get("group", "")[:LONGEST]
    kind = request.query_params.get("kind", "")[:LONGEST]
    with home.population() as (tables, kept):
        if kept is None:
            return {"kept": None}
        every = list_rows(list_unlike(tables, _ALL))
        models = models_of(tables)
        chosen = [row for row in every if group in ("", row["peers"]) and kind in ("", row["kind"])]
        keys = list_keys(tables, (row["principal"] for row in chosen[:MOST]))
    return {
        "kept": kept,
        "rows": [row | {"key": keys[row["principal"]]} for row in chosen[:MOST]],
        "left": len(chosen) - len(chosen[:MOST]),
        "models": [(name, name_score(name)) for name in models],
        "group": group,
        "kind": kind,
        "groups": sorted({row["peers"] for row in every if row["peers"]}),
        "kinds": sorted({row["kind"] for row in every}),
    }


def show_unlike(home: Home, request: Request) -> dict[str, Any]:
    """What the template of one principal among its group is given."""
    key = request.query_params.get("id", "")
    with home.population() as (tables, kept):
        if kept is None:
            return {"kept": None}
        label = find_label(tables, key) if len(key) <= LONGEST else None
        if label is None:
            raise HTTPException(404)
        [(name, kind, group)] = tables.execute(
            "SELECT name, kind, peers FROM principals WHERE principal = $label", {"label": label}
        ).fetchall()
        days, peers = scores_by_day(tables, label), name_peers(tables, label, PEERS)
        return {
            "kept": kept,
            "key": key,
            "name": name,
            "kind": kind,
            "group": group,
            "why": list_rows(explain(tables, label)),
            "measures": list_rows(compare(tables, label)),
            "peers": peers,
            "models": [(name, name_score(name)) for name in days.columns],
            "days": [
                (day.date(), [(score, find_shade(score or 0.0, 100.0)) for score in row.values()])
                for day, row in zip(days.index, list_rows(days), strict=True)
            ],
        }


def name_peers(tables: duckdb.DuckDBPyConnection, label: str, most: int) -> list[dict[str, Any]]:
    """Rows of `list_peers`, each with its key."""
    rows = list_rows(list_peers(tables, label, most))
    keys = list_keys(tables, (row["principal"] for row in rows))
    return [row | {"key": keys[row["principal"]]} for row in rows]


def name_score(model: str) -> str:
    """What a column of scores is called.

    >>> name_score("incident"), name_score("population")
    ('alerts', 'population')
    """
    return _SUM if model == SUM else model
