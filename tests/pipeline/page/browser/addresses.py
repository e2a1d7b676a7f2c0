"""An address of every page that the browser is sent to, with something on it."""

from typing import Final

from pipeline.page.links import link
from tests.pipeline.cli.homes import an_alert

ID: Final = an_alert().alert_id

QUERIES: Final[dict[str, list[dict[str, str]]]] = {
    "/": [{}, {"day": "2026-03-01"}],
    "/search": [{}, {"q": "deploy"}],
    "/busy": [{}, {"zone": "Asia/Seoul"}],
    "/where": [{}],
    "/days": [{}],
    "/held": [{}],
    "/alert": [{"id": ID}],
    "/events": [{"id": ID}],
}
"""By path of a page: what it is asked, the first as one would come to it. A page without a line here fails a test."""

FIRST: Final = {path: link(path, **queries[0]) for path, queries in QUERIES.items()}
"""By path of a page: one address of it."""
ADDRESSES: Final = [link(path, **query) for path, queries in QUERIES.items() for query in queries]
