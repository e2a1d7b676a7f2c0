"""What a function says of its work: one line of JSON an invocation, metrics by CloudWatch's embedded format, troubles.

None of it holds anything of an event but account and region; what an attacker writes into a record comes no further
than the index.
"""

import os
from typing import Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from pipeline.delivery.door_sink import Tally
from pipeline.text.inert import inert

NAMESPACE: Final = "Oddtrail"
SERVICE: Final = "oddtrail-ingest"
_LONGEST: Final = 500
_MOST_PLACES: Final = 100
"""Accounts with regions of which an invocation tells the lag."""
METRICS: Final = {
    "Records": "records", "Indexed": "indexed", "Duplicates": "duplicates", "Repaired": "repaired",
    "Quarantined": "quarantined", "Spilled": "spilled", "DeadLettered": "dead_lettered", "InWhole": "in_whole",
    "Refused": "refused", "Unknown": "unknown", "Gone": "gone",
}  # fmt: skip
"""Metrics that are counts, and what of a tally they are."""


class Telemetry:
    """Logs and metrics of the function."""

    def __init__(self) -> None:
        self._log = Logger(service=SERVICE, level=os.environ.get("POWERTOOLS_LOG_LEVEL", "INFO"), utc=True)
        self._troubles = 0

    def trouble(self, what: str, **about: object) -> None:
        """Say that somebody should look at something."""
        self._troubles += 1
        self._log.error(what, extra={name: _shown(value) for name, value in about.items()})

    def done(self, kind: str, tally: Tally, again: int, seconds: float) -> None:
        """Say what became of an invocation, as a line and as metrics."""
        counts = {name: getattr(tally, name) for name in METRICS.values()}
        others = {inert(name, 60): count for name, count in sorted(tally.other.items())[:50]}
        about = {"trigger": kind, "again": again, "seconds": round(seconds, 3), "bytes": tally.bytes, "other": others}
        self._log.info("done", extra=about | counts)
        self._metrics(kind, tally, again)
        for place in sorted(tally.events, key=lambda place: -tally.events[place])[:_MOST_PLACES]:
            self._lag(place, tally)

    def _metrics(self, kind: str, tally: Tally, again: int) -> None:
        metrics = EphemeralMetrics(namespace=NAMESPACE, service=SERVICE)
        metrics.add_dimension("trigger", kind)
        for name, field in METRICS.items():
            metrics.add_metric(name, MetricUnit.Count, getattr(tally, field))
        metrics.add_metric("NoEvents", MetricUnit.Count, sum(tally.other.values()))
        metrics.add_metric("Again", MetricUnit.Count, again)
        metrics.add_metric("Troubles", MetricUnit.Count, self._troubles)
        self._troubles = 0
        metrics.add_metric("Bytes", MetricUnit.Bytes, tally.bytes)
        metrics.flush_metrics()

    def _lag(self, place: tuple[str, str], tally: Tally) -> None:
        metrics = EphemeralMetrics(namespace=NAMESPACE, service=SERVICE)
        metrics.add_dimension("account", inert(place[0], 40) or "unknown")
        metrics.add_dimension("region", inert(place[1], 40) or "unknown")
        metrics.add_metric("Events", MetricUnit.Count, tally.events[place])
        metrics.add_metric("Lag", MetricUnit.Seconds, max(round(tally.lag[place], 1), 0))
        metrics.flush_metrics()


def _shown(value: object) -> object:
    return value if isinstance(value, int | float) else inert(value, _LONGEST)
