"""Addresses within the page: every name in one is quoted, so that it is only ever a name."""

from datetime import date
from typing import Final
from urllib.parse import urlencode

LONGEST: Final = 300
"""Characters of what an address may ask for."""


def link(path: str, **asked: str | int | date | None) -> str:
    """A path of ours with what is asked of it; what is None or empty is left out.

    >>> link("/alert", id="a/b&c", page=None)
    '/alert?id=a%2Fb%26c'
    """
    given = {name: str(value) for name, value in asked.items() if value not in (None, "")}
    return f"{path}?{urlencode(given, errors='replace')}" if given else path
