"""The client's connection, with an end to every request: urllib3's timeout starts again with each byte that comes.

A server, or whatever stands before it, that sends a byte a second would otherwise hold a request for hours.
"""

import logging
import socket
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from opensearchpy import Urllib3HttpConnection
from opensearchpy.exceptions import ConnectionTimeout
from urllib3.connection import HTTPConnection, HTTPSConnection

logging.getLogger("opensearch").setLevel(logging.CRITICAL)  # whoever asked tells what went wrong, without tracebacks


class _Request:
    """A request on its way, which can be cut off."""

    def __init__(self) -> None:
        self.connection: HTTPConnection | None = None
        self.is_cut = False

    def cut(self) -> None:
        """End it, whatever it waits for."""
        self.is_cut = True
        sock = self.connection.sock if self.connection is not None else None
        if sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not TLS's own, which is the other thread's


_of_thread = threading.local()


def _note(connection: HTTPConnection) -> None:
    request: _Request = _of_thread.request
    request.connection = connection
    if request.is_cut:
        raise TimeoutError("the time was over before it was connected")


class _Http(HTTPConnection):
    def connect(self) -> None:
        _note(self)
        super().connect()

    def request(self, *given: Any, **named: Any) -> None:
        _note(self)
        super().request(*given, **named)


class _Https(_Http, HTTPSConnection):
    """The same over TLS: what `_Http` says comes first, then what TLS does."""


class TimedConnection(Urllib3HttpConnection):
    """A connection whose requests end within their timeout, answered or not."""

    def _create_urllib3_pool(self) -> None:
        super()._create_urllib3_pool()
        self.pool.ConnectionCls = _Https if self.use_ssl else _Http

    def perform_request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        timeout: float | None = None,
        ignore: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Ask, and cut the connection when the time is over."""
        request = _of_thread.request = _Request()
        timer = threading.Timer(timeout or self.timeout, request.cut)
        timer.daemon = True
        timer.start()
        try:
            return super().perform_request(method, url, params, body, timeout, ignore, headers)
        except Exception as error:
            if request.is_cut:
                raise ConnectionTimeout("TIMEOUT", "the answer was not whole in time", error) from error
            raise
        finally:
            timer.cancel()

    def _raise_warnings(self, warning_headers: Any) -> None:
        """What an engine says is deprecated is no news to whoever indexes."""
