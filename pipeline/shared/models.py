"""Models between a trainer and those who score elsewhere: bundles first, and last the list that names them.

Whoever fetches believes nothing but signatures: the place may be written by others.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from models.manifest import MANIFEST, MOST_MANIFEST_BYTES
from pipeline.detect.served import tell_once
from pipeline.errors import ModelError, OddtrailError
from pipeline.settings import Settings
from pipeline.shared.place import ABSENT, Found, Place, open_place
from pipeline.stores.bundles.exchange import Exchange
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.in_service import FILE, MOST_BYTES
from pipeline.stores.bundles.reading import MOST_FILE_BYTES, BundleInfo
from pipeline.stores.home import Store


@contextmanager
def publishing(store: Store, settings: Settings, bundles: Bundles, now: datetime) -> Iterator[None]:
    """For a block that changes what is in service: begin with what the shared place holds, and end with publishing.

    What is replaced there or passed over is told in the operations events.

    Raises
    ------
    ChangedError
        Somebody else published meanwhile; what the block made is in this home, and running it again publishes it.
    """
    if settings.models_at is None:
        yield
        return
    place = open_place(settings.models_at)
    try:
        tag = fetch_models(place, bundles)
    except ModelError as error:  # what is there is believed by nobody: it is replaced
        tell_once(store, "shared_models_replaced", now, f"what {place.text} held was replaced: {error}")
        found = place.get(FILE, MOST_BYTES)
        tag = found.tag if found else ABSENT
    yield
    if told := publish_models(place, bundles, tag):
        tell_once(store, "models_not_published", now, "; ".join(told))


def publish_models(place: Place, bundles: Bundles, over: str) -> list[str]:
    """Put what is in service into a shared place; return which models before the champion could not be, and why.

    Parameters
    ----------
    over
        The tag of the list that it takes the place of.

    Raises
    ------
    ModelError
        The champion is damaged, or nobody who is trusted signed it.
    """
    serving, passed_over = bundles.serving(), []
    for info in serving:
        try:
            _publish(place, bundles, info)
        except ModelError as error:
            if info == serving[-1]:
                raise
            passed_over.append(f"model {info.model_id} was not published: {error}")
    place.put(FILE, Exchange(bundles).sealed(), over)
    return passed_over


def _publish(place: Place, bundles: Bundles, info: BundleInfo) -> None:
    there = place.get(f"{info.path.name}/{MANIFEST}", MOST_MANIFEST_BYTES)
    if there is not None and there.content == bundles.manifest(info):
        return
    bundles.describe(info)  # of one that is damaged nothing is put
    for name, content in bundles.files(info):  # the manifest last
        place.put(f"{info.path.name}/{name}", content)


def fetch_models(place: Place, bundles: Bundles) -> str:
    """Fetch what is in service from a shared place; return the tag of its list. See `take_models`."""
    return take_models(place, place.get(FILE, MOST_BYTES), bundles)


def take_models(place: Place, found: Found | None, bundles: Bundles) -> str:
    """Take over the list of a shared place, and fetch what is in service there; return the list's tag.

    Everything is verified before it is put in this home, and the list comes last: where anything of the champion is not
    as it was signed, what was in service here stays.

    Raises
    ------
    ModelError
        The list or the champion is not signed by who is trusted, or is damaged, or older than what is here.
    PlaceError
        The place cannot be reached.
    """
    if found is None:
        return ABSENT
    exchange = Exchange(bundles)
    told, here = exchange.read(found.content), exchange.serial()
    if told.serial < here:
        raise ModelError(
            f"the list of models in service at {place.text} is older than the one here (number {told.serial}, after "
            f"{here}): somebody put it back; run `oddtrail train` where the models are trained"
        )
    if told.serial == here and exchange.sealed() == found.content:
        return found.tag
    for name in reversed(told.serving):
        try:
            _fetch(place, exchange, name)
        except ModelError:
            if name == told.serving[-1]:
                raise
    exchange.accept(found.content)
    return found.tag


def _fetch(place: Place, exchange: Exchange, name: str) -> None:
    if exchange.holds(name):
        return
    manifest = place.get(f"{name}/{MANIFEST}", MOST_MANIFEST_BYTES)
    if manifest is None:
        raise ModelError(
            f"{place.text} has no model {name}, which its list names: publish it again with `oddtrail train`"
        )

    def fetch(file: str) -> bytes:
        got = place.get(f"{name}/{file}", MOST_FILE_BYTES)
        return got.content if got else b""

    exchange.receive(name, manifest.content, fetch)


def refresh_models(settings: Settings, bundles: Bundles) -> str:
    """Fetch models where settings say from where; return why they could not be, "" where all is well.

    What is in service here stays then: scoring goes on. Whoever signs publishes before that what was decided here and
    never published, for the training was killed, or could not reach the place.
    """
    if settings.models_at is None:
        return ""
    try:
        place = open_place(settings.models_at)
        found = place.get(FILE, MOST_BYTES)
        if settings.signing_key and _is_left(found, bundles):
            publish_models(place, bundles, found.tag if found else ABSENT)
        else:
            take_models(place, found, bundles)
    except OddtrailError as error:
        return f"no newer model was fetched: {error}"
    return ""


def _is_left(found: Found | None, bundles: Bundles) -> bool:
    """Whether what was decided here is newer than what a shared place holds."""
    exchange = Exchange(bundles)
    return exchange.serial() > (exchange.read(found.content).serial if found else 0)
