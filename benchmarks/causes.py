"""Why alerts were raised that tell of no attack: the harmless oddity that their principal had at that time."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from benchmarks.campaigns import Campaign
from pipeline.simulate.truth import Oddity
from pipeline.stores.alert import Alert

NOTHING: Final = "nothing noted"
"""Of what has no cause: a habit's tail."""


def read_oddities(path: Path) -> list[Oddity]:
    """Return the harmless oddities that the simulator says happened."""
    return [Oddity(**oddity) for oddity in json.loads(path.read_text(encoding="utf-8"))["oddities"]]


def count_causes(
    revisions: Iterable[Alert], campaigns: Sequence[Campaign], oddities: Sequence[Oddity]
) -> dict[str, int]:
    """Return how many raised alerts that name no event of a campaign have each cause, the most frequent first.

    Of several oddities at the time of an alert's evidence the one counts that began last.

    Parameters
    ----------
    revisions
        Of every alert, in the order in which they were written.
    campaigns, oddities
        What was planted.
    """
    planted = {event_id for campaign in campaigns for event_id in campaign.event_ids}
    last = {alert.alert_id: alert for alert in revisions}
    wrong = [alert for alert in last.values() if alert.raised and not planted.intersection(alert.event_ids)]
    of_arn: dict[str, list[Oddity]] = {}
    for oddity in oddities:
        of_arn.setdefault(oddity.principal_arn, []).append(oddity)
    found = Counter(_find_cause(alert, [o for arn in alert.identities for o in of_arn.get(arn, ())]) for alert in wrong)
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _find_cause(alert: Alert, oddities: Iterable[Oddity]) -> str:
    """The cause of the last oddity that overlaps an alert's evidence."""
    own = [oddity for oddity in oddities if _is_of(alert, oddity)]
    return max(own, key=lambda oddity: (oddity.start, oddity.cause)).cause if own else NOTHING


def _is_of(alert: Alert, oddity: Oddity) -> bool:
    """Whether an oddity is of an alert's principal and time; people of one permission set share its role's ARN."""
    start, end = map(datetime.fromisoformat, (oddity.start, oddity.end))
    is_own = alert.principal_kind != "human" or alert.principal_name == oddity.principal_name
    return is_own and alert.window_start < end and start < alert.window_end
