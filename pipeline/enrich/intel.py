"""What others know of a public address: asked beside the work, remembered, and never waited for.

An event carries what was known when it came by; the first event of an address usually has nothing. Whoever is asked
learns which addresses call your accounts, so it is off unless somebody turns it on.
"""

import ipaddress
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

_MINUTE: Final = 60.0
_KEPT_FOR: Final = 24 * 3600.0
"""Seconds that an answer is good for."""
_REMEMBERED: Final = 20_000
_WAITING: Final = 500
"""Addresses that may wait to be asked about; what comes beyond is not asked about now."""
_PAUSE: Final = 60.0
"""Seconds without a question after one that failed."""


class IntelError(Exception):
    """No answer came that can be used."""


class Told(NamedTuple):
    """What a source says of an address."""

    provider: str
    description: str
    """Bounded text in its own words: open ports, tags, weaknesses."""
    reference: str = ""
    """Where a person can read more."""


class Source(Protocol):
    """Whom to ask."""

    def ask(self, address: str) -> Told | None:
        """What it says; None where it knows nothing. Raises IntelError, and takes a bounded time."""


class Intel:
    """Remembers what a source says, and asks it within a budget, in a thread of its own.

    Parameters
    ----------
    source
        Whom to ask.
    budget
        Questions a minute, at most.
    now
        A clock that nobody sets back.

    Examples
    --------
    >>> class Fake:
    ...     def ask(self, address):
    ...         return Told("fake", "tor")
    >>> intel = Intel(Fake(), 60)
    >>> intel.find("1.1.1.1"), intel.work_off(), intel.find("1.1.1.1").description
    (None, 1, 'tor')
    """

    def __init__(self, source: Source, budget: int, now: Callable[[], float] = time.monotonic) -> None:
        self._source, self._budget, self._now = source, budget, now
        self._known: dict[str, tuple[float, Told | None]] = {}
        """Until when, and what is known."""
        self._waiting: queue.Queue[str] = queue.Queue(_WAITING)
        self._queued: set[str] = set()
        self._wake = threading.Event()
        self._asked: deque[float] = deque()
        self._paused_until = 0.0
        self.failed = 0
        """Questions that brought no answer."""
        self._thread: threading.Thread | None = None

    def find(self, address: str) -> Told | None:
        """What is known now; what is not known yet will be asked about. Takes no time."""
        known = self._known.get(address)
        if known is not None and known[0] > self._now():
            return known[1]
        if address not in self._queued and is_public(address):
            self._queued.add(address)
            try:
                self._waiting.put_nowait(address)
            except queue.Full:
                self._queued.discard(address)
            self._wake.set()
        return None

    def start(self) -> None:
        """Begin to ask, beside whatever else is done."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="intel", daemon=True)
            self._thread.start()

    def work_off(self) -> int:
        """Ask about what waits, as far as the budget goes; return how many were asked about."""
        asked = 0
        while not self._waiting.empty() and self._may_ask():
            self._ask(self._waiting.get_nowait())
            asked += 1
        return asked

    def _run(self) -> None:
        while self._wake.wait():
            self._wake.clear()
            while not self._waiting.empty():
                if not self.work_off():
                    time.sleep(1.0)

    def _may_ask(self) -> bool:
        now = self._now()
        while self._asked and self._asked[0] <= now - _MINUTE:
            self._asked.popleft()
        return now >= self._paused_until and len(self._asked) < self._budget

    def _ask(self, address: str) -> None:
        self._asked.append(self._now())
        try:
            told = self._source.ask(address)
        except Exception:  # whatever it is, no event is to feel it
            self.failed += 1
            self._paused_until = self._now() + _PAUSE
        else:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[address] = self._now() + _KEPT_FOR, told
        finally:
            self._queued.discard(address)


def is_public(address: str) -> bool:
    """Whether an address is one that everybody can reach, so that it tells nothing of our own networks.

    >>> is_public("1.1.1.1"), is_public("10.0.0.1"), is_public("169.254.169.254"), is_public("fe80::1%eth0")
    (True, False, False, False)
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return ip.is_global and not ip.is_multicast and not getattr(ip, "ipv4_mapped", None)
