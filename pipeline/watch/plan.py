"""What a watch is to do: from where it reads, whom it tells, and how often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, TextIO

from pipeline.enrich.geo import Geo
from pipeline.enrich.networks import NO_NETWORKS, Networks
from pipeline.notify.config import Notifier
from pipeline.publish.target import Target
from pipeline.watch.signature import PublicKeys

EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Plan:
    """What a watch is to do."""

    sources: Sequence[str]
    """Paths and addresses, as `oddtrail ingest` takes them."""
    targets: Sequence[Target] = ()
    """Search engines that alerts are published to; the home's own file always has them."""
    notifiers: Mapping[str, Notifier] = field(default_factory=dict)
    """People and programs that are told of each alert, by the notifiers' names."""
    printed: TextIO | None = None
    """Where notifiers that print do so; None for standard output."""
    every: timedelta = EVERY
    """Time from the beginning of a tick to that of the next."""
    since: date | None = None
    """Day of UTC; of paths and buckets nothing is read that was delivered before."""
    trains: bool = True
    """Whether to train at night; without it `oddtrail train` does, here or on another machine."""
    keep: timedelta | None = None
    """How long events are kept; for ever where it is not said."""
    geo: Geo | None = None
    networks: Networks = NO_NETWORKS
    keys: PublicKeys | None = None
    """CloudTrail's public keys, to verify signatures of digests that come with one."""
