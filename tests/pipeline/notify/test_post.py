"""One POST over real sockets: bounded in time and size, no redirects, and to the address that was looked at."""

import socket
import ssl
import threading
import time
from ipaddress import ip_network

import pytest

from pipeline.notify.address import Goal, parse_goal
from pipeline.notify.post import MOST_READ, Poster
from tests.pipeline.notify.receiver import hang, receiving, status
from tests.servers.loopback import Handler, serving
from tests.servers.signed import certify

LOOPBACK = (ip_network("127.0.0.1/32"),)
JSON = {"content-type": "application/json"}


def poster(receiver, **named):
    goal = parse_goal(receiver.url, allow_http=True)
    return Poster(goal, **{"allowed": LOOPBACK, **named})


def test_a_body_arrives_with_its_headers():
    with receiving() as receiver:
        assert poster(receiver).post(b'{"a": 1}', JSON).result == "sent"
    [came] = receiver.requests
    assert (came.path, came.json) == ("/services/T0/SECRET-PATH", {"a": 1})
    assert came.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert came.headers["content-type"] == "application/json"


def test_a_private_address_that_is_not_allowed_is_never_connected_to():
    with receiving() as receiver:
        outcome = poster(receiver, allowed=()).post(b"x", JSON)
    assert outcome.result == "later"
    assert "not public" in outcome.problem
    assert receiver.requests == []


def test_the_name_is_looked_up_once_and_what_was_looked_at_is_connected_to():
    """With a name that answers differently the second time, as rebinding does."""
    asked = []

    def answer(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    with receiving() as receiver:
        goal = Goal("http", "hooks.example.com", receiver.port, "/x")
        assert Poster(goal, LOOPBACK, resolve=answer).post(b"x", JSON).result == "sent"
    assert asked == ["hooks.example.com"]
    assert receiver.requests[0].headers["host"] == f"hooks.example.com:{receiver.port}"


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(code):
    with receiving() as other:
        with receiving(status(code, location=other.url)) as receiver:
            outcome = poster(receiver).post(b"x", JSON)
        assert outcome.result == "later"
        assert "redirect, which is not followed" in outcome.problem
    assert other.requests == []


@pytest.mark.parametrize(
    ("code", "result"),
    [(200, "sent"), (202, "sent"), (204, "sent"), (400, "refused"), (413, "refused"), (401, "later"), (403, "later"),
     (404, "later"), (410, "later"), (429, "later"), (500, "later"), (503, "later")],
)  # fmt: skip
def test_a_status_says_what_became_of_the_message(code, result):
    with receiving(status(code)) as receiver:
        assert poster(receiver).post(b"x", JSON).result == result


def test_how_long_to_wait_is_heard_and_bounded():
    dated = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 100))
    for said, waits in (("30", 30), ("99999999", 3600), ("soon", 0), ("-5", 0), (dated, 100)):
        with receiving(status(429, retry_after=said)) as receiver:
            assert poster(receiver).post(b"x", JSON).after == pytest.approx(waits, abs=3), said


def test_whoever_hangs_is_waited_for_so_long_and_no_longer():
    with receiving(hang) as receiver:
        began = time.monotonic()
        outcome = poster(receiver).post(b"x", JSON, seconds=0.5)
        assert time.monotonic() - began < 2
    assert (outcome.result, outcome.problem) == ("later", "no answer in time")


