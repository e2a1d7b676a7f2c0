"""Asked over real sockets: the machine itself is answered, and nobody else."""

import http.client
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.watch.health import Health, TickReport
from pipeline.watch.server import HealthServer, HealthServerError
from tests.pipeline.watch.exposition import parse

MINUTE = timedelta(minutes=1)


@pytest.fixture
def health() -> Health:
    return Health(MINUTE)


@pytest.fixture
def server(health: Health) -> Iterator[HealthServer]:
    with HealthServer(health, port=0) as server:
        yield server


def tick(health: Health, **named) -> None:
    now = datetime.now(UTC)
    health.ticked(TickReport(seconds=0.1, now=now, trained=now, **named))


def ask(server: HealthServer, path: str, method: str = "GET", **headers: str):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers
    finally:
        connection.close()


def send(server: HealthServer, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(request)
        answer = b""
        while more := raw.recv(65536):
            answer += more
    return answer


def test_health_is_told_with_its_status_and_one_line(server, health):
    assert ask(server, "/healthz")[:2] == (503, "no tick yet: it is starting\n")
    tick(health)
    status, body, headers = ask(server, "/healthz?verbose=1")
    assert (status, body) == (200, "ok\n")
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Server"] == "oddtrail"
    for _ in range(3):
        tick(health, problem="s3://trail\ncannot be read")
    status, body, _ = ask(server, "/healthz")
    assert (status, body) == (503, "3 ticks failed in a row: s3://trail\\x0acannot be read\n")


def test_metrics_are_what_a_scraper_reads(server, health):
    tick(health, events=7)
    status, body, headers = ask(server, "/metrics")
    assert status == 200
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert parse(body)["oddtrail_events_total"].samples == {(): 7}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost@evil", ""])
def test_whoever_asks_for_another_host_is_told_nothing(server, health, host):
    tick(health)
    for path in ("/metrics", "/healthz", "/else"):
        status, body, _ = ask(server, path, Host=host)
        assert (status, body) == (421, "this is answered on localhost only\n")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9464", "127.0.0.1", "[::1]:1"])
def test_the_machines_own_names_are_answered(server, host):
    assert ask(server, "/metrics", Host=host)[0] == 200


@pytest.mark.parametrize(
    "request_",
    [b"GET /metrics HTTP/1.1\r\n\r\n", b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n"],
)
def test_no_host_or_two_are_refused(server, request_):
    assert b" 421 " in send(server, request_).split(b"\r\n")[0]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "<script>"])
def test_only_get_is_answered(server, method):
    status, body, headers = ask(server, "/metrics", method)
    assert status == 405
    assert headers["Allow"] == "GET"
    assert "script" not in body


@pytest.mark.parametrize("path", ["/", "/healthz/", "/metrics/../healthz", "/%6detrics", "/<script>"])
def test_another_path_is_not_there_and_not_repeated(server, path):
    assert ask(server, path)[:2] == (404, "ask for /healthz or /metrics\n")


@pytest.mark.parametrize(
    "garbage",
    [b"\x16\x03\x01\x00\xff\r\n\r\n", b"G" * 70_000 + b"\r\n\r\n", b"GET / HTTP/9.9.9\r\n\r\n", b"<b> <i> <u>\r\n\r\n",
     b"GET / HTTP/1.1\r\n" + b"".join(b"a%d: x\r\n" % number for number in range(200)) + b"\r\n"],
)  # fmt: skip
def test_what_is_no_request_is_refused_without_a_word_of_it(server, health, garbage, capfd):
    tick(health)
    answer = send(server, garbage)
    assert b"<b>" not in answer
    assert b"GGG" not in answer
    assert ask(server, "/healthz")[0] == 200
    assert capfd.readouterr() == ("", "")


def test_it_listens_on_loopback_only(server):
    assert server.url == f"http://127.0.0.1:{server.port}"
    own = socket.gethostbyname(socket.gethostname())
    if not own.startswith("127."):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((own, server.port), timeout=1)


def test_those_who_say_nothing_keep_nobody_else_out_for_long(server, health, monkeypatch):
    tick(health)
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(10)]
    try:
        assert ask(server, "/healthz")[0] == 200
    finally:
        for one in silent:
            one.close()


def test_many_may_ask_while_the_loop_tells(server, health):
    problems: list[BaseException] = []

    def scrape() -> None:
        try:
            for _ in range(20):
                parse(ask(server, "/metrics")[1])
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=scrape) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(500):
        tick(health, events=1, outbox={str(number % 7): number})
    for thread in threads:
        thread.join()
    assert problems == []
    assert parse(ask(server, "/metrics")[1])["oddtrail_events_total"].samples == {(): 500}


def test_a_port_that_is_taken_is_told_and_one_that_was_closed_is_free(health):
    with HealthServer(health, port=0) as server:
        taken = server.port
        with pytest.raises(HealthServerError, match=rf"127.0.0.1:{taken} cannot be listened on .*another port"):
            HealthServer(health, port=taken)
    HealthServer(health, port=taken).close()
    with pytest.raises(HealthServerError):
        HealthServer(health, port=70_000)
