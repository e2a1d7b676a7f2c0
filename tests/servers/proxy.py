"""A network that misbehaves: a proxy before a server, which does to each connection what a test plans for it."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

_BLOCK = 4_096


class Fault(NamedTuple):
    """What happens to a connection."""

    act: Literal["delay", "reset", "close", "half-close", "hang", "throttle", "garble"]
    way: Literal["request", "response"] = "response"
    after: int = 0
    """Bytes of that way that pass unharmed."""


class Proxy:
    """Passes bytes on, and plays the faults that are planned, one a connection."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.plan: list[Fault] = []
        self.played: list[Fault] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"opensearch+http://127.0.0.1:{self.port}"

    def serve(self, client: socket.socket) -> None:
        """Pass one connection on."""
        fault = self.plan.pop(0) if self.plan else None
        if fault:
            self.played.append(fault)
        try:
            server = socket.create_connection(("127.0.0.1", self.upstream))
        except OSError:
            client.close()
            return
        for way, source, sink in (("request", client, server), ("response", server, client)):
            mine = fault if fault and fault.way == way else None
            threading.Thread(target=_pass_on, args=(source, sink, mine), daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket, fault: Fault | None) -> None:
    passed = 0
    with contextlib.suppress(OSError):
        while data := source.recv(_BLOCK):
            if fault and passed + len(data) > fault.after:
                whole = max(fault.after - passed, 0)
                sink.sendall(data[:whole])
                if not _play(fault, data[whole:], source, sink):
                    return
                fault = fault if fault.act == "throttle" else None
            else:
                sink.sendall(data)
            passed += len(data)
        sink.shutdown(socket.SHUT_WR)
        return
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _play(fault: Fault, data: bytes, source: socket.socket, sink: socket.socket) -> bool:
    """Do it; whether the connection goes on."""
    match fault.act:
        case "delay":
            time.sleep(1.5)
            sink.sendall(data)
        case "garble":
            sink.sendall(bytes(byte ^ 0x5A for byte in data[:16]) + data[16:])
        case "throttle":
            for byte in data:
                sink.sendall(bytes([byte]))
                time.sleep(1.0)
        case "hang":
            return False
        case "half-close":
            sink.shutdown(socket.SHUT_WR)
            return False
        case "reset" | "close":
            for end in (source, sink):
                if fault.act == "reset":
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR) if fault.act == "close" else None
                end.close()
            return False
    return True


@contextmanager
def proxy(upstream: int) -> Iterator[Proxy]:
    """Run one before a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = Proxy(upstream)
        running.port = listener.getsockname()[1]

        def listen() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=running.serve, args=(client,), daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        yield running
