"""What a test needs of the machine and may not find: it is skipped aloud, or fails where nothing may be skipped."""

import os

import pytest

REQUIRED = "ODDTRAIL_TEST_SERVERS"
"""Set to `required`, a server that cannot be started is a failure."""
_IS_REQUIRED = os.environ.get(REQUIRED) == "required"
"""Read at once: `tests/conftest.py` takes away every variable that looks like a setting of ours."""


def lack(what: str) -> None:
    """Say that something is not there."""
    if _IS_REQUIRED:
        pytest.fail(f"{what}, and {REQUIRED} says that nothing may be skipped")
    pytest.skip(what)
