"""Asking an application as a browser, or somebody worse, would: every byte of the request is the test's to choose."""

import asyncio
from collections.abc import Iterable
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Message

Headers = Iterable[tuple[str, str]]


class Answered(NamedTuple):
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    text: str

    def header(self, name: str) -> str:
        """The one value of a header."""
        [value] = [value for key, value in self.headers if key == name]
        return value


def ask(
    app: ASGIApp,
    address: str = "/",
    *,
    method: str = "GET",
    hosts: Iterable[str] = ("localhost",),
    peer: str | None = "127.0.0.1",
    headers: Headers = (),
    body: bytes = b"",
) -> Answered:
    """Send one request and gather the answer; what the application raises after it has answered is left out."""
    path, _, query = address.partition("?")
    told = [("host", host) for host in hosts] + list(headers)
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in told],
        "client": None if peer is None else (peer, 50000),
        "server": ("127.0.0.1", 8477),
    }
    sent: list[Message] = []
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else await asyncio.get_running_loop().create_future()

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        await app(scope, receive, send)

    asyncio.run(run())
    start = sent[0]
    body = b"".join(message.get("body", b"") for message in sent[1:])
    found = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in start["headers"]]
    return Answered(int(start["status"]), found, body.decode())
