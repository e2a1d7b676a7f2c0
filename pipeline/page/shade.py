"""Shades of a heat map."""

from typing import Final

SHADES: Final = 9
"""From 0, which is nothing at all."""


def find_shade(value: float, most: float) -> int:
    """The shade of a cell.

    >>> find_shade(0, 5), find_shade(0.1, 5), find_shade(5, 5), find_shade(0, 0)
    (0, 1, 8, 0)
    """
    if value <= 0 or most <= 0:
        return 0
    return 1 + min(int((SHADES - 1) * value / most), SHADES - 2)
