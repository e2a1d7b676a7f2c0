"""What becomes of a model that was trained: it is put in service, or set aside and told why."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from models.bundle import PRINCIPALS
from models.model import Model
from models.tables import read_rows
from pipeline.detect.examine import examine
from pipeline.detect.gate import Figure, Verdict
from pipeline.detect.served import (
    BY_HAND,
    SEEN,
    Change,
    find_served,
    intend,
    open_model,
    seen_serial,
    tell_left,
    tell_once,
)
from pipeline.errors import ModelError
from pipeline.settings import Settings
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.in_service import InService
from pipeline.stores.bundles.reading import BundleInfo
from pipeline.stores.home import Store
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl


def consider(
    store: Store, settings: Settings, bundles: Bundles, served: Sequence[BundleInfo], info: BundleInfo, now: datetime
) -> Verdict:
    """Put a published model in service if it passes the gate; else set it aside, and tell why.

    Parameters
    ----------
    served
        What is in service, the champion last.
    """
    said = bundles.aside().get(info.path.name, "")
    if said.startswith(BY_HAND):
        return Verdict((Figure("person", said, None, "not set aside by hand", False, f"it was set aside {said}"),))
    champion = find_rival(served, info)
    verdict = compare(store, settings, bundles, info, champion)
    if verdict.passed:
        _tell_serves(store, info, now)
        change(store, bundles, lambda found: found.promote(info.path.name))
        return verdict
    stays = f"{champion.model_id} stays in service" if champion else "none is in service"
    tell_once(  # first, for nobody asks again why it was set aside
        store,
        "model_refused",
        now,
        f"model {info.model_id} was not put in service, and {stays}: {verdict.why}. See `oddtrail models compare "
        f"{champion.model_id if champion else 'ID'} {info.model_id}`; `oddtrail models promote {info.model_id}` "
        "overrules it",
        model_id=info.model_id,
        in_service=champion.model_id if champion else None,
        figures=[figure.as_dict() for figure in verdict.figures],
    )
    change(store, bundles, lambda found: found.set_aside(info.path.name, verdict.why))
    return verdict


def _tell_serves(store: Store, info: BundleInfo, now: datetime) -> None:
    """Tell that a model passed, where the last that was told is that one did not serve; before it is put in service."""
    operations = OperationsJsonl(store.home / OPERATIONS_FILE)
    told = [event for event in operations.every() if str(event.get("kind", "")).startswith("model_")]
    if told and told[-1]["kind"] not in ("model_serves", "model_promoted"):
        text = f"model {info.model_id} passed the gate and is in service"
        operations.add("model_serves", now, text, model_id=info.model_id)


def find_decided(bundles: Bundles) -> list[BundleInfo]:
    """Models of which it was decided whether they serve, the oldest first; all where that cannot be told.

    Whoever trains may be killed after a model was published and before it was put in service or set aside.
    """
    every = bundles.every()
    try:
        found = bundles.in_service() if every else None
    except ModelError:
        return every
    return [info for info in every if found and info.path.name in {*found.serving, *found.aside}]


def find_rival(served: Sequence[BundleInfo], info: BundleInfo) -> BundleInfo | None:
    """The model in service that another would take the place of: the newest that judges no later day."""
    others = [one for one in served if one.path.name != info.path.name]
    return next((one for one in reversed(others) if one.day <= info.day), others[0] if others else None)


def compare(store: Store, settings: Settings, bundles: Bundles, new: BundleInfo, old: BundleInfo | None) -> Verdict:
    """What the gate says of a model beside an older one.

    Raises
    ------
    ModelError
        The new one cannot be opened.
    """
    known, open_new = _list_principals(bundles, new), partial(open_model, store, bundles, new)
    try:
        known &= _list_principals(bundles, old) if old else set()
    except ModelError:  # it is damaged
        old = None
    if old is None:
        return examine(store, settings, new.day, open_new)
    return examine(store, settings, new.day, open_new, partial(_open_if_whole, store, bundles, old), known)


def change(store: Store, bundles: Bundles, make: Callable[[InService], InService]) -> InService:
    """Change what is in service, and remember how far its numbers have come."""
    changed = bundles.change(make, seen_serial(store))
    store.state.put_setting(SEEN, changed.serial)
    return changed


def promote_by_hand(store: Store, bundles: Bundles, info: BundleInfo, now: datetime) -> list[str]:
    """Make a model the champion; return the ids of those that were newer and are set aside.

    Raises
    ------
    ModelError
        It is damaged, or nobody who is trusted signed it.
    """
    bundles.describe(info)
    name, ids = info.path.name, list[str]()
    every = {one.path.name: one.model_id for one in bundles.every()}

    def make(found: InService) -> InService:
        promoted = found.promote(name)
        newer = promoted.serving[promoted.serving.index(name) + 1 :]
        for one in newer:
            promoted = promoted.set_aside(one, f"{BY_HAND}, for {info.model_id}, which judges an earlier day")
        ids[:] = [every[one] for one in newer if one in every]
        text, facts = f"model {info.model_id} was put in service {BY_HAND}", {"model_id": info.model_id}
        told = Change("model_promoted", now.isoformat(), text, {**facts, "set_aside": ids}, name, list(newer))
        intend(store, found, told)
        return promoted

    tell_left(store, change(store, bundles, make))
    return ids


def roll_back(store: Store, bundles: Bundles, now: datetime) -> tuple[BundleInfo, BundleInfo]:
    """Take the champion out of service; return it, and the one that serves in its place.

    Raises
    ------
    ModelError
        There is none before it that is whole.
    """
    served = find_served(store, bundles)
    whole = [info for info in served[:-1] if bundles.is_whole(info)]
    if not whole:
        raise ModelError(
            "there is no model in service before the champion to go back to: `oddtrail models list` shows those there "
            "are, and `oddtrail models promote ID` takes one"
        )
    out, champion = served[-1], whole[-1]
    text = f"model {out.model_id} was taken out of service {BY_HAND}; {champion.model_id} serves"
    facts = {"model_id": out.model_id, "in_service": champion.model_id}
    name = out.path.name

    def make(found: InService) -> InService:
        told = Change("model_rolled_back", now.isoformat(), text, facts, champion.path.name, [name])
        intend(store, found, told)
        return found.set_aside(name, f"{BY_HAND}, rolled back")

    tell_left(store, change(store, bundles, make))
    return out, champion


def _open_if_whole(store: Store, bundles: Bundles, info: BundleInfo) -> Model | None:
    """A model, unless it is damaged or of another version: then it cannot serve either."""
    try:
        return open_model(store, bundles, info)
    except ModelError:
        return None


def _list_principals(bundles: Bundles, info: BundleInfo) -> set[str]:
    """Principals that a model knows, of which nothing else is opened."""
    rows = (some for content in bundles.beside(info, [PRINCIPALS]).values() for some in read_rows(content))
    return {str(name) for some in rows for name in some["principal"].to_pylist()}
