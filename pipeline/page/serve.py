"""The page's server: one process that listens on this machine, or elsewhere once somebody says who may look."""

import ipaddress
import socket
from collections.abc import Callable, Collection
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from pipeline.errors import OddtrailError, SettingsError
from pipeline.page.access import Access, is_loopback
from pipeline.page.host import LOOPBACK_NAMES

MOST_AT_ONCE: Final = 64
"""Connections; who comes beyond is told to come again."""
IDLE_SECONDS: Final = 5
"""Until a connection that says nothing is closed."""


class ListenError(OddtrailError):
    """The address cannot be listened on."""


def find_names(host: str, names: Collection[str]) -> frozenset[str]:
    """Hosts that the page is asked for by: those named, this machine's, and the address that is listened on.

    >>> sorted(find_names("192.0.2.7", ["page.example.com"]))
    ['127.0.0.1', '192.0.2.7', '[::1]', 'localhost', 'page.example.com']
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return LOOPBACK_NAMES | frozenset(names)
    own = f"[{address}]" if address.version == 6 else str(address)
    return LOOPBACK_NAMES | frozenset(names) | (frozenset() if address.is_unspecified else {own})


def listen(host: str, port: int, access: Access) -> socket.socket:
    """A socket that listens.

    Raises
    ------
    SettingsError
        The address is no address, or reaches beyond this machine while nobody is asked who he is.
    ListenError
        It cannot be listened on.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        version = ipaddress.ip_address(address).version
    except ValueError as error:
        raise SettingsError(f"--host is '{host}', which is no address: give one such as 127.0.0.1 or ::1") from error
    if access.is_open and not is_loopback(address):
        raise SettingsError(
            f"--host is '{host}', where others could read everything: say who may look, with --tokens FILE or "
            "--user-header NAME --from ADDRESS, or listen on 127.0.0.1"
        )
    found = socket.socket(socket.AF_INET6 if version == 6 else socket.AF_INET)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((address, port))
        found.listen(MOST_AT_ONCE)
    except (OSError, OverflowError) as error:
        found.close()
        raise ListenError(
            f"{address}:{port} cannot be listened on ({error}): give another --port, or end what has it"
        ) from error
    return found


def write_address(found: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = found.getsockname()[:2]
    return f"http://[{host}]:{port}/" if found.family == socket.AF_INET6 else f"http://{host}:{port}/"


def serve(app: ASGIApp, found: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
    """Answer until somebody ends it with Ctrl-C or SIGTERM.

    No header of a request says where it comes from, and none of an answer what answers; paths are not logged, for they
    hold what analysts look for.
    """
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MOST_AT_ONCE,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=IDLE_SECONDS,
    )
    ready()
    uvicorn.Server(config).run(sockets=[found])
