"""A function as Lambda runs it: awslambdaric under AWS's emulator, with its time limit and its kill."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.servers.engine import free_port
from tests.servers.need import lack

_VERSION = "v0.0.0-20261030222936-bef5c4ba774d"
_SOURCE = "github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie"
_PATIENCE = 30.0


class FunctionError(Exception):
    """An invocation that failed, as Lambda tells it."""


class Function:
    """A function that can be invoked, one event at a time."""

    def __init__(self, folder: Path, handler: str, environment: Mapping[str, str], timeout: int = 60) -> None:
        self.folder, self.handler, self.timeout = folder, handler, timeout
        self.environment = environment
        self.log = folder.parent / f"{handler}-{free_port()}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    def start(self) -> None:
        """Start the emulator; the function itself starts with the first event."""
        self._port = free_port()
        # two addresses, or it listens on every one
        command = [
            str(find_emulator()), "--runtime-interface-emulator-address", f"127.0.0.1:{self._port}",
            "--runtime-api-address", f"127.0.0.1:{free_port()}", sys.executable, "-m", "awslambdaric", self.handler,
        ]  # fmt: skip
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder.parent), "LAMBDA_TASK_ROOT": str(self.folder),
            "PYTHONPATH": str(self.folder), "AWS_LAMBDA_FUNCTION_NAME": "oddtrail-ingest",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(self.timeout), "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "PYTHONDONTWRITEBYTECODE": "1", **self.environment,
        }  # fmt: skip
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + _PATIENCE
        while True:
            with contextlib.suppress(urllib.error.HTTPError):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{self._port}/", timeout=2).close()
                except urllib.error.URLError as error:
                    if not isinstance(error, urllib.error.HTTPError):
                        assert self._process.poll() is None, self.said()
                        assert time.monotonic() < end, self.said()
                        time.sleep(0.1)
                        continue
            return

    def invoke(self, event: Any) -> Any:
        """What the function returns; FunctionError where it fails or is killed."""
        url = f"http://127.0.0.1:{self._port}/2015-03-31/functions/function/invocations"
        request = urllib.request.Request(url, json.dumps(event).encode(), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=self.timeout + 60) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            raise FunctionError(error.read().decode()) from error
        try:
            found = json.loads(text)
        except ValueError:
            raise FunctionError(text) from None
        if isinstance(found, dict) and "errorMessage" in found:
            raise FunctionError(f"{found.get('errorType')}: {found['errorMessage']}")
        return found

    def said(self) -> str:
        """Its log."""
        return self.log.read_text(errors="replace")

    def stop(self) -> None:
        """End the emulator and the function."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextlib.contextmanager
def running_function(
    folder: Path, environment: Mapping[str, str], handler: str = "lambda_ingest.handler.handler", timeout: int = 60
) -> Iterator[Function]:
    """Run a function for a while."""
    function = Function(folder, handler, environment, timeout)
    try:
        function.start()
        yield function
    finally:
        function.stop()


def find_emulator() -> Path:
    """The emulator, built once and kept; it takes a minute or two."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "oddtrail-tests" / _VERSION
    program = cache / "aws-lambda-rie"
    if not program.exists():
        go = shutil.which("go")
        if go is None:
            lack("no Go is on the path to build AWS's runtime interface emulator with")
            raise AssertionError
        command = [go, "install", f"{_SOURCE}@{_VERSION}"]
        building = cache / f"building-{os.getpid()}"
        building.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(command, env=os.environ | {"GOBIN": str(building)}, capture_output=True, text=True)
        if done.returncode:
            lack(f"AWS's runtime interface emulator cannot be built: {done.stderr[-300:]}")
        (building / program.name).replace(program)
        building.rmdir()
    return program
