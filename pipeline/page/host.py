"""Who is asked for: a page elsewhere can bring a name of its own to this address (DNS rebinding), and is refused."""

import re
from collections.abc import Collection
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST: Final = re.compile(r"([a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?", re.ASCII)
REFUSED: Final = "this address is not answered by that name; `oddtrail serve --name NAME` adds one\n"


class HostCheck:
    """Lets through what asks for one of the names, with any port, and answers 421 to everybody else."""

    def __init__(self, app: ASGIApp, names: Collection[str] = LOOPBACK_NAMES) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) == 1 and read_host(hosts[0]) in self._names:
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse(REFUSED, status_code=421)(scope, receive, send)


def read_host(header: bytes) -> str | None:
    """The name in a Host header, in lower case and without its port; None where it is none.

    >>> read_host(b"LocalHost:8477"), read_host(b"[::1]:8477"), read_host(b"a b")
    ('localhost', '[::1]', None)
    """
    match = _HOST.fullmatch(header.decode("latin-1").strip(" \t").lower())
    return match[1] if match else None
