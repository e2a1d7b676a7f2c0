"""Which models serve a home, and the one that a run opens: it is pinned to that one, whatever is promoted meanwhile."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from models.model import Model
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.errors import ModelError
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.reading import BundleInfo
from pipeline.stores.home import Store
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl

SEEN: Final = "models/serial"
"""Setting of a home's state: the largest serial number of a list of models in service that was seen."""


def find_served(store: Store, bundles: Bundles) -> list[BundleInfo]:
    """Bundles in service, the oldest first and the champion last; none where there is no bundle.

    Raises
    ------
    ModelError
        What is in service cannot be told, or was told otherwise before: an older list was put there.
    """
    if not bundles.every():
        return []
    found, seen = bundles.in_service(), seen_serial(store)
    if found.serial < seen:
        raise ModelError(
            f"the list of models in service in {bundles.folder} is older than one that was seen (number "
            f"{found.serial}, after {seen}): it was put back; run `oddtrail train`, which begins another"
        )
    if found.serial > seen:
        store.state.put_setting(SEEN, found.serial)
    there = {info.path.name: info for info in bundles.every()}
    return [there[name] for name in found.serving if name in there]


def seen_serial(store: Store) -> int:
    """The largest serial number of a list of models in service that was seen."""
    return int(store.state.setting(SEEN, 0))


def open_served(
    store: Store,
    bundles: Bundles,
    served: Sequence[BundleInfo],
    choose: Callable[[list[BundleInfo]], BundleInfo],
    now: datetime,
) -> tuple[BundleInfo, Model]:
    """Open the model that is chosen of those in service; one that cannot be opened is told, and the one before serves.

    Raises
    ------
    ModelError
        There is none, or none that can be opened; it tells of the one that was chosen first.
    """
    left, first = list(served), None
    while True:
        try:
            info = choose(left)
        except ModelError as error:
            raise first or error from None
        try:
            model = bundles.load(info, AttackPriors.from_dict(read_attack_priors()))
        except ModelError as error:
            first = first or error
            left.remove(info)
            left = [one for one in left if one.day <= info.day]  # never one that is too new
            continue
        if first is not None:
            text = f"a model in service was not opened, and {info.model_id} serves in its place: {first}"
            tell_once(store, "model_not_opened", now, text, model_id=info.model_id)
        return info, model


def tell_once(store: Store, kind: str, now: datetime, text: str, **more: Any) -> None:
    """Add an operations event, unless it is what was told last of its kind."""
    operations = OperationsJsonl(store.home / OPERATIONS_FILE)
    if not operations.ends_with(kind, text):
        operations.add(kind, now, text, **more)
