"""`oddtrail serve`: started as anybody would, asked over HTTP, ended with a signal."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from pipeline.stores.home import open_store
from tests.pipeline.cli.commands import run


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_it_shows_the_home_until_it_is_ended(tmp_path: Path, ended_by: signal.Signals) -> None:
    open_store(tmp_path).close()
    command = [sys.executable, "-c", "from pipeline.cli.app import main; main()", "serve", "--port", "0"]
    language, reading = ("en", "reading the alerts") if ended_by == signal.SIGINT else ("ko", "경보를 읽는 중")
    command += ["--home", str(tmp_path), "--lang", language]
    started = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ)
    try:
        assert started.stderr is not None
        assert reading in started.stderr.readline()
        line = started.stderr.readline()
        [address] = re.findall(r"http://127\.0\.0\.1:\d+/", line)
        assert str(tmp_path) in line
        with urllib.request.urlopen(f"{address}?lang=en", timeout=20) as answer:
            assert b"Nothing was raised" in answer.read()
        with pytest.raises(urllib.error.HTTPError, match="421"):
            urllib.request.urlopen(urllib.request.Request(address, headers={"Host": "evil.example"}), timeout=20)
    finally:
        started.send_signal(ended_by)
        _, rest = started.communicate(timeout=20)
    assert started.returncode == (0 if ended_by == signal.SIGINT else -signal.SIGTERM)
    assert rest == ""


@pytest.mark.parametrize(
    ("options", "code", "found"),
    [
        (["--host", "0.0.0.0"], 1, "say who may look"),
        (["--tokens", "nowhere"], 1, "cannot be read"),
        (["--user-header", "X-User"], 2, "go together"),
        (["--from", "10.0.0.1"], 2, "go together"),
        (["--user-header", "X-User", "--from", "x"], 1, "which is no network"),
    ],
)
def test_what_would_let_in_too_many_is_refused(tmp_path: Path, options: list[str], code: int, found: str) -> None:
    result = run("serve", "--home", tmp_path, *options)
    assert result.exit_code == code
    assert found in " ".join(result.output.split())
