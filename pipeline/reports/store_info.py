"""What a store holds, from its list of files alone: cheap, however much it is."""

from typing import Any

from pipeline.stores.home import Store


def describe(store: Store) -> dict[str, Any]:
    """Events, files and bytes, and events by account with first and last day."""
    accounts, kinds = store.events.accounts(), store.manifest.kinds()
    return {
        "home": str(store.home),
        "events": sum(held.events for held in accounts),
        "files": store.manifest.count_files(),
        "bytes": sum(held.bytes for held in kinds),
        "accounts": [held._asdict() for held in accounts],
        "kinds": {held.kind: {"rows": held.rows, "bytes": held.bytes, "segments": held.segments} for held in kinds},
    }
