"""What an attacker writes into a name is shown, never run: by the terminal, by rich, or by a spreadsheet."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pipeline.render.inert_text import inert_text
from pipeline.render.table import plain_table, to_csv
from pipeline.text.inert import inert
from tests.pipeline.render.hostile import HOSTILE


def printed(renderable: object, width: int = 200) -> str:
    out = io.StringIO()
    Console(file=out, force_terminal=True, color_system="truecolor", width=width, highlight=False).print(renderable)
    return out.getvalue()


@pytest.mark.parametrize("text", HOSTILE)
def test_no_control_of_a_name_reaches_the_terminal(text: str) -> None:
    shown = printed(inert_text(text))
    assert {character for character in shown if not character.isprintable()} <= {"\n"}


@pytest.mark.parametrize("text", HOSTILE)
def test_no_markup_of_a_name_is_read(text: str) -> None:
    for marked in ("[link=", "[red]", "[/x]", ":skull:"):
        if marked in text:
            assert marked in printed(inert_text(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_table_of_names_has_only_its_own_escapes(text: str) -> None:
    out = io.StringIO()
    Console(file=out, width=120, highlight=False).print(plain_table({"name": "fold", "score": "right"}, [(text, 3)]))
    assert not {character for character in out.getvalue() if not character.isprintable()} - {"\n"}


@given(st.text())
def test_whatever_comes_in_one_printable_line_goes_out(text: str) -> None:
    shown = inert(text)
    assert shown.isprintable()
    assert "\n" not in shown


@given(st.text(max_size=300).filter(str.isprintable))
def test_printable_text_is_left_as_it_is(text: str) -> None:
    assert inert(text) == text


@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text()), min_size=1, max_size=4))
def test_no_text_cell_of_a_csv_starts_a_formula_and_every_row_survives(names: list[str]) -> None:
    content = to_csv(({"name": name, "score": -1.5} for name in names), ["name", "score"])
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert rows[0] == ["name", "score"]
    assert [row[1] for row in rows[1:]] == ["-1.5"] * len(names)
    assert not any(row[0].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\0")) for row in rows[1:])
