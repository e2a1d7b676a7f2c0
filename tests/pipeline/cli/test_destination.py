"""What is given about a destination is checked before anything is sent; nobody there is said so at once."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.cli.destination import read_span
from pipeline.errors import SettingsError
from tests.pipeline.cli.commands import run
from tests.servers.engine import free_port


@pytest.mark.parametrize("text", ["", "soon", "0d", "1h", "-5d", "9" * 400 + "d", "1e9d", "nan"])
def test_a_span_that_is_none_or_too_short_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="--retention"):
        read_span(text, "--retention", timedelta(days=1))


def test_where_nobody_is_is_said_at_once(tmp_path: Path) -> None:
    begun = time.monotonic()
    result = run("dead-letters", "replay", "--to", f"opensearch+http://127.0.0.1:{free_port()}", "--home", tmp_path)
    assert result.exit_code == 1
    assert "does not answer" in result.stderr
    assert time.monotonic() - begun < 10
