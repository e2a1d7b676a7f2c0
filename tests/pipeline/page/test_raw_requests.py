"""Requests as no browser of ours would send them, byte by byte: what brings no name, or another's, is refused."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.feedback import PATH
from pipeline.page.home import Home
from pipeline.page.serve import find_names, listen, serve
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from tests.pipeline.cli.homes import a_home, a_record, an_alert, with_alerts

FORM = b"verdict=expected&id=3f9ac2d1e0b74c55a6d7e8f901234567"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_alerts(a_home(tmp_path_factory.mktemp("raw"), [a_record()]), an_alert())


@pytest.fixture(scope="module")
def port(home: Path) -> Iterator[int]:
    """Where the home is shown, by the server that `oddtrail serve` starts."""
    servers: list[uvicorn.Server] = []
    begin = uvicorn.Server.run

    def run(self: uvicorn.Server, sockets: object = None) -> None:
        servers.append(self)
        begin(self, sockets)  # type: ignore[arg-type]

    shown = Home(Settings(home=home))
    shown.alerts.refresh()
    with pytest.MonkeyPatch.context() as patch, listen("127.0.0.1", 0, Access()) as found:
        patch.setattr(uvicorn.Server, "run", run)
        app = make_app(shown, Access(), find_names("127.0.0.1", []))
        thread = threading.Thread(target=serve, args=(app, found), daemon=True)
        thread.start()
        yield int(found.getsockname()[1])
        servers[0].should_exit = True
        thread.join(20)


def send(port: int, *lines: str, body: bytes = b"") -> tuple[int, str]:
    """Status and text of the answer to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode() + body)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    return int(answer.split(b" ", 2)[1]), answer.decode("utf-8", "replace")


def test_its_own_name_is_answered(port: int) -> None:
    status, text = send(port, "GET / HTTP/1.1", f"Host: localhost:{port}", "Connection: close")
    assert status == 200
    assert "1 incident" in text


@pytest.mark.parametrize(
    "lines",
    [
        ["GET / HTTP/1.1", "Connection: close"],
        ["GET / HTTP/1.0"],
        ["GET / HTTP/1.1", "Host:", "Connection: close"],
        ["GET / HTTP/1.1", "Host: rebound.example", "Connection: close"],
        ["GET / HTTP/1.1", "Host: localhost", "Host: rebound.example", "Connection: close"],
        ["GET / HTTP/1.1", "Host: rebound.example", "X-Forwarded-Host: localhost", "Connection: close"],
        ["GET http://localhost/ HTTP/1.1", "Host: rebound.example", "Connection: close"],
        ["GET / HTTP/1.1", "Host: localhost, rebound.example", "Connection: close"],
        ["GET / HTTP/1.1", "Host : localhost", "Connection: close"],
        ["GET / HTTP/1.1", "Host: rebound.example", " localhost", "Connection: close"],
    ],
)
def test_without_a_name_of_its_own_nothing_is_shown(port: int, lines: list[str]) -> None:
    status, text = send(port, *lines)
    assert status in (400, 421)
    assert "incident" not in text


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["Origin: http://elsewhere.example"],
        ["Origin: null"],
        ["Origin: http://elsewhere.example", "Referer: http://localhost/"],
        ["Sec-Fetch-Site: cross-site", "Origin: http://localhost"],
    ],
)
def test_what_a_page_elsewhere_posts_is_refused(home: Path, port: int, lines: list[str]) -> None:
    kind = ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(FORM)}", "Connection: close"]
    status, _ = send(port, f"POST {PATH} HTTP/1.1", "Host: localhost", *lines, *kind, body=FORM)
    assert status == 403
    with open_store(home, create=False) as store:
        assert store.marks.every() == []
