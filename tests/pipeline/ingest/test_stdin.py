"""Standard input is a file for as long as it is read."""

import io
from pathlib import Path

import pytest

from pipeline.ingest.listing import SourceError
from pipeline.ingest.stdin import stdin_as_file


def test_without_a_dash_nothing_is_read() -> None:
    with stdin_as_file(["a", "b"], io.BytesIO(b"x")) as paths:
        assert paths == ["a", "b"]


def test_a_dash_is_a_file_that_goes_again() -> None:
    with stdin_as_file(["-", "a", "-"], io.BytesIO(b"x" * (3 << 20))) as [file, other]:
        assert (Path(file).stat().st_size, other) == (3 << 20, "a")
    assert not Path(file).parent.exists()


def test_a_terminal_is_nothing_to_read() -> None:
    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    with pytest.raises(SourceError, match="nothing is piped"), stdin_as_file(["-"], Terminal()):
        pass
