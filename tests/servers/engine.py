"""Search engines as their makers publish them, on loopback: OpenSearch with and without users, and Elasticsearch."""

import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers.artefact import fetch, unpack
from tests.servers.java import find_java, has_module

PASSWORD = "Odd-trail.9-word"
"""Of the first user of a server that has users."""
_NOBODY = 65534
_PATIENCE = 240.0
_HEAP = "640m"


@dataclass(frozen=True)
class Kind:
    """A server to start."""

    product: str
    version: str
    java: tuple[int, int, bool]
    """Oldest and newest Java, and whether it has to be whole."""
    secure: bool = False

    def __str__(self) -> str:
        return f"{self.product}-{self.version}{'-secure' if self.secure else ''}"


OPENSEARCH_3 = Kind("opensearch", "3.8.0", (21, 99, True))
OPENSEARCH_2 = Kind("opensearch", "2.19.4", (11, 21, False))
"""The one that starts soonest."""
OPENSEARCH_2_SECURE = Kind("opensearch", "2.19.4", (11, 21, False), secure=True)
ELASTICSEARCH_8 = Kind("elasticsearch", "8.19.21", (17, 25, False))
ELASTICSEARCH_9 = Kind("elasticsearch", "9.2.0", (21, 24, False))


@dataclass
class Server:
    """A search engine that runs."""

    kind: Kind
    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """As oddtrail is given it, with the first user where there are users."""
        if self.kind.secure:
            return (
                f"{self.kind.product}+https://admin@localhost:{self.port}"
                f"?password=env:ENGINE_PASSWORD_OF_TESTS&ca={self.folder}/config/root-ca.pem"
            )
        return f"{self.kind.product}+http://127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}" if self.kind.secure else f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: Any = None, user: str = "admin", password: str = PASSWORD) -> Any:
        """Ask it directly, without a line of oddtrail's; an error is raised with its text."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.origin + path, data, method=method)
        request.add_header("Content-Type", "application/x-ndjson" if isinstance(body, bytes) else "application/json")
        context = None
        if self.kind.secure:
            request.add_header("Authorization", "Basic " + b64encode(f"{user}:{password}".encode()).decode())
            context = ssl.create_default_context(cafile=str(self.folder / "config/root-ca.pem"))
        try:
            with urllib.request.urlopen(request, timeout=60, context=context) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise ServerError(error.code, error.read().decode(errors="replace")) from error

    def documents(self, pattern: str) -> list[dict[str, Any]]:
        """Every document of some indices, by id."""
        self.ask("POST", f"/{pattern}/_refresh")
        found: list[dict[str, Any]] = []
        after: list[Any] | None = None
        while True:
            search: dict[str, Any] = {"size": 5_000, "sort": [{"event.id": "asc"}]}
            if after:
                search["search_after"] = after
            hits = self.ask("POST", f"/{pattern}/_search", search)["hits"]["hits"]
            if not hits:
                return found
            found += hits
            after = hits[-1]["sort"]

    def start(self) -> None:
        """Start it on its folder, and wait until it answers."""
        self.process = _launch(self.kind, self.folder, self.port)
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.kind} ended at once: {_tail(self.folder)}")
            with contextlib.suppress(OSError, ServerError, ValueError):
                self.ask("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s")
                return
            time.sleep(0.2)
        raise RuntimeError(f"{self.kind} was not ready in {_PATIENCE} s: {_tail(self.folder)}")

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal: SIGKILL, SIGSTOP, SIGCONT."""
        assert self.process is not None
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


