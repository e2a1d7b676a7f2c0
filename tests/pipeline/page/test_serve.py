"""The server: it listens here, elsewhere only once somebody says who may look, and answers over a real socket."""

import http.client
import threading
import time

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from pipeline.errors import SettingsError
from pipeline.page.access import Access, hash_token
from pipeline.page.serve import ListenError, find_names, listen, serve, write_address

TOKENS = Access(tokens=(hash_token("t" * 24),))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "::ffff:192.0.2.1"])
def test_it_does_not_listen_elsewhere_while_nobody_is_asked_who_he_is(host: str) -> None:
    with pytest.raises(SettingsError, match="say who may look"):
        listen(host, 0, Access())


def test_it_listens_elsewhere_where_somebody_is() -> None:
    with listen("0.0.0.0", 0, TOKENS) as found:
        assert found.getsockname()[0] == "0.0.0.0"


@pytest.mark.parametrize("host", ["example.com", "", "127.0.0.1:80", "localhost.evil"])
def test_what_is_no_address_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="which is no address"):
        listen(host, 0, TOKENS)


def test_a_port_that_is_taken_or_none_is_told() -> None:
    with listen("localhost", 0, Access()) as found:
        port = found.getsockname()[1]
        assert write_address(found) == f"http://127.0.0.1:{port}/"
        for taken in (port, 70_000):
            with pytest.raises(ListenError, match="give another --port"):
                listen("127.0.0.1", taken, Access())


def test_everybodys_address_is_no_name() -> None:
    assert "0.0.0.0" not in find_names("0.0.0.0", [])
    assert "[::]" not in find_names("::", [])
    assert "[2001:db8::1]" in find_names("2001:db8::1", [])
    assert "localhost" in find_names("localhost", [])


def test_it_answers_and_says_nothing_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    servers: list[uvicorn.Server] = []
    begin = uvicorn.Server.run

    def run(self: uvicorn.Server, sockets: object = None) -> None:
        servers.append(self)
        begin(self, sockets)  # type: ignore[arg-type]

    monkeypatch.setattr(uvicorn.Server, "run", run)
    with listen("127.0.0.1", 0, Access()) as found:
        thread = threading.Thread(target=serve, args=(PlainTextResponse("here"), found), daemon=True)
        thread.start()
        connection = http.client.HTTPConnection(*found.getsockname(), timeout=10)
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"here")
        assert answer.getheader("server") is None
        connection.close()
        servers[0].should_exit = True
        thread.join(20)
        deadline = time.monotonic() + 1
        while thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not thread.is_alive()
