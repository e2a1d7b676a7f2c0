"""Errors of a home that is yet to be filled are told in Korean, as they are raised."""

from pathlib import Path

import pytest

from pipeline.errors import OddtrailError
from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.render.error_words import tell_error
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from pipeline.words.catalogue import find_words
from tests.pipeline.cli.homes import a_home, a_record
from tests.pipeline.page.asking import ask

KOREAN = find_words("ko")


@pytest.mark.parametrize("address", ["/busy", "/where", "/model", "/population", "/principal?id=x&"])
def test_what_is_missing_is_told_with_the_command_that_makes_it(tmp_path: Path, address: str) -> None:
    if address in ("/busy", "/where"):
        open_store(tmp_path).close()
        home, command = tmp_path, "oddtrail ingest PATH"
    else:
        home, command = a_home(tmp_path, [a_record()]), "oddtrail train"
    app = make_app(Home(Settings(home=home, language="ko")), Access())
    found = ask(app, address)
    assert found.status == 503
    assert "표시할 수 없습니다" in found.text
    assert f"`{command}`" in found.text
    assert "yet" not in found.text


def test_a_home_without_a_store_is_told(tmp_path: Path) -> None:
    with pytest.raises(OddtrailError) as raised:
        open_store(tmp_path / "none", create=False)
    text = str(raised.value)
    assert tell_error(text, KOREAN) != text


def test_a_name_in_an_error_stays_a_name() -> None:
    name = "/h/{command}%(x)s<b>"
    told = tell_error(f"{name} was not scored yet: `oddtrail train`, then `oddtrail score`", KOREAN)
    assert told.startswith(name)
    assert tell_error(f"{name} is none of ours", KOREAN) == f"{name} is none of ours"
