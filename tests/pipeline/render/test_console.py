"""What is there to be copied can be: a command or a path is never broken, however narrow the terminal."""

import io

import pytest
from rich.console import Group

from pipeline.render.console import console, print_prose, print_whole, whole

COMMAND = "oddtrail alerts show 3f9ac2d1e0b7 --home '/srv/a folder whose name is longer than a narrow terminal'"


@pytest.fixture(params=[20, 80, 200])
def screen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    monkeypatch.setenv("COLUMNS", str(request.param))
    return io.StringIO()


def test_a_line_with_something_to_copy_is_never_broken_nor_cut(screen: io.StringIO) -> None:
    print_whole(console(screen), COMMAND)
    assert screen.getvalue() == f"{COMMAND}\n"


def test_a_line_to_copy_stays_whole_between_running_text(screen: io.StringIO) -> None:
    prose = "as long as it takes " * 20
    print_prose(console(screen), Group(prose, whole(f"  {COMMAND}"), prose))
    lines = screen.getvalue().splitlines()
    assert lines.count(f"  {COMMAND}") == 1
    assert max(len(line) for line in lines if COMMAND not in line) <= 110


def test_what_has_no_shape_is_shown_as_its_escape_in_a_line_to_copy(screen: io.StringIO) -> None:
    print_whole(console(screen), "ls \x1b[31m[red]home[/red]")
    assert screen.getvalue() == "ls \\x1b[31m[red]home[/red]\n"