class ServerError(Exception):
    """What a server answered instead of success."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text[:2_000]}")
        self.status, self.text = status, text


@contextlib.contextmanager
def running(kind: Kind, port: int = 0) -> Iterator[Server]:
    """Run a server on a fresh folder, at a port that is free where none is given."""
    folder = Path(tempfile.mkdtemp(prefix=f"oddtrail-{kind}-"))
    server = Server(kind, folder, port or free_port())
    try:
        prepare(kind, folder)
        os.environ["ENGINE_PASSWORD_OF_TESTS"] = PASSWORD
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepare(kind: Kind, folder: Path) -> None:
    """Lay a server's files out, as a user that it runs as."""
    java = _lay_java(kind, folder)
    group = f"org.{kind.product}.distribution.integ-test-zip"
    unpack(fetch(group, kind.product, kind.version), folder)
    if not has_module(java, "jdk.incubator.vector"):
        options = folder / "config/jvm.options"
        lines = options.read_text().splitlines()
        options.write_text("\n".join(line for line in lines if "jdk.incubator.vector" not in line) + "\n")
    folder.chmod(0o755)
    for name in ("logs", "data", "home", "plugins"):
        (folder / name).mkdir(exist_ok=True)
    _own(folder)
    if kind.secure:
        plugin = fetch("org.opensearch.plugin", "opensearch-security", f"{kind.version}.0")
        copy = folder / "home/security.zip"
        shutil.copy(plugin, copy)
        _own(copy)
        _run(folder, java, ["bin/opensearch-plugin", "install", "--batch", f"file://{copy}"])
        tool = "plugins/opensearch-security/tools/install_demo_configuration.sh"
        _run(folder, java, ["bash", tool, "-y", "-i", "-s"])


def _lay_java(kind: Kind, folder: Path) -> Path:
    """A Java that the server's user can reach: one that came with our packages may lie in a folder of root's alone."""
    java = find_java(*kind.java)
    if os.geteuid() != 0 or not java.is_relative_to(sys.prefix):
        return java
    shutil.copytree(java, folder / "java")
    return folder / "java"


def _find_laid_java(kind: Kind, folder: Path) -> Path:
    return folder / "java" if (folder / "java").exists() else find_java(*kind.java)


def _environment(folder: Path, java: Path) -> dict[str, str]:
    options = f"-Xms{_HEAP} -Xmx{_HEAP} -XX:TieredStopAtLevel=1"
    return {
        "PATH": os.environ["PATH"], "HOME": str(folder / "home"), "JAVA_HOME": str(java),
        "OPENSEARCH_JAVA_HOME": str(java), "ES_JAVA_HOME": str(java), "OPENSEARCH_JAVA_OPTS": options,
        "ES_JAVA_OPTS": options, "OPENSEARCH_INITIAL_ADMIN_PASSWORD": PASSWORD,
    }  # fmt: skip


def _identity() -> dict[str, Any]:
    """Servers refuse to run as root."""
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _own(path: Path) -> None:
    if os.geteuid() == 0:
        for each in (path, *path.rglob("*")) if path.is_dir() else (path,):
            os.chown(each, _NOBODY, _NOBODY)


def _run(folder: Path, java: Path, command: list[str]) -> None:
    done = subprocess.run(
        command, cwd=folder, env=_environment(folder, java), capture_output=True, text=True, check=False, **_identity()
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _launch(kind: Kind, folder: Path, port: int) -> "subprocess.Popen[bytes]":
    settings = {
        "discovery.type": "single-node", "network.host": "127.0.0.1", "http.port": port,
        "transport.port": free_port(), "node.name": "test", "cluster.name": f"test-{port}",
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }  # fmt: skip
    if kind.product == "elasticsearch":
        settings |= {"xpack.security.enabled": "false"}
    arguments = [f"-E{name}={value}" for name, value in settings.items()]
    with (folder / "logs/console.log").open("ab") as log:
        return subprocess.Popen(
            [f"bin/{kind.product}", *arguments], cwd=folder, env=_environment(folder, _find_laid_java(kind, folder)),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **_identity(),
        )  # fmt: skip


def _tail(folder: Path) -> str:
    log = folder / "logs/console.log"
    return log.read_text(errors="replace")[-2_000:] if log.exists() else "no log"
