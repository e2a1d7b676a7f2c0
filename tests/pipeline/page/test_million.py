"""A home of a million alerts: a page of them is asked for a page at a time, in little time and memory."""

import sqlite3
import time
import tracemalloc
from typing import Final

import pytest
from starlette.types import ASGIApp

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import INDEX_FILE, Home
from pipeline.page.today import INCIDENTS
from pipeline.settings import Settings
from tests.pipeline.cli.homes import a_home, a_record, an_alert, with_alerts
from tests.pipeline.page.asking import ask

MANY: Final = 1_000_000
DAYS: Final = 365
MOST_SECONDS: Final = 2.0
MOST_BYTES: Final = 20_000_000
_MAKE: Final = f"""
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY})
INSERT INTO alerts
SELECT n + 10, 'a' || n, 1, 0, date('2026-03-02', '-' || (n % {DAYS}) || ' days'), 'a' || n, n % 3 = 0,
    iif(n % 3, 'budget', ''), 40 + n % 60, iif(n % 7, 'medium', 'critical'), 't', '1',
    'p' || n % 500, 'workload', '2026',
    '', 'p' || n % 500
FROM numbers
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> ASGIApp:
    """Alerts of a year, a third of them raised, as the index of the page would hold them."""
    home = with_alerts(a_home(tmp_path_factory.mktemp("million"), [a_record()]), an_alert())
    shown = Home(Settings(home=home))
    shown.alerts.refresh()
    with sqlite3.connect(home / INDEX_FILE) as database:
        indices = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''").fetchall()
        for name, _ in indices:
            database.execute(f"DROP INDEX {name}")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -200000")
        database.execute(_MAKE)
        for _, sql in indices:  # made at once, they take less time
            database.execute(sql)
        database.execute("INSERT OR IGNORE INTO names SELECT DISTINCT sought FROM alerts")
    return make_app(shown, Access())


@pytest.mark.parametrize("address", ["/", "/?day=2026-01-05&page=40", "/search?q=p77", "/search?q=nobody-at-all"])
def test_a_page_of_a_million_alerts_takes_less_than_two_seconds(app: ASGIApp, address: str) -> None:
    ask(app, "/busy")  # what is loaded once
    tracemalloc.start()
    began = time.process_time()
    page = ask(app, address)
    took, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert page.status == 200
    if address.startswith("/?"):
        assert page.text.count('<p class="brief">') == INCIDENTS
    assert took < MOST_SECONDS
    assert most < MOST_BYTES
