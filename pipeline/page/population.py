"""Who is unlike the others and why: the models' scores side by side, and a principal's hours against its group's."""

from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from pipeline.page.frames import list_rows
from pipeline.page.home import Home
from pipeline.page.links import LONGEST
from pipeline.page.shade import find_shade
from pipeline.reports.population import SUM, compare, explain, list_peers, list_unlike, models_of, scores_by_day
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
    return {
        "kept": kept,
        "rows": chosen[:MOST],
        "left": len(chosen) - len(chosen[:MOST]),
        "models": [(name, name_score(name)) for name in models],
        "group": group,
        "kind": kind,
        "groups": sorted({row["peers"] for row in every if row["peers"]}),
        "kinds": sorted({row["kind"] for row in every}),
    }


def show_unlike(home: Home, request: Request) -> dict[str, Any]:
    """What the template of one principal among its group is given."""
    label = request.query_params.get("id", "")
    with home.population() as (tables, kept):
        if kept is None:
            return {"kept": None}
        found = tables.execute("FROM principals WHERE principal = $label", {"label": label}).fetchall()
        if len(label) > LONGEST or not found:
            raise HTTPException(404)
        days = scores_by_day(tables, label)
        return {
            "kept": kept,
            "label": label,
            "name": found[0][1],
            "kind": found[0][2],
            "group": found[0][3],
            "why": list_rows(explain(tables, label)),
            "measures": list_rows(compare(tables, label)),
            "peers": list_rows(list_peers(tables, label, PEERS)),
            "models": [(name, name_score(name)) for name in days.columns],
            "days": [
                (day.date(), [(score, find_shade(score or 0.0, 100.0)) for score in row.values()])
                for day, row in zip(days.index, list_rows(days), strict=True)
            ],
        }


def name_score(model: str) -> str:
    """What a column of scores is called.

    >>> name_score("incident"), name_score("population")
    ('alerts', 'population')
    """
    return _SUM if model == SUM else model
