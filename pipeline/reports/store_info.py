"""What a store holds, from its list of files alone: cheap, however much it is."""

from collections import Counter
from typing import Any

from pipeline.stores.fetched import read_fetched
from pipeline.stores.home import Store


def describe(store: Store) -> dict[str, Any]:
    """Events, files and bytes, events by account with first and last day, and account-days of activity.

    Of those that were fetched there need be no event; they are counted by the place that they are from.
    """
    accounts, kinds, days = store.events.accounts(), store.manifest.kinds(), store.activity.days()
    fetched = read_fetched(store.state)
    places = [fetched[day].place for day in days if day in fetched and fetched[day].stands]
    return {
        "home": str(store.home),
        "events": sum(held.events for held in accounts),
        "files": store.manifest.count_files(),
        "bytes": sum(held.bytes for held in kinds),
        "accounts": [held._asdict() for held in accounts],
        "activity": {
            "account_days": len(days),
            "first": min((str(day) for _, day in days), default=None),
            "last": max((str(day) for _, day in days), default=None),
            "fetched": dict(sorted(Counter(places).items())),
        },
        "kinds": {held.kind: {"rows": held.rows, "bytes": held.bytes, "segments": held.segments} for held in kinds},
    }
