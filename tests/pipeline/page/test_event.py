"""One event: what it says, with ways on, and its record."""

from datetime import timedelta
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from features.times.instant import micros
from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.settings import Settings
from tests.pipeline.cli.homes import NINE, a_home, a_record, an_id
from tests.pipeline.page.asking import ask

FIVE_PAST = NINE + timedelta(minutes=5)
ID = an_id("CreateAccessKey", FIVE_PAST)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> ASGIApp:
    record = a_record(FIVE_PAST, "CreateAccessKey", "iam", requestParameters={"userName": "backup"}, errorCode="Denied")
    home: Path = a_home(tmp_path_factory.mktemp("event"), [a_record(), record])
    return make_app(Home(Settings(home=home)), Access())


def test_it_says_what_its_record_says_and_shows_it(app: ASGIApp) -> None:
    text = " ".join(ask(app, f"/event?id={ID}&at={micros(FIVE_PAST)}").text.split())
    for part in (
        "iam:CreateAccessKey",
        "2026-03-02 09:05:00 UTC",
        'href="/search?q=198.51.100.7"',
        'href="/search?q=user%3Abackup"',
        "&#34;userName&#34;: &#34;backup&#34;",
        "without MFA",
    ):
        assert part in text, part


@pytest.mark.parametrize(
    "asked",
    ["", f"?id={ID}", f"?id={ID}&at=x", f"?id={ID}&at={micros(NINE)}", f"?id=nobody&at={micros(FIVE_PAST)}",
     f"?id={ID}&at={'9' * 18}", f"?id={ID}&at={'9' * 19}", f"?id={ID}&at=-1"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(app: ASGIApp, asked: str) -> None:
    assert ask(app, f"/event{asked}").status == 404
