"""What an operator must know, into a notifier's outbox: once for each state of a matter, and that it is over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from pipeline.notify.change import State, Told
from pipeline.notify.config import Notifier
from pipeline.notify.enqueue import FIRST, queue_up
from pipeline.notify.matter import Matter
from pipeline.notify.matter_words import find_severity, tell_matter
from pipeline.notify.notice import Maker
from pipeline.stores.gravity import reaches
from pipeline.stores.home import Store
from pipeline.stores.sqlite.notices import Queued

_CALLED: Final = {"silence": "silences", "integrity": "integrity", "model": "models", "health": "health"}
"""What each is called in the configuration."""


def enqueue_matters(
    store: Store, name: str, notifier: Notifier, maker: Maker, now: datetime, matters: Sequence[Matter]
) -> int:
    """Put what a notifier has not been told of some matters into its outbox; return how many messages were put there.

    A message that waits and was never tried is written anew when the matter changes; of what is over before anybody was
    told that it began, nobody is told.
    """
    state = store.notices.begin(name, now - FIRST)
    of = [one for one in matters if _CALLED[one.about] in notifier.tells and one.at >= state.since]
    known = {key: msgspec.convert(told, Told) for key, told in store.notices.told(name, [one.id for one in of]).items()}
    told: dict[str, Told] = {}
    queued, dropped = list[Queued](), list[str]()
    for one in of:
        before = known.get(one.id)
        if before is None and (one.over or one.since < state.since or not reaches(find_severity(one), notifier.least)):
            continue
        if before is not None and before.revision >= one.revision:
            continue
        told[one.id] = Told(one.revision, find_severity(one), closed=one.over)
        fresh = store.notices.fresh(name, one.id) if before is not None else None
        kind, at = _choose(one, before, fresh), now
        if fresh is not None:
            dropped.append(fresh.id)
            at = fresh.queued
        if kind is not None:
            queued.append(queue_up(tell_matter(maker, one, kind), at, now))
    if told:
        place = state.place
        store.notices.enqueue(name, place, {key: known.as_dict() for key, known in told.items()}, queued, dropped, now)
    return len(queued)


def _choose(matter: Matter, before: Told | None, fresh: Queued | None) -> State | None:
    """What is told of a matter; None where nothing has to be any more."""
    began = fresh is not None and fresh.kind == "raised"
    if matter.over:
        return None if began else "closed"
    return "raised" if before is None or began else "updated"
