"""The pages of some days as one file that needs nothing else: the same templates, bound together."""

import base64
import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request

from pipeline.errors import NoHistoryError
from pipeline.page.alert import show_alert
from pipeline.page.busy import show_busy
from pipeline.page.home import Home
from pipeline.page.period import Period
from pipeline.page.receipts import show_receipts
from pipeline.page.templating import make_environment
from pipeline.page.where import show_where

STYLE: Final = Path(__file__).parent / "static" / "page.css"
MOST_BYTES: Final = 2_900_000
"""Of the file, so that it stays under 3 MB and any mail takes it."""
MOST_ALERTS: Final = 200
"""Alerts that are told whole, if the bytes allow it."""
SECTIONS: Final[tuple[tuple[str, Callable[[Home, Request], dict[str, Any]]], ...]] = (
    ("busy.html", show_busy),
    ("where.html", show_where),
    ("receipts.html", show_receipts),
)
"""Pages that follow the incidents, where events are held."""


def write_report(home: Home, period: Period) -> str:
    """One HTML document of a period: days, incidents, each of their alerts whole, busiest hours, places, coverage.

    It loads nothing and runs nothing, and says so to the browser. The strongest alerts are told whole, as far as
    `MOST_BYTES` reach; of the others a line.
    """
    style = STYLE.read_text(encoding="utf-8")
    chosen = [alert.id for alert in period.strongest(MOST_ALERTS)]
    sections = _render_sections(home) if home.has_events else []
    left = MOST_BYTES - len(style.encode()) - sum(len(section.encode()) for section in sections)
    left -= len(_bind(period, style, [], sections, chosen).encode())
    alerts = dict[str, str]()
    for alert_id in chosen:
        text = _render_page(home, "alert.html", show_alert, {"id": alert_id}, chosen)
        left -= len(text.encode())
        if left < 0:
            break
        alerts[alert_id] = text
    if len(alerts) < len(chosen):  # links lead to what is there
        alerts = {one: _render_page(home, "alert.html", show_alert, {"id": one}, alerts) for one in alerts}
    return _bind(period, style, list(alerts.items()), sections, alerts)


def anchor(alert_id: str) -> str:
    """The name of an alert's place in the document.

    >>> anchor("3f9a/c2")
    'alert-3f9a-c2'
    """
    return f"alert-{re.sub('[^0-9A-Za-z]', '-', alert_id)}"


def _bind(
    period: Period, style: str, alerts: list[tuple[str, str]], sections: list[str], there: Collection[str]
) -> str:
    environment = make_environment(link=_linking(there), alone=True)
    digest = base64.b64encode(hashlib.sha256(f"\n{style}\n".encode()).digest()).decode()
    return _without_empty(
        environment.get_template("report.html").render(
            period=period,
            style=Markup(style),  # ours
            digest=digest,
            alerts=[(anchor(alert_id), Markup(text)) for alert_id, text in alerts],  # escaped before
            left_out=sum(len(incident) for day in period.days for incident in day.incidents) - len(alerts),
            sections=[Markup(section) for section in sections],  # escaped before
        )
    )


def _render_sections(home: Home) -> list[str]:
    rendered = []
    for template, show in SECTIONS:
        try:
            rendered.append(_render_page(home, template, show, {}, ()))
        except NoHistoryError:
            continue  # there is nothing that it could show
    return rendered


def _render_page(
    home: Home,
    template: str,
    show: Callable[[Home, Request], dict[str, Any]],
    asked: Mapping[str, str],
    there: Collection[str],
) -> str:
    """What stands between head and foot of a page."""
    request = Request({"type": "http", "query_string": urlencode(asked).encode(), "headers": []})
    environment = make_environment(link=_linking(there), alone=True)
    return environment.get_template(template).render(show(home, request))


def _linking(there: Collection[str]) -> Callable[..., str]:
    """What makes links: to an alert that is in the document; nothing for all else."""

    def link(path: str, **asked: str | int | date | None) -> str:
        alert_id = str(asked.get("id"))
        return f"#{anchor(alert_id)}" if path == "/alert" and alert_id in there else ""

    return link


def _without_empty(text: str) -> str:
    """Without addresses of links that lead nowhere: a link without one is text. No value can hold a bare quote."""
    return text.replace(' href=""', "")
