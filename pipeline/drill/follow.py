"""Following drills until they are found: when each was written, taken in, judged, told, and indexed."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from pipeline.connection import connect
from pipeline.detect.drilled import Fared, read_fared
from pipeline.stores.home import Store
from pipeline.stores.jsonl.drills import Drill
from pipeline.words.told import tell_again, told_many
from pipeline.words.words import ENGLISH, Words

LOOKS_EVERY: Final = 1.0
"""Seconds between two looks."""
_MEMORY: Final = 1 << 28
_UNJUDGED: Final = (told_many("the model has learnt {n} day, too few", "the model has learnt {n} days, too few"),)
"""Why nothing of a drill was judged (`pipeline.detect.drilled`)."""


class Engine(Protocol):
    """A search engine in which alerts are looked for."""

    def find(self, alert_id: str) -> bool:
        """Whether an alert is there."""


@dataclass(slots=True)
class Followed:
    """A drill, and how far it has come; times are those at which it was seen, None where it was not yet."""

    drill: Drill
    written: datetime
    taken_in: datetime | None = None
    judged: datetime | None = None
    alerted: datetime | None = None
    indexed: datetime | None = None
    fared: Fared | None = None

    @property
    def found(self) -> bool:
        """Whether it was raised."""
        return bool(self.fared and self.fared.raised)

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it: times, and the seconds from one step to the next."""
        times = {name: getattr(self, name) for name in ("written", "taken_in", "judged", "alerted", "indexed")}
        drill = self.drill
        return {
            "id": drill.id,
            "attack": drill.technique,
            "stealth": drill.degree,
            "principal": drill.principal_key,
            "principal_name": drill.principal_name,
            "events": len(drill.events),
            "into": drill.into,
            "files": list(drill.files),
            "expires": drill.expires.isoformat(),
            "found": self.found,
            "why": self.say_why(),
            **{name: at.isoformat() if at else None for name, at in times.items()},
            "seconds": {
                name: round((at - self.written).total_seconds(), 1) for name, at in times.items() if at is not None
            },
            "fared": asdict(self.fared) if self.fared else None,
        }

    def say_why(self, words: Words = ENGLISH) -> str:
        """What came of it, and what would be needed where it was not raised."""
        fared = self.fared
        if self.taken_in is None:
            return words.say("nothing of it was taken in: is what it was put into watched, and from this home?")
        if fared is None:
            return words.say("it was taken in, and not judged yet: `oddtrail watch` or `oddtrail score` does that")
        if fared.unjudged:
            return words.say("it was not judged: {why}", why=tell_again(fared.unjudged, _UNJUDGED, words))
        rank = _say_rank(fared.rank, words)
        parts = [words.say("record score {score}: {rank}", score=f"{fared.score:.0f}", rank=rank)]
        if not fared.raised:
            parts += _say_held(fared, words)
        return "; ".join(parts)


def _say_held(fared: Fared, words: Words) -> list[str]:
    """Why it was not raised, and what would be needed."""
    nats = f"{fared.evidence:.1f}"
    if fared.held == "budget":
        return [words.say("held, for the budget was used up")]
    if fared.held == "score":
        return [words.say("held, for its record score is below 75")]
    if fared.held == "evidence":
        return [words.say("held, for its evidence is {nats} nats, too little for an alert", nats=nats)]
    parts = [words.say("held, for days that are rarer fill the budget")]
    if fared.held == "others" and fared.needed:
        has, needed = f"{fared.total:.1f}", f"{fared.needed:.1f}"
        parts.append(words.say("it has {nats} nats, and {needed} are needed", nats=has, needed=needed))
    if fared.held == "others" and fared.budget:
        raised = words.say_many(
            fared.budget,
            "a budget of {n} alert a day raises such days",
            "a budget of {n} alerts a day raises such days",
        )
        parts.append(raised)
    return parts


def _say_rank(rank: float, words: Words = ENGLISH) -> str:
    """How many principal-days a day are as strange by chance.

    >>> _say_rank(0.02), _say_rank(3.4)
    ('as strange a day comes by chance once in 50 days', 'as strange are 3.4 days of principals a day by chance')
    """
    if rank >= 1:
        return words.say("as strange are {days} days of principals a day by chance", days=f"{rank:.1f}")
    return words.say_many(
        round(1 / max(rank, 1e-6)),
        "as strange a day comes by chance once in {n} day",
        "as strange a day comes by chance once in {n} days",
    )


@dataclass(slots=True)
class Following:
    """Looks how far drills have come."""

    store: Store
    drills: Sequence[Drill]
    engine: Engine | None = None
    clock: Callable[[], datetime] = field(kw_only=True)
    followed: list[Followed] = field(init=False)

    def __post_init__(self) -> None:
        written = self.clock()
        self.followed = [Followed(drill, written) for drill in self.drills]

    def look(self) -> bool:
        """Look once; return whether all have come as far as they will: judged, and indexed where that is asked."""
        for one in self.followed:
            self._look_at(one)
        return all(self._is_done(one) for one in self.followed)

    def wait(self, until: datetime, sleep: Callable[[float], None]) -> list[Followed]:
        """Look again and again until all is seen, or it is late."""
        while not self.look() and self.clock() + timedelta(seconds=LOOKS_EVERY) < until:
            sleep(LOOKS_EVERY)
        return self.followed

    def _look_at(self, one: Followed) -> None:
        now = self.clock()
        if one.taken_in is None and self._count(one.drill) == len(one.drill.events):
            one.taken_in = now
        fared = read_fared(self.store, one.drill.id)
        if fared is not None and fared.events == fared.of:
            one.fared, one.judged = fared, one.judged or now
            if fared.raised:
                one.alerted = one.alerted or now
        if one.alerted and one.indexed is None and one.fared and self.engine and self.engine.find(one.fared.alert_id):
            one.indexed = self.clock()

    def _is_done(self, one: Followed) -> bool:
        if one.fared is None:
            return False
        return not (one.found and self.engine) or one.indexed is not None

    def _count(self, drill: Drill) -> int:
        with connect(1, _MEMORY) as connection:
            self.store.events.view(connection, drill.first, drill.last + timedelta(seconds=1), drill=drill)
            [(count,)] = connection.execute("SELECT count(*) FROM events").fetchall()
        return int(count)
