"""CloudTrail's public keys, asked for where a digest's signature is to be verified; without them nothing is lost.

Whoever waits for them is a tick: where CloudTrail does not answer (a subnet from which only S3 is reached), it is asked
for some seconds, and then ever more seldom.
"""

import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple, Protocol

from pipeline.errors import OddtrailError
from pipeline.sources.address import Access, BucketAddress, QueueAddress, parse_address
from pipeline.sources.aws import explain, make_client

_AGAIN: Final = 3600.0
"""Seconds after which the same is asked again, or a region that says no."""
_SPAN: Final = 60.0
_MOST_SECONDS: Final = 10.0
"""In a span, so many seconds at most may pass with asking; the last of them may take longer by its own tries."""
_OF_ANSWERED: Final = 3
"""Times as many for a region that ever answered."""
_KEPT: Final = "integrity/keys"
"""Setting of a home's state: keys that are known, and who did not answer."""
_FIRST_PAUSE: Final = 60.0
"""Seconds in which a region is not asked that did not answer; each time that it does not again, twice as long."""
_SILENT: Final = 2
"""Regions in a row that do not answer, after which none is asked for as long."""
_MOST: Final = 400
"""Times that is asked meanwhile: what a digest says of its region and key is not to be believed."""
_DAY: Final = timedelta(days=1)


class State(Protocol):
    """Keeps what is to be remembered; a home's state does."""

    def put_setting(self, key: str, value: object) -> None:
        """Remember a value that JSON can hold."""

    def setting(self, key: str, default: object = None) -> Any:
        """The remembered value, or `default`."""


