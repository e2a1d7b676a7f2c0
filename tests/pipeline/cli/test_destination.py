"""What is given about a destination is checked before anything is sent; nobody there is said so at once."""

import time
from pathlib import Path

from tests.pipeline.cli.commands import run
from tests.servers.engine import free_port


def test_where_nobody_is_is_said_at_once(tmp_path: Path) -> None:
    begun = time.monotonic()
    result = run("dead-letters", "replay", "--to", f"opensearch+http://127.0.0.1:{free_port()}", "--home", tmp_path)
    assert result.exit_code == 1
    assert "does not answer" in result.stderr
    assert time.monotonic() - begun < 10
