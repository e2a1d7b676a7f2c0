"""Where a document goes: what of it depends on the engine, on the deployment and on its events' index."""

from dataclasses import dataclass
from datetime import UTC, timedelta

from pipeline.documents.alert_names import DETECTOR
from pipeline.stores.alert import Alert


@dataclass(frozen=True, slots=True)
class Setting:
    """What an alert itself does not say."""

    product: str = "opensearch"
    """`opensearch` or `elasticsearch`."""
    deployment: str = "default"
    detector_id: str = DETECTOR
    """Id of the detector that was made for OpenSearch's viewer."""
    events: str = "cloudtrail"
    """Prefix of the daily indices of events, or a pattern of other ones."""
    event_field: str = "event.id"
    """Field of an event's id in them."""

    def event_indices(self, alert: Alert) -> list[str]:
        """Indices that an alert's events are in.

        >>> Setting(events="logs-*").event_indices(None)  # type: ignore[arg-type]
        ['logs-*']
        """
        if "*" in self.events or "," in self.events:
            return self.events.split(",")
        first = alert.window_start.astimezone(UTC)
        last = max(alert.window_end.astimezone(UTC) - timedelta(microseconds=1), first)
        days = min((last.date() - first.date()).days, 7) + 1
        return [f"{self.events}-{first + timedelta(days=number):%Y.%m.%d}" for number in range(days)]
