"""What a test needs of the machine and may not find: it is skipped aloud, or fails where nothing may be skipped."""

import os

import pytest

REQUIRED = "ODDTRAIL_TEST_SERVERS"
"""Set to `required`, a server that cannot be started is a failure."""


def lack(what: str) -> None:
    """Say that something is not there."""
    if os.environ.get(REQUIRED) == "required":
        pytest.fail(f"{what}, and {REQUIRED} says that nothing may be skipped")
    pytest.skip(what)
