"""Frames as templates show them: rows of plain values, what is missing as None, numbers short."""

from datetime import datetime
from typing import Any

import pandas as pd


def list_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows, with None in place of what is missing.

    >>> list_rows(pd.DataFrame({"name": ["a"], "calls": [float("nan")]}))
    [{'name': 'a', 'calls': None}]
    """
    names = [str(name) for name in frame.columns]
    columns = [
        [None if gone else value for value, gone in zip(column.tolist(), column.isna().tolist(), strict=True)]
        for _, column in frame.items()
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def short(value: float | None) -> str:
    """A number as a table shows it; nothing where it is missing.

    >>> short(1234.5), short(3.25), short(3.0), short(0.004), short(None)
    ('1,234', '3.2', '3', '0.004', '')
    """
    if value is None:
        return ""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"


def minute(value: datetime | None) -> str:
    """A time of the deployment's zone, to the minute; nothing where it is missing.

    >>> minute(datetime(2026, 3, 2, 9, 5))
    '2026-03-02 09:05'
    """
    return "" if value is None else value.strftime("%Y-%m-%d %H:%M")
