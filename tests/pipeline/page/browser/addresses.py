"""An address of every page that the browser is sent to, with something on it."""

from datetime import timedelta
from typing import Final

from features.times.instant import micros
from pipeline.page.links import link
from tests.pipeline.cli.homes import ACCOUNT, NINE, an_alert, an_id

ID: Final = an_alert().alert_id
DEPLOY: Final = f"role/{ACCOUNT}/AROAEXAMPLEDEPLOY"
"""The principal of the home."""
FIVE_PAST: Final = NINE + timedelta(minutes=5)

QUERIES: Final[dict[str, list[dict[str, str]]]] = {
    "/": [{}],
    "/search": [{"q": "deploy"}],
    "/busy": [{}],
    "/where": [{}],
    "/days": [{}],
    "/held": [{}],
    "/alert": [{"id": ID}],
    "/events": [{"id": ID}],
    "/event": [{"id": an_id("CreateAccessKey", FIVE_PAST), "at": str(micros(FIVE_PAST))}],
    "/principal": [{"id": DEPLOY}],
    "/population": [{}],
    "/unlike": [{"id": DEPLOY}],
    "/model": [{}],
    "/native": [{}],
}
"""By path of a page: what it is asked, once or more; the first is asked most. A page without a line fails a test."""

FIRST: Final = {path: link(path, **queries[0]) for path, queries in QUERIES.items()}
"""By path of a page: one address of it."""
ADDRESSES: Final = [link(path, **query) for path, queries in QUERIES.items() for query in queries]
