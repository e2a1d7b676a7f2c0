"""The pages of some days as one file that needs nothing else: the same templates, bound together."""

import base64
import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
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
from pipeline.page.language import ASKED, Chosen
from pipeline.page.period import Period
from pipeline.page.receipts import show_receipts
from pipeline.page.templating import make_environment_alone
from pipeline.page.where import show_where
from pipeline.words.language import DEFAULT

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
_HREF: Final = re.compile(r' href="([^"]*)"')
"""Where a link leads; without it, it is text. No value can hold a bare quote."""


def write_report(home: Home, period: Period) -> str:
    """One HTML document of a period: days, incidents, each of their alerts whole, busiest hours, places, coverage.

    It loads nothing and runs nothing, and says so to the browser. The strongest alerts are told whole, as far as
    `MOST_BYTES` reach; of the others a line. Its language is the deployment's.
    """
    chosen = [alert.id for alert in period.strongest(MOST_ALERTS)]
    document = _Document(home, period, chosen)
    left = MOST_BYTES - len(document.bind({}).encode())
    alerts = dict[str, str]()
    for alert_id in chosen:
        text = document.render_alert(alert_id)
        left -= len(text.encode())
        if left < 0:
            break
        alerts[alert_id] = text
    return document.bind(alerts)


def anchor(alert_id: str) -> str:
    """The name of an alert's place in the document.

    >>> anchor("3f9a/c2")
    'alert-3f9a-c2'
    """
    return f"alert-{re.sub('[^0-9A-Za-z]', '-', alert_id)}"


class _Document:
    """A report that is written: its parts are rendered one by one, and bound.

    Parameters
    ----------
    chosen
        Alerts that may be told whole.
    """

    def __init__(self, home: Home, period: Period, chosen: Collection[str]) -> None:
        self._chosen = frozenset(chosen)
        self._home, self._period = home, period
        self._language = home.settings.language or DEFAULT
        self._environment = make_environment_alone(Chosen(self._language, False), self._link)
        self._style = STYLE.read_text(encoding="utf-8")
        self._sections = list(self._render_sections()) if home.has_events else []

    def bind(self, alerts: Mapping[str, str]) -> str:
        """The whole of it with these alerts, rendered, by id."""
        digest = base64.b64encode(hashlib.sha256(f"\n{self._style}\n".encode()).digest()).decode()
        named = sum(len(incident) for day in self._period.days for incident in day.incidents)
        text = self._environment.get_template("report.html").render(
            period=self._period,
            style=Markup(f"<style>\n{self._style}\n</style>"),
            digest=digest,
            alerts=[(anchor(alert_id), Markup(text)) for alert_id, text in alerts.items()],
            left_out=named - len(alerts),
            sections=[Markup(section) for section in self._sections],
        )
        there = {f"#{anchor(alert_id)}" for alert_id in alerts}
        return _HREF.sub(lambda found: found[0] if found[1] in there else "", text)

    def render_alert(self, alert_id: str) -> str:
        """The page of an alert."""
        return self._render("alert.html", show_alert, id=alert_id)

    def _render_sections(self) -> Iterator[str]:
        for template, show in SECTIONS:
            with suppress(NoHistoryError):  # there is nothing that it could show
                yield self._render(template, show)

    def _render(self, template: str, show: Callable[[Home, Request], dict[str, Any]], **asked: str) -> str:
        """What stands between head and foot of a page."""
        query = urlencode({**asked, ASKED: self._language})
        request = Request({"type": "http", "query_string": query.encode(), "headers": []})
        return self._environment.get_template(template).render(show(self._home, request))

    def _link(self, path: str, **asked: str | int | date | None) -> str:
        """Where a link leads: to an alert that may be in the document; nowhere for all else."""
        alert_id = str(asked.get("id"))
        return f"#{anchor(alert_id)}" if path == "/alert" and alert_id in self._chosen else ""
