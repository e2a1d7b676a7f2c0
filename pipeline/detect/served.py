"""Which models serve a home, and the one that a run opens: it is pinned to that one, whatever is promoted meanwhile."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from models.model import Model
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.detect.mapped import make_room
from pipeline.errors import ModelError
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.in_service import InService
from pipeline.stores.bundles.reading import BundleInfo
from pipeline.stores.home import SPILL, Store
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl

SEEN: Final = "models/serial"
"""Setting of a home's state: the largest serial number of a list of models in service that was seen."""

BY_HAND: Final = "by hand"
"""How the reason begins for which a model was set aside by a person: no training puts it in service again."""
_INTENDED: Final = "models/intended"
"""Setting of a home's state: what a person changes in the list of models in service, until it is told."""


class Change(NamedTuple):
    """What a person changes in what is in service, and how it is told."""

    kind: str
    at: str
    text: str
    facts: dict[str, Any]
    serves: str
    """Name of the model that is the champion then."""
    aside: list[str]
    """Names of those that are set aside for it."""


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
    tell_left(store, found)
    there = {info.path.name: info for info in bundles.every()}
    return [there[name] for name in found.serving if name in there]


def intend(store: Store, found: InService, change: Change) -> None:
    """Remember what a person is about to change in a list, so that it is told though whoever changes it is killed."""
    store.state.put_setting(_INTENDED, {"serial": found.serial, **change._asdict()})


def tell_left(store: Store, found: InService) -> None:
    """Tell what a person changed and nobody told yet; of what was intended and not done nothing is told."""
    intended = store.state.setting(_INTENDED)
    if intended is None or found.serial <= intended["serial"]:
        return  # or it is not done yet
    change = Change(**{name: value for name, value in intended.items() if name != "serial"})
    by_hand = {name for name, why in found.aside.items() if why.startswith(BY_HAND)}
    if change.serves in found.serving and by_hand.issuperset(change.aside):
        operations = OperationsJsonl(store.home / OPERATIONS_FILE)
        told = ((event.get("kind"), event.get("at"), event.get("text")) for event in operations.every())
        at = datetime.fromisoformat(change.at)
        if (change.kind, at.isoformat(), change.text) not in told:
            operations.add(change.kind, at, change.text, **change.facts)
    store.state.put_setting(_INTENDED, None)


def seen_serial(store: Store) -> int:
    """The largest serial number of a list of models in service that was seen."""
    return int(store.state.setting(SEEN, 0))


def open_model(store: Store, bundles: Bundles, info: BundleInfo) -> Model:
    """A model, what is large of it in files of the home (`pipeline.detect.mapped`).

    Raises
    ------
    ModelError
        It is damaged, was not signed here or does not fit this version.
    """
    return bundles.load(info, AttackPriors.from_dict(read_attack_priors()), make_room(store.home / SPILL))


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
            model = open_model(store, bundles, info)
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