@pytest.mark.parametrize("begins", [b"", b"HTTP/1.1 200 OK\r\nx: "], ids=["body", "headers"])
def test_whoever_drips_is_cut_off(begins):
    """A timeout of each read would never come."""
    begins = begins or b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n"

    def drip(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(begins)
        for _ in range(100):
            try:
                handler.wfile.write(b"a")
            except OSError:
                return
            time.sleep(0.1)

    with receiving(drip) as receiver:
        began = time.monotonic()
        poster(receiver).post(b"x", JSON, seconds=0.6)
        assert time.monotonic() - began < 3


def test_no_more_of_an_answer_is_read_than_is_needed():
    read = []

    def flood(handler: Handler) -> None:
        handler.close_connection = True
        handler.send_response(500)
        handler.end_headers()
        try:
            for _ in range(2_000):
                handler.wfile.write(b"a" * 65_536)
                read.append(65_536)
        except OSError:
            return

    with receiving(flood) as receiver:
        outcome = poster(receiver).post(b"x", JSON)
    assert outcome.result == "later"
    assert len(outcome.problem) < 400
    assert sum(read) < 50 * MOST_READ + (8 << 20), "what the sockets buffer, and no more"


def test_what_is_said_is_inert_and_holds_no_secret():
    said = b"\x1b[2J no such key: hunter2-secret for /services/T0/SECRET-PATH\n\n"
    with receiving(status(403, said)) as receiver:
        outcome = poster(receiver, secrets=("hunter2-secret",)).post(b"x", JSON)
    assert "answers 403: \\x1b[2J no such key: *** for ***" in outcome.problem


def test_nobody_there_is_said():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    outcome = Poster(Goal("http", "127.0.0.1", port, "/x"), LOOPBACK).post(b"x", JSON)
    assert outcome.result == "later"
    assert "ConnectionRefusedError" in outcome.problem


def test_something_that_speaks_no_http_is_said():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def say() -> None:
            there, _ = server.accept()
            with there:
                there.recv(65_536)
                there.sendall(b"220 mail.example ESMTP\r\n")

        threading.Thread(target=say, daemon=True).start()
        port = server.getsockname()[1]
        outcome = Poster(Goal("http", "127.0.0.1", port, "/x"), LOOPBACK).post(b"x", JSON)
    assert outcome.result == "later"
    assert "BadStatusLine" in outcome.problem


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    return certify("hooks.example.com", tmp_path_factory.mktemp("tls"))


class _Takes(Handler):
    def do_POST(self) -> None:  # noqa: N802
        self.body()
        self.answer(200, b"ok")


def test_tls_is_verified_for_the_name_though_the_address_is_connected_to(certified):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certified)
    with serving(_Takes, context=context) as port:

        def post(host, authorities):
            goal = Goal("https", host, port, "/x")
            found = Poster(goal, LOOPBACK, authorities, resolve=lambda name, port: ["127.0.0.1"])
            return found.post(b"x", JSON)

        assert post("hooks.example.com", str(certified)).result == "sent"
        for host, authorities in (("other.example.com", str(certified)), ("hooks.example.com", "")):
            outcome = post(host, authorities)
            assert outcome.result == "later"
            assert "certificate is not to be believed" in outcome.problem


def test_whoever_drips_over_tls_is_cut_off_as_well(certified):
    """The socket is wrapped once more, and what is waited for is another one."""

    class Drips(_Takes):
        def do_POST(self) -> None:  # noqa: N802
            self.close_connection = True
            self.wfile.write(b"HTTP/1.1 200 OK\r\nx: ")
            for _ in range(60):
                try:
                    self.wfile.write(b"a")
                except OSError:
                    return
                time.sleep(0.1)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certified)
    with serving(Drips, context=context) as port:
        goal = Goal("https", "hooks.example.com", port, "/x")
        began = time.monotonic()
        found = Poster(goal, LOOPBACK, str(certified), resolve=lambda name, port: ["127.0.0.1"])
        found.post(b"x", JSON, seconds=0.6)
        assert time.monotonic() - began < 3


def test_whoever_drips_while_it_is_agreed_how_to_speak_is_cut_off():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            there, _ = server.accept()
            with there:
                there.recv(65_536)
                try:
                    for byte in b"\x16\x03\x03\x3f\xff" + b"\x02" * 60:
                        there.sendall(bytes([byte]))
                        time.sleep(0.1)
                except OSError:
                    return

        threading.Thread(target=drip, daemon=True).start()
        goal = Goal("https", "hooks.example.com", server.getsockname()[1], "/x")
        began = time.monotonic()
        outcome = Poster(goal, LOOPBACK, resolve=lambda name, port: ["127.0.0.1"]).post(b"x", JSON, seconds=0.6)
        assert time.monotonic() - began < 3
    assert outcome.result == "later"


@pytest.mark.parametrize("before", [150, 175, 190])
def test_no_part_of_a_secret_is_shown_where_what_is_said_is_cut(before):
    said = b"x" * before + b" hunter2-secret-of-ours /services/T0/SECRET-PATH \\/services\\/T0\\/SECRET-PATH"
    with receiving(status(403, said)) as receiver:
        outcome = poster(receiver, secrets=("hunter2-secret-of-ours",)).post(b"x", JSON)
    assert "hunter2" not in outcome.problem
    assert "SECRET" not in outcome.problem


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch):
    with receiving() as proxy, receiving() as receiver:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert poster(receiver).post(b"x", JSON).result == "sent"
    assert (len(proxy.requests), len(receiver.requests)) == (0, 1)
