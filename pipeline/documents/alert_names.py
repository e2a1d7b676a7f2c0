"""Names of the indices of alerts and receipts, and of what reads them.

On OpenSearch an index of alerts is called as its anomaly detection wants results to be called, or its viewer would not
list them; `oddtrail-alerts` and `oddtrail-alerts-2026.03` are aliases there. On Elasticsearch the latter is the index.
"""

from datetime import date
from typing import Final

ALERTS: Final = "oddtrail-alerts"
"""Alias of all alerts, and what the names of their indices on Elasticsearch begin with."""
HISTORY: Final = "oddtrail-alerts-history"
"""What the names of indices with every revision begin with."""
RECEIPTS: Final = "oddtrail-receipts"
"""What the names of indices with a receipt a day begin with."""
RESULTS: Final = "opensearch-ad-plugin-result-oddtrail-alerts"
"""The same on OpenSearch, and the alias that its viewer writes to and reads: one of its indices is the write index."""
ANOMALIES: Final = "oddtrail-anomalies"
"""Alias of our alerts and of the native results."""
DETECTOR: Final = "oddtrail"
"""Name of the detector that is never started, of the job, and id of the detector where there is none."""
NATIVE: Final = {
    "opensearch": (".opendistro-anomaly-results*", "opensearch-ad-plugin-result-*"),
    "elasticsearch": (".ml-anomalies-*",),
}
"""Patterns of the indices of native results."""


def name_month(day: date) -> str:
    """The month of an alert, as it is known everywhere.

    >>> name_month(date(2026, 3, 2))
    'oddtrail-alerts-2026.03'
    """
    return f"{ALERTS}-{day:%Y.%m}"


def name_index(day: date, product: str) -> str:
    """The index that an alert of a day is in.

    >>> name_index(date(2026, 3, 2), "opensearch")
    'opensearch-ad-plugin-result-oddtrail-alerts-2026.03'
    """
    return f"{RESULTS}-{day:%Y.%m}" if product == "opensearch" else name_month(day)


def name_history(day: date) -> str:
    """The index of every revision of a day's alerts.

    >>> name_history(date(2026, 3, 2))
    'oddtrail-alerts-history-2026.03'
    """
    return f"{HISTORY}-{day:%Y.%m}"


def name_receipts(day: date) -> str:
    """The index of a day's receipt.

    >>> name_receipts(date(2026, 3, 2))
    'oddtrail-receipts-2026.03'
    """
    return f"{RECEIPTS}-{day:%Y.%m}"
