"""A rich console that adds nothing of its own to what it is given."""

import io
import os
import re
from typing import TextIO, cast

from rich.console import Console, RenderableType

PROSE = 110
"""Columns that running text takes at most: longer lines are hard to read."""
PIPE = 160
"""Columns where nobody watches: tables are not cut to a terminal that is not there."""


def console(out: TextIO) -> Console:
    """Console on `out`. No markup, emoji or highlighting is read from what is printed; no colour in a pipe."""
    width = None if out.isatty() or "COLUMNS" in os.environ else PIPE
    file = cast(TextIO, out if out.isatty() else _Trimmed(out))
    return Console(file=file, width=width, markup=False, emoji=False, highlight=False, soft_wrap=False)


def print_prose(console: Console, prose: RenderableType) -> None:
    """Print running text, no wider than it reads well."""
    console.print(prose, width=min(console.width, PROSE))


class _Trimmed(io.TextIOBase):
    """Drops the blanks with which rich fills lines up: nobody wants them in a file."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        self._out.write(re.sub(r" +(?=\n)", "", text))
        return len(text)

    def flush(self) -> None:
        self._out.flush()
