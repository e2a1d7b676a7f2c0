"""What activity, scores and operations name is text on the pages about models and principals as well."""

import json
import re
import shutil
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from starlette.types import ASGIApp

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.settings import Settings
from tests.pipeline.page.asking import ask
from tests.pipeline.page.test_app import XSS, Seen

PAGES = ("/population", "/unlike", "/principal", "/model")
"""Those that `test_app` leaves to this."""
_OURS = ("address_kind", "model", "measures")


@pytest.fixture(scope="module")
def app(scored: Path, tmp_path_factory: pytest.TempPathFactory) -> ASGIApp:
    """A copy of the home in which every text of activity and scores begins with an attack."""
    home = tmp_path_factory.mktemp("poisoned") / "home"
    shutil.copytree(scored, home, ignore=shutil.ignore_patterns("prepared", "alerts_index*"))
    with duckdb.connect() as connection:
        connection.execute("SET timezone = 'UTC'")
        for path in (*home.glob("activity/**/*.parquet"), *home.glob("scores/*.parquet")):
            columns = connection.execute(f"DESCRIBE FROM read_parquet('{path}', hive_partitioning = false)").fetchall()
            texts = [name for name, kind, *_ in columns if kind == "VARCHAR" and name not in _OURS]
            put = ", ".join(f"$attack || {name} AS {name}" for name in texts)
            connection.execute(
                f"CREATE OR REPLACE TABLE rows AS SELECT * REPLACE ({put}) "
                f"FROM read_parquet('{path}', hive_partitioning = false)",
                {"attack": XSS},
            )
            connection.execute(f"COPY rows TO '{path}' (FORMAT parquet)")
    figure = {"name": XSS, "now": XSS, "was": XSS, "bound": XSS, "passed": False}
    told = {"at": "2026-03-01T00:00:00Z", "kind": "model_refused", "model_id": XSS, "text": XSS, "figures": [figure]}
    (home / "operations.jsonl").write_text(json.dumps(told) + "\n")
    return make_app(Home(Settings(home=home)), Access())


def test_nothing_that_is_named_becomes_anything_but_text(app: ASGIApp) -> None:
    listed = ask(app, "/population").text
    way = re.search(r'href="(/unlike\?id=[^"]*)"', listed)
    assert way
    unlike = way[1].replace("&amp;", "&")
    addresses = ["/population", "/model", unlike, f"/principal?id={quote(XSS + 'idc/person1')}"]
    assert {address.partition("?")[0] for address in addresses} == set(PAGES)
    for address in addresses:
        page = ask(app, address)
        assert page.status == 200, page.text
        seen = Seen(page.text)
        assert seen.harm == [], address
        assert page.text.replace("\n", "").isprintable()
        assert "<script>alert(1)</script>" in seen.words, f"{address} does not show the attack at all"
