"""CloudTrail's public keys, asked for where a digest's signature is to be verified; without them nothing is lost."""

import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final

from pipeline.errors import OddtrailError
from pipeline.sources.address import Access, BucketAddress, QueueAddress, parse_address
from pipeline.sources.aws import explain, make_client

_AGAIN: Final = 3600.0
"""Seconds after which the same is asked again, or a region after an error."""
_MOST: Final = 400
"""Times that is asked meanwhile: what a digest says of its region and key is not to be believed."""
_DAY: Final = timedelta(days=1)


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
        self._make = make or (lambda region: make_client("cloudtrail", access._replace(region=region)))
        self._known: dict[tuple[str, str], bytes] = {}
        self._clients: dict[str, Any] = {}
        self._asked: set[tuple[str, date]] = set()
        self._since = -_AGAIN
        self._problems: dict[str, str] = {}
        """By region."""

    @property
    def problem(self) -> str:
        """Why keys of some regions could not be asked for; empty where all could."""
        return "; ".join(problem for _, problem in sorted(self._problems.items()))

    def find(self, region: str, fingerprint: str, at: datetime) -> bytes | None:
        """The key of a region that was valid at a time, as DER of PKCS #1; None where it cannot be known."""
        if (region, fingerprint) not in self._known and self._may_ask(region, at.date()):
            self._ask(region, at)
        return self._known.get((region, fingerprint))

    def _may_ask(self, region: str, day: date) -> bool:
        if self._monotonic() - self._since >= _AGAIN:
            self._asked, self._since, self._problems = set(), self._monotonic(), {}
        if (
            region in self._problems
            or (region, day) in self._asked
            or len(self._asked) >= _MOST
            or region not in _find_regions()
        ):
            return False
        self._asked.add((region, day))
        return True

    def _ask(self, region: str, at: datetime) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            if region not in self._clients:
                self._clients[region] = self._make(region)
            answer = self._clients[region].list_public_keys(StartTime=at - _DAY, EndTime=at + _DAY)
        except (ClientError, BotoCoreError) as error:
            where = f"CloudTrail in {region}"
            self._problems[region] = str(explain(where, error, self._access, "cloudtrail:ListPublicKeys"))
            return
        except OddtrailError as error:
            self._problems[region] = str(error)
            return
        for key in answer.get("PublicKeyList", []):
            self._known[region, key["Fingerprint"]] = key["Value"]


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
