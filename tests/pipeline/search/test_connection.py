"""A request ends within its time, however slowly its answer comes; and nothing is said behind the caller's back."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pipeline.search.engine import Engine, UnreachableError
from pipeline.search.url import parse_url


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that answers each connection so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        yield f"opensearch+http://127.0.0.1:{listener.getsockname()[1]}"


def slowly(text: bytes, at_once: int) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.recv(65_536)
        try:
            connection.sendall(text[:at_once])
            for byte in text[at_once:]:
                time.sleep(0.1)
                connection.sendall(bytes([byte]))
        except OSError:
            pass

    return answer


WHOLE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 400\r\n\r\n" + b"1" * 400


@pytest.mark.parametrize("at_once", [0, len(WHOLE) - 390])
def test_an_answer_that_comes_byte_by_byte_is_cut_off(at_once: int) -> None:
    with answering(slowly(WHOLE, at_once)) as url:
        engine = Engine(parse_url(url))
        for _ in range(2):
            begun = time.monotonic()
            with pytest.raises(UnreachableError, match="not whole in time"):
                engine.ask("GET", "/", timeout=0.6)
            assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.",
        b"\xff\xfe\x00garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
        WHOLE[:-9],
    ],
)
def test_an_answer_that_is_cut_or_none_is_no_answer(answer: bytes) -> None:
    def cut(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(answer)
        connection.close()

    with answering(cut) as url, pytest.raises(UnreachableError):
        Engine(parse_url(url)).ask("GET", "/", timeout=3)


def test_a_connection_that_ends_while_hands_are_shaken_is_no_distrust(tmp_path) -> None:
    with answering(lambda connection: connection.close()) as url, pytest.raises(UnreachableError):
        Engine(parse_url(url.replace("+http:", "+https:"))).ask("GET", "/", timeout=3)


def test_nothing_is_logged_or_warned_of_behind_the_callers_back(caplog, recwarn) -> None:
    def warn(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b'HTTP/1.1 500 no\r\nwarning: 299 - "odd"\r\ncontent-length: 0\r\n\r\n')

    with answering(warn) as url:
        assert Engine(parse_url(url)).ask("GET", "/", timeout=3).status == 500
    assert not caplog.records
    assert not list(recwarn)
