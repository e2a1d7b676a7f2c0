"""`/healthz` and `/metrics` over HTTP, for the machine itself and for nobody else.

It listens on the loopback address only, and answers nobody who asks for another host: a page in a browser can bring a
name of its own to this address, and would otherwise read what is here.
"""

import re
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore, Thread
from types import TracebackType
from typing import Any, ClassVar, Final

from pipeline.errors import OddtrailError
from pipeline.watch.health import Health

LOOPBACK: Final = "127.0.0.1"
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_HOST: Final = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?", re.ASCII | re.IGNORECASE)
_MOST_AT_ONCE: Final = 16
"""Connections; more are closed."""
_PATIENCE: Final = 5.0
"""Seconds until whoever says nothing is let go."""


class HealthServerError(OddtrailError):
    """It cannot listen."""


class HealthServer:
    """Answers for a `Health` from a thread of its own, until it is closed.

    Parameters
    ----------
    port
        0 for one that is free.

    Raises
    ------
    HealthServerError
        The port is taken.

    Examples
    --------
    >>> from datetime import timedelta
    >>> with HealthServer(Health(timedelta(minutes=1)), port=0) as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(self, health: Health, port: int) -> None:
        try:
            self._server = _Server((LOOPBACK, port), _make_handler(health))
        except (OSError, OverflowError) as error:
            raise HealthServerError(
                f"{LOOPBACK}:{port} cannot be listened on ({error}): give another port, or end what has it"
            ) from error
        self._thread = Thread(target=self._server.serve_forever, args=(0.1,), name="health", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://{LOOPBACK}:{self.port}"

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> "HealthServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    """No more threads than are bounded, and none that keeps a process alive."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = _MOST_AT_ONCE

    def __init__(self, *given: Any) -> None:
        self._free = BoundedSemaphore(_MOST_AT_ONCE)
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Begin a thread for a connection, if one is free."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and let the next one in."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever went away is no error of ours."""


def _make_handler(health: Health) -> type[BaseHTTPRequestHandler]:
    """A handler that tells of one watch."""

    class Bound(_Handler):
        state = health

    return Bound


class _Handler(BaseHTTPRequestHandler):
    """Answers one request a connection."""

    state: ClassVar[Health]
    timeout = _PATIENCE

    def do_GET(self) -> None:
        """Answer."""
        hosts = self.headers.get_all("Host") or []
        if len(hosts) != 1 or not _HOST.fullmatch(hosts[0].strip()):
            return self._answer(421, "this is answered on localhost only\n")
        match self.path.partition("?")[0]:
            case "/healthz":
                trouble = self.state.find_trouble()
                self._answer(503 if trouble else 200, f"{trouble or 'ok'}\n")
            case "/metrics":
                self._answer(200, self.state.show_metrics(), METRICS_TYPE)
            case _:
                self._answer(404, "ask for /healthz or /metrics\n")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse; nothing of the request is in the answer."""
        wrong_method = code == 501
        said = "only GET is answered" if wrong_method else "this request is not understood"
        self._answer(405 if wrong_method else code, f"{said}\n", allow=wrong_method)

    def _answer(self, status: int, text: str, kind: str = "text/plain; charset=utf-8", allow: bool = False) -> None:
        body = text.encode()
        self.close_connection = True
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Connection", "close")
            if allow:
                self.send_header("Allow", "GET")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    def version_string(self) -> str:
        """No version of anything."""
        return "oddtrail"

    def log_message(self, *args: Any) -> None:
        """Say nothing: whoever asks every few seconds would fill the log."""
