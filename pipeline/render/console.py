"""A rich console that adds nothing of its own to what it is given."""

import os
from typing import TextIO

from rich.console import Console

PROSE = 100
"""Columns that running text takes at most: longer lines are hard to read."""
PIPE = 160
"""Columns where nobody watches: tables are not cut to a terminal that is not there."""


def console(out: TextIO) -> Console:
    """Console on `out`. No markup, emoji or highlighting is read from what is printed; no colour in a pipe."""
    width = None if out.isatty() or "COLUMNS" in os.environ else PIPE
    return Console(file=out, width=width, markup=False, emoji=False, highlight=False, soft_wrap=False)
