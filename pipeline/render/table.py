"""Rows as CSV that a spreadsheet can open without running anything, or as a plain table for a terminal."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from pipeline.render.inert_text import inert_text
from pipeline.text.inert import inert

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")  # OWASP ASVS 1.2.10


def csv_cell(value: Any) -> str:
    r"""One cell. Text that a spreadsheet would run as a formula is marked as text; controls become escapes.

    >>> csv_cell("=cmd|' /C calc'!A0"), csv_cell(-3.5), csv_cell("\t@SUM(1)")
    ("'=cmd|' /C calc'!A0", '-3.5', "'\\x09@SUM(1)")
    """
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = " ".join(map(str, value))
    text = str(value)
    return ("'" if text.lstrip(" ").startswith(_FORMULA) else "") + inert(text, longest=10_000)


def to_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """CSV of `columns`, a header first, lines ended by CR LF (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([csv_cell(row.get(column)) for column in columns] for row in rows)
    return out.getvalue()


def plain_table(columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> Table:
    """A table without lines.

    Parameters
    ----------
    columns
        Heading → how to set it: `left`, `right` (numbers), or `fold` (may take several lines; others are cut).
    rows
        Values, a row each; anything that is not rich text is made inert.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold", expand=False)
    for heading, set_as in columns.items():
        table.add_column(
            heading,
            justify="right" if set_as == "right" else "left",
            overflow="fold" if set_as == "fold" else "ellipsis",
            no_wrap=set_as != "fold",
        )
    for row in rows:
        table.add_row(*(cell if hasattr(cell, "__rich_console__") else inert_text(cell) for cell in row))
    return table
