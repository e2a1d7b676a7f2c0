"""AWS account numbers, and what stands where one belongs."""

import re
from typing import Final

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST: Final = 64
NO_ACCOUNT: Final = "unknown"
"""Account of a record that names none; never empty, for it is a folder's name."""


def is_account(text: str) -> bool:
    """Whether a text is an account number.

    >>> is_account("123456789012"), is_account("12345678901"), is_account("١١١١١١١١١١١١")
    (True, False, False)
    """
    return len(text) == 12 and text.isascii() and text.isdigit()


def safe_account(text: str) -> str:
    """Make an account safe as the name of a folder; a proper account number stays as it is.

    >>> safe_account("123456789012"), safe_account("../etc"), safe_account("")
    ('123456789012', '___etc', 'unknown')
    """
    return text if is_account(text) else _UNSAFE.sub("_", text[:_LONGEST]) or NO_ACCOUNT
