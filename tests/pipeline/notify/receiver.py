"""A receiver of messages on loopback: it answers as it is told to, and keeps what came."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.servers.loopback import Handler, serving

Answer = Callable[[Handler], None]


@dataclass
class Received:
    """A request that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """What came, and what is answered."""

    port: int = 0
    requests: list[Received] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    """Of the next requests; what comes after is taken."""
    came: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/services/T0/SECRET-PATH"


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    """Answers with a status."""

    def answer(handler: Handler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def hang(handler: Handler) -> None:
    """Answers nothing for as long as somebody waits."""
    handler.connection.settimeout(30)
    handler.connection.recv(1)
    handler.close_connection = True


@contextmanager
def receiving(*answers: Answer) -> Iterator[Receiver]:
    """A receiver for as long as the block runs."""
    receiver = Receiver(answers=list(answers))

    class Taking(Handler):
        def do_POST(self) -> None:  # noqa: N802
            receiver.requests.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, self.body()))
            receiver.came.set()
            (receiver.answers.pop(0) if receiver.answers else status(200, b"ok"))(self)

        def do_GET(self) -> None:  # noqa: N802
            receiver.requests.append(Received(f"GET {self.path}", {}, b""))
            status(200)(self)

    with serving(Taking) as port:
        receiver.port = port
        yield receiver
