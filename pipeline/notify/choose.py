"""Which of the waiting messages are sent now, and which of them together in one digest."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from pipeline.notify.schedule import Schedule
from pipeline.stores.gravity import rank, reaches
from pipeline.stores.sqlite.notices import Queued
from pipeline.words.words import to_say

TOO_MANY = to_say("since there were more than may be told one by one")
HELD = to_say("since the last message")


class Chosen(NamedTuple):
    """What is done now."""

    send: list[Queued]
    """Messages, in this order."""
    fold: list[Queued]
    """Messages that go as one."""
    why: str = ""
    """Why they do, as the end of a sentence."""


def choose(
    waiting: Sequence[Queued], schedule: Schedule, passes: str, sent: Sequence[datetime], now: datetime
) -> Chosen:
    """Choose among messages that wait.

    What was tried before goes first and by itself, for it may have arrived. Of an alert only the oldest message goes.
    What had to wait for the end of quiet hours or for a digest's time goes as one, and so does what there is no room
    for within the hour; that one needs room as well.

    Parameters
    ----------
    passes
        Severity from which on nothing but the hour's room holds a message back.
    sent
        When messages were sent in the last hour.
    """
    room = schedule.count_room(sent, now)
    oldest = {one.alert: one.id for one in reversed(waiting) if one.alert}
    tried = [one for one in waiting if one.tries and one.due <= now][:room]
    room -= len(tried)
    fresh = [one for one in waiting if not one.tries and (not one.alert or oldest[one.alert] == one.id)]
    ready = [one for one in fresh if _is_urgent(one, passes) or schedule.find_release(one.queued, now)]
    held = [one for one in ready if not _is_urgent(one, passes) and schedule.was_held(one.queued)]
    if len(held) < 2:
        held = []
    alone = sorted((one for one in ready if one not in held), key=lambda one: -rank(one.severity))
    if len(alone) + bool(held) <= room:
        return Chosen([*tried, *alone], held, HELD if held else "")
    if not room:
        return Chosen(tried, [])
    fold = [*held, *(one for one in alone[room - 1 :] if one.kind not in ("closed", "digest"))]
    if len(fold) < 2:
        return Chosen([*tried, *alone[:room]], [])
    return Chosen([*tried, *alone[: room - 1]], fold, TOO_MANY)


def _is_urgent(one: Queued, passes: str) -> bool:
    """Whether a message waits for no hour of the day: it is grave, is a digest already, or takes one back."""
    return one.kind in ("digest", "closed") or reaches(one.severity, passes)
