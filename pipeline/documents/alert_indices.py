"""The indices of alerts: a month's is made before anything is written to it, with the aliases that read it.

On OpenSearch a month's index has another name than it is known by, and one of all is the write index of the viewer's
alias; without one its anomaly detection refuses the alias. Elsewhere the template says everything.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from pipeline.documents.alert_names import RESULTS, name_history, name_index, name_month
from pipeline.errors import OddtrailError
from pipeline.search.engine import Answer, Engine

_THERE: Final = 200
_ABSENT: Final = 404


class AlertIndexError(OddtrailError):
    """An index of alerts cannot be made; says which and why."""


class MonthIndex(NamedTuple):
    """An index of a month's alerts, or of all their revisions."""

    name: str
    month: str
    """The month's name."""
    is_history: bool


def find_missing(engine: Engine, product: str, days: Iterable[date], *, history: bool = True) -> list[MonthIndex]:
    """Indices of the months of some days that are not there.

    Raises
    ------
    AlertIndexError
        It cannot be told.
    UnreachableError
        The engine does not answer.
    """
    months = {name_month(day): day for day in days}
    wanted = [MonthIndex(name_index(day, product), month, False) for month, day in sorted(months.items())]
    wanted += [MonthIndex(name_history(day), month, True) for month, day in sorted(months.items()) if history]
    return [each for each in wanted if not _is_there(engine, each.name)]


def make_indices(engine: Engine, product: str, missing: Iterable[MonthIndex]) -> None:
    """Make the indices that are missing, and let the viewer's alias write to the newest.

    Raises
    ------
    AlertIndexError
        One cannot be made.
    UnreachableError
        The engine does not answer.
    """
    for each in missing:
        has_alias = product == "opensearch" and not each.is_history
        body: dict[str, Any] = {"aliases": {each.month: {}}} if has_alias else {}
        made = engine.ask("PUT", _path(each.name), body)
        if made.status != _THERE and made.error[0] != "resource_already_exists_exception":
            raise _refused(engine, f"index {each.name}", made)
    if product == "opensearch":
        ensure_write_index(engine)


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


def _is_there(engine: Engine, index: str) -> bool:
    there = engine.ask("GET", f"{_path(index)}/_alias")
    if there.status not in (_THERE, _ABSENT):
        raise _refused(engine, f"index {index}", there)
    return there.status == _THERE


def _path(index: str) -> str:
    return f"/{quote(index, safe='')}"


def _refused(engine: Engine, what: str, answer: Answer) -> AlertIndexError:
    kind, reason = answer.error
    return AlertIndexError(
        f"{engine.url.origin} does not let us make the {what} ({answer.status} {kind} {reason}): use the worker's role "
        "that `oddtrail setup URL` makes"
    )
