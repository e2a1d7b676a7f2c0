"""`oddtrail serve`, started as anybody would."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The address at which a home is shown, without the last slash."""
    command = [sys.executable, "-c", "from pipeline.cli.app import main; main()", "serve", "--port", "0"]
    command += ["--home", str(home)]
    started = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ)
    try:
        assert started.stderr is not None
        told = [started.stderr.readline() for _ in range(2)]
        [address] = re.findall(r"http://127\.0\.0\.1:\d+", told[-1]) or [""]
        assert address, told
        yield address
    finally:
        started.send_signal(signal.SIGINT)
        started.communicate(timeout=20)
