"""Shodan is one fixed host: its answer is bounded, a redirection is not followed, and the key is in no message."""

import http.client
import json
import socket
import ssl
import time

import pytest

from pipeline.enrich import intel_shodan as module
from pipeline.enrich.intel import IntelError, Told
from pipeline.enrich.intel_shodan import HOST, Shodan
from tests.servers.loopback import Handler, serving

KEY = "the-secret-key"


@pytest.fixture
def shodan():
    """A source that asks a server here, which answers as told."""
    told = {"status": 200, "body": b"{}", "headers": {}, "wait": 0.0, "paths": []}

    class Answers(Handler):
        protocol_version = "HTTP/1.0"  # its body ends where the connection does

        def do_GET(self):  # noqa: N802
            told["paths"].append(self.path)
            self.send_response(told["status"])
            for name, value in told["headers"].items():
                self.send_header(name, value)
            self.end_headers()
            for at in range(0, len(told["body"]), 65_536):
                self.wfile.write(told["body"][at : at + 65_536])
                time.sleep(told["wait"])

    with serving(Answers) as port:
        yield Shodan(KEY, lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=0.5)), told


def test_what_it_knows_is_told_in_plain_words(shodan):
    source, told = shodan
    fields = {"ports": [22, 443], "tags": ["tor", "\x1b]0;x\x07"], "vulns": {"CVE-2026-1": {}}, "data": [{"x": 1}]}
    told["body"] = json.dumps(fields).encode()
    wanted = "ports 22, 443; tags tor, \\x1b]0;x\\x07; weaknesses CVE-2026-1"
    assert source.ask("1.1.1.1") == Told("shodan", wanted, "https://www.shodan.io/host/1.1.1.1")
    assert told["paths"] == [f"/shodan/host/1.1.1.1?key={KEY}&minify=true"]


def test_where_it_knows_nothing_nothing_is_told(shodan):
    source, told = shodan
    told["status"] = 404
    assert source.ask("1.1.1.1") is None
    told["status"] = 200
    assert source.ask("2606:4700::1111") is None


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b'"x"', b"[" * 100_000, b"\xff"])
def test_an_answer_that_is_none_is_said(shodan, body):
    source, told = shodan
    told["body"] = body
    with pytest.raises(IntelError, match="answered what is no"):
        source.ask("1.1.1.1")


@pytest.mark.parametrize("fields", [{"ports": "x", "tags": 5}, {"ports": [{}], "tags": [None]}, {}])
def test_fields_of_another_shape_are_passed_over(shodan, fields):
    source, told = shodan
    told["body"] = json.dumps(fields).encode()
    assert source.ask("1.1.1.1") is None


def test_an_answer_is_bounded(shodan):
    source, told = shodan
    told["body"] = json.dumps({"tags": ["x" * 1_000] * 500, "ports": list(range(500))}).encode()
    assert len(source.ask("1.1.1.1").description) <= 500
    told["body"] = b" " * (3 << 20)
    with pytest.raises(IntelError, match="more than 1048576 bytes"):
        source.ask("1.1.1.1")


@pytest.mark.parametrize("status", [301, 302, 307, 308, 401, 403, 429, 500])
def test_a_redirection_is_not_followed_and_a_refusal_is_an_error(shodan, status):
    source, told = shodan
    told["status"], told["headers"] = status, {"Location": "http://169.254.169.254/latest/meta-data/"}
    with pytest.raises(IntelError, match=f"answered {status}") as caught:
        source.ask("1.1.1.1")
    assert len(told["paths"]) == 1
    assert KEY not in str(caught.value)


def test_who_trickles_is_left(shodan, monkeypatch):
    source, told = shodan
    monkeypatch.setattr(module, "_TIMEOUT", 0.2)
    told["body"], told["wait"] = b" " * (1 << 20), 0.1
    started = time.monotonic()
    with pytest.raises(IntelError, match="took too long"):
        source.ask("1.1.1.1")
    assert time.monotonic() - started < 3


def test_nobody_there_is_said_without_the_key():
    def refuse():
        raise ConnectionRefusedError(f"https://x?key={KEY}")

    with pytest.raises(IntelError, match="did not answer") as caught:
        Shodan(KEY, refuse).ask("1.1.1.1")
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.1", "not/../an address"])
def test_what_is_not_public_is_not_asked_about(address):
    with pytest.raises(IntelError, match="only public addresses"):
        Shodan(KEY, lambda: pytest.fail("it was asked")).ask(address)


@pytest.mark.parametrize("answers", [["169.254.169.254"], ["1.1.1.1", "127.0.0.1"], []])
def test_a_name_service_that_points_inside_is_not_followed(monkeypatch, answers):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, 443)) for answer in answers]
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **named: found)
    monkeypatch.setattr(socket, "create_connection", lambda *given: pytest.fail("it was connected to"))
    with pytest.raises(IntelError, match="not public"):
        Shodan(KEY).ask("1.1.1.1")


def test_it_is_reached_over_tls_under_its_own_name(monkeypatch):
    asked = []
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.2.3.4", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **named: found)
    one, other = socket.socketpair()
    monkeypatch.setattr(socket, "create_connection", lambda where, timeout: asked.append(where) or one)

    def wrap(self, raw, server_hostname):
        asked.append((server_hostname, self.verify_mode, self.check_hostname))
        raise ssl.SSLCertVerificationError("another's certificate")

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", wrap)
    with pytest.raises(IntelError, match="did not answer"):
        Shodan(KEY).ask("1.1.1.1")
    assert asked == [("1.2.3.4", 443), (HOST, ssl.CERT_REQUIRED, True)]
    assert one.fileno() == -1
    other.close()