class CloudTrailKeys:
    """Keys of each region, remembered once they are known.

    Parameters
    ----------
    access
        The rights to ask with; they need `cloudtrail:ListPublicKeys`.
    make
        Makes a client of a region.
    monotonic
        Seconds that only grow.
    """

    def __init__(
        self,
        access: Access,
        make: Callable[[str], Any] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access, self._monotonic = access, monotonic
        self._make = make or (lambda region: make_client("cloudtrail", access._replace(region=region), patient=False))
        self._known: dict[tuple[str, str], bytes] = {}
        self._clients: dict[str, Any] = {}
        self._asked: set[tuple[str, date]] = set()
        self._since = -_AGAIN
        self._refused: dict[str, _Refused] = {}
        """By region."""
        self._silent = 0
        """Regions in a row that did not answer."""
        self._answered = set[str]()
        """Regions that ever did: no other, which anybody may name in a digest, keeps these from being asked."""
        self._pauses, self._paused_until = 0, -_AGAIN
        self._state: State | None = None
        self._clock: Callable[[], float] = time.time
        self._span, self._spent = -_SPAN, 0.0
        """When asking began last, and how long it took since then."""

    @property
    def problem(self) -> str:
        """Why keys of some regions could not be asked for; empty where all could."""
        now = self._monotonic()
        told = [refused.problem for _, refused in sorted(self._refused.items()) if refused.until > now]
        if self._paused_until > now and not told:
            told.append("CloudTrail does not answer: its keys are asked for later")
        if self._is_spent(now, ""):
            told.append(self._say_spent())
        return "; ".join(told)

    def problem_of(self, region: str) -> str:
        """Why keys of a region could not be asked for; empty where they could."""
        now, refused = self._monotonic(), self._refused.get(region)
        if refused is not None and refused.until > now:
            return refused.problem
        if self._is_spent(now, region):
            return self._say_spent()
        return "CloudTrail does not answer: its keys are asked for later" if self._is_paused(now, region) else ""

    def _say_spent(self) -> str:
        return f"CloudTrail's keys were asked for {self._spent:.0f} s: others are asked for later"

    def find(self, region: str, fingerprint: str, at: datetime) -> bytes | None:
        """The key of a region that was valid at a time, as DER of PKCS #1; None where it cannot be known."""
        if (region, fingerprint) not in self._known and self._may_ask(region, at.date()):
            self._ask(region, at)
        return self._known.get((region, fingerprint))

    def _may_ask(self, region: str, day: date) -> bool:
        now = self._monotonic()
        if now - self._since >= _AGAIN:
            self._asked, self._since = set(), now
        if now - self._span >= _SPAN:
            self._span, self._spent = now, 0.0
        refused = self._refused.get(region)
        if (
            (refused is not None and refused.until > now)
            or self._is_paused(now, region)
            or self._is_spent(now, region)
            or (region, day) in self._asked
            or len(self._asked) >= _MOST
            or region not in _find_regions()
        ):
            return False
        self._asked.add((region, day))
        return True

    def _is_paused(self, now: float, region: str) -> bool:
        return self._paused_until > now and region not in self._answered

    def _is_spent(self, now: float, region: str) -> bool:
        most = _MOST_SECONDS * (_OF_ANSWERED if region in self._answered else 1)
        return self._spent >= most and now - self._span < _SPAN

    def _ask(self, region: str, at: datetime) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        began = self._monotonic()
        try:
            if region not in self._clients:
                self._clients[region] = self._make(region)
            answer = self._clients[region].list_public_keys(StartTime=at - _DAY, EndTime=at + _DAY)
        except (ClientError, BotoCoreError) as error:
            where = f"CloudTrail in {region}"
            told = str(explain(where, error, self._access, "cloudtrail:ListPublicKeys"))
            self._refuse(region, at.date(), told, silent=not isinstance(error, ClientError))
            return
        except OddtrailError as error:
            self._refuse(region, at.date(), str(error))
            return
        finally:
            self._spent += self._monotonic() - began
        self._refused.pop(region, None)
        self._silent = self._pauses = 0
        self._answered.add(region)
        for key in answer.get("PublicKeyList", []):
            self._known[region, key["Fingerprint"]] = key["Value"]
        self._keep()

    def _refuse(self, region: str, day: date, problem: str, *, silent: bool = False) -> None:
        """Remember that a region gave nothing, and how long it is not asked."""
        now, before = self._monotonic(), self._refused.get(region)
        times = before.times + 1 if before is not None else 0
        pause = min(_FIRST_PAUSE * 2**times, _AGAIN) if silent else _AGAIN
        self._refused[region] = _Refused(problem, now + pause, min(times, 10))
        self._asked.discard((region, day))
        self._silent = self._silent + 1 if silent else 0
        if self._silent >= _SILENT:
            self._paused_until = now + min(_FIRST_PAUSE * 2**self._pauses, _AGAIN)
            self._pauses = min(self._pauses + 1, 10)
            self._silent = _SILENT - 1  # one more is enough the next time
        self._keep()

    def remember_in(self, state: State, clock: Callable[[], float] = time.time) -> None:
        """Keep keys, and who did not answer, where the next process finds them: one a tick begins with nothing."""
        self._state, self._clock = state, clock
        kept = state.setting(_KEPT)
        if not isinstance(kept, dict):
            return
        now, wall = self._monotonic(), clock()
        self._known |= {(region, name): b64decode(value) for region, name, value in kept["known"]}
        self._answered |= set(kept["answered"])
        self._pauses, self._silent = kept["pauses"], kept["silent"]
        self._paused_until = now + min(kept["paused_until"] - wall, _AGAIN)
        for region, problem, until, times in kept["refused"]:
            self._refused[region] = _Refused(problem, now + min(until - wall, _AGAIN), times)

    def _keep(self) -> None:
        if self._state is None:
            return
        ahead = self._clock() - self._monotonic()
        kept = {
            "known": [(region, name, b64encode(value).decode()) for (region, name), value in self._known.items()],
            "answered": sorted(self._answered), "pauses": self._pauses, "silent": self._silent,
            "paused_until": self._paused_until + ahead,
            "refused": [(region, one.problem, one.until + ahead, one.times) for region, one in self._refused.items()],
        }  # fmt: skip
        self._state.put_setting(_KEPT, kept)


class _Refused(NamedTuple):
    """A region that gave no keys."""

    problem: str
    until: float
    """When it is asked again."""
    times: int
    """How often it was so in a row, without the first."""


def find_keys(sources: Sequence[str]) -> CloudTrailKeys | None:
    """Keys with the rights of the first bucket or queue among these; None where signatures do not come with the files.

    >>> find_keys(["trail/"]) is None
    True
    """
    for address in map(parse_address, sources):
        if isinstance(address, BucketAddress | QueueAddress):
            return CloudTrailKeys(address.access)
    return None


@cache
def _find_regions() -> frozenset[str]:
    """Regions that AWS has, as far as botocore knows."""
    from botocore.session import get_session

    session = get_session()
    partitions = session.get_available_partitions()
    return frozenset(name for each in partitions for name in session.get_available_regions("cloudtrail", each))
