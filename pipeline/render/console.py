"""A rich console that adds nothing of its own to what it is given."""

import io
import os
import re
from typing import TextIO, cast

from rich.console import Console, RenderableType
from rich.text import Text

from pipeline.text.inert import inert

PROSE = 110
"""Columns that running text takes at most: longer lines are hard to read."""
PIPE = 160
"""Columns where nobody watches: tables are not cut to a terminal that is not there."""
LONGEST_LINE = 10_000
"""Characters of a line that is there to be copied."""


def console(out: TextIO) -> Console:
    """Console on `out`. No markup, emoji or highlighting is read from what is printed; no colour in a pipe."""
    width = None if out.isatty() or "COLUMNS" in os.environ else PIPE
    file = cast(TextIO, out if out.isatty() else _Trimmed(out))
    return Console(file=file, width=width, markup=False, emoji=False, highlight=False, soft_wrap=False)


def print_prose(console: Console, prose: RenderableType) -> None:
    """Print running text, no wider than it reads well; what is `whole` in it may be wider."""
    console.print(prose, width=min(console.width, PROSE), crop=False)


def print_whole(console: Console, line: str) -> None:
    """Print a line with something to copy in it: a command, a path."""
    console.print(whole(line), soft_wrap=True)


def whole(line: str, style: str = "") -> Text:
    """A line that is never broken and never cut, so that what is copied from it works; a terminal folds it by itself.

    Padding and tables cut what is in them: put the blanks before it into the line.
    """
    return Text(inert(line, longest=LONGEST_LINE), style=style, no_wrap=True, overflow="ignore")


class _Trimmed(io.TextIOBase):
    """Drops the blanks with which rich fills lines up: nobody wants them in a file."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        self._out.write(re.sub(r" +(?=\n)", "", text))
        return len(text)

    def flush(self) -> None:
        self._out.flush()
