"""No template can show a value unescaped, uncut or with what has no shape, and none can name what nobody gave."""

import pytest
from jinja2 import UndefinedError

from pipeline.page.templating import FOLDER, Whole, make_environment
from tests.pipeline.render.hostile import HOSTILE

ENVIRONMENT = make_environment()
TEMPLATE = ENVIRONMENT.from_string('<p title="{{ name }}">{{ name }}</p>')


@pytest.mark.parametrize("name", [*HOSTILE, "\"onmouseover='x'", "</p><img src=x onerror=alert(1)>"])
@pytest.mark.parametrize("kind", [str, Whole])
def test_whatever_a_value_holds_it_is_text_in_its_place(name: str, kind: type[str]) -> None:
    page = TEMPLATE.render(name=kind(name))
    assert page.isprintable()
    assert page.count("<") == page.count(">") == 2
    assert page.count('"') == 2
    assert "'" not in page
    page.encode()


def test_a_long_value_is_cut_unless_half_of_it_is_of_no_use() -> None:
    assert len(TEMPLATE.render(name="x" * 10_000)) < 1300
    assert len(TEMPLATE.render(name=Whole("x" * 10_000))) > 20_000


def test_what_nobody_gave_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        TEMPLATE.render(names="x")


def test_no_template_says_that_a_value_is_safe() -> None:
    for path in FOLDER.iterdir():
        text = path.read_text(encoding="utf-8")
        for word in ("|safe", "| safe", "autoescape", "style=", "<style", "javascript:"):
            assert word not in text, path
