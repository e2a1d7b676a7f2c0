"""The indices of alerts: a month's is made before anything is written to it, with the aliases that read it.

On OpenSearch a month's index has another name than it is known by, and one of all is the write index of the viewer's
alias; without one its anomaly detection refuses the alias. Elsewhere the template says everything.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import quote

from pipeline.documents.alert_names import RESULTS, name_history, name_index, name_month
from pipeline.errors import OddtrailError
from pipeline.search.engine import Answer, Engine

_THERE = 200


class AlertIndexError(OddtrailError):
    """An index of alerts cannot be made; says which and why."""


def ensure_indices(engine: Engine, product: str, days: Iterable[date], *, history: bool = True) -> list[str]:
    """Make the indices of the months of some days that are not there, and return the months that had none.

    Raises
    ------
    AlertIndexError
        One cannot be made.
    UnreachableError
        The engine does not answer.
    """
    months = {name_month(day): day for day in days}
    made = [month for month, day in sorted(months.items()) if _ensure(engine, name_index(day, product), month, product)]
    for day in months.values() if history else ():
        _ensure(engine, name_history(day), "", product)
    if product == "opensearch":
        ensure_write_index(engine)
    return made


def ensure_write_index(engine: Engine) -> None:
    """Let the newest month, and no other, be the write index of the viewer's alias."""
    answer = engine.ask("GET", f"/{RESULTS}-*/_alias")
    if answer.status != _THERE or not isinstance(answer.body, dict) or not answer.body:
        return
    newest = max(answer.body)
    wanted = {index: index == newest for index in answer.body}
    there = {
        index: body["aliases"][RESULTS].get("is_write_index", False)
        for index, body in answer.body.items()
        if RESULTS in body.get("aliases", {})
    }
    if there == wanted:
        return
    actions = [{"add": {"index": index, "alias": RESULTS, "is_write_index": last}} for index, last in wanted.items()]
    changed = engine.ask("POST", "/_aliases", {"actions": actions})
    if changed.status != _THERE:
        raise _refused(engine, f"alias {RESULTS}", changed)


def _ensure(engine: Engine, index: str, month: str, product: str) -> bool:
    """Make an index that is not there; whether it was made."""
    path = f"/{quote(index, safe='')}"
    there = engine.ask("GET", f"{path}/_alias")
    if there.status == _THERE:
        return False
    if there.status != 404:
        raise _refused(engine, f"index {index}", there)
    body: dict[str, Any] = {"aliases": {month: {}}} if month and product == "opensearch" else {}
    made = engine.ask("PUT", path, body)
    if made.status != _THERE and made.error[0] != "resource_already_exists_exception":
        raise _refused(engine, f"index {index}", made)
    return made.status == _THERE


def _refused(engine: Engine, what: str, answer: Answer) -> AlertIndexError:
    kind, reason = answer.error
    return AlertIndexError(
        f"{engine.url.origin} does not let us make the {what} ({answer.status} {kind} {reason}): use the worker's role "
        "that `oddtrail setup URL` makes"
    )
