"""Drills from their beginning to their end: chosen, noted in the home, put where records come from, and taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random, SystemRandom
from typing import Final
from zoneinfo import ZoneInfo

from features.times.day import midnight
from pipeline.detect.drilled import close_drill
from pipeline.drill.put import open_place, pack
from pipeline.drill.render import render
from pipeline.drill.victim import Victims
from pipeline.errors import OddtrailError
from pipeline.settings import Settings
from pipeline.simulate.techniques import TECHNIQUES, Technique
from pipeline.simulate.truth import Degree
from pipeline.stores.home import Store
from pipeline.stores.jsonl.drills import Drill, Over

USUAL: Final = ("leaked-key-new-administrator", "trail-stopped", "secrets-sweep")
"""Techniques that are played where nobody names one."""


class DrillError(OddtrailError):
    """A drill that cannot be played."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be played."""

    techniques: tuple[str, ...] = USUAL
    degree: Degree = "medium"
    principal: str = ""
    """Key or name of whom it is played as; empty for anybody."""
    into: str = ""
    """A folder or s3://bucket/prefix that is watched; empty for the home itself."""
    keep: timedelta = timedelta(days=1)
    """How long its events and alerts stay."""


def find_techniques(names: Sequence[str]) -> list[Technique]:
    """The techniques of these names.

    Raises
    ------
    DrillError
        One of them is none.

    Examples
    --------
    >>> [technique.name for technique in find_techniques(["mining"])]
    ['mining']
    """
    by_name = {technique.name: technique for technique in TECHNIQUES}
    for name in names:
        if name not in by_name:
            raise DrillError(f"{name[:80]!r} is no attack: `oddtrail drill --list` names those there are")
    return [by_name[name] for name in names]


def begin(store: Store, settings: Settings, order: Order, now: datetime, source: Random | None = None) -> list[Drill]:
    """Play the attacks of an order, each in the name of another principal where there are enough.

    Which records are a drill's is noted before they are put anywhere, so that nobody ever takes them for real.

    Parameters
    ----------
    source
        Random numbers; the system's where none is given, so that nobody can tell ids beforehand.

    Raises
    ------
    OddtrailError
        There is nobody to play, or the records cannot be put there.
    """
    techniques, place = find_techniques(order.techniques), open_place(order.into, store, settings, now)
    victims, taken, drills = Victims(store, settings), set[str](), list[Drill]()
    until = now.astimezone(UTC).replace(second=0, microsecond=0)
    since = midnight(until.astimezone(ZoneInfo(settings.timezone)).date(), ZoneInfo(settings.timezone))
    for technique in techniques:
        choice = Random((source or SystemRandom()).getrandbits(256))
        victim = victims.choose(technique, choice, order.principal, frozenset(taken))
        taken.add(victim.principal)
        records = render(
            technique, order.degree, victim, choice, since=min(since, until - timedelta(minutes=1)), until=until
        )
        package = pack(records, now, choice)
        drill = Drill(
            id=f"{choice.getrandbits(40):010x}",
            at=now,
            technique=technique.name,
            degree=order.degree,
            principal_key=victim.principal,
            principal_name=victim.name,
            events=tuple(record.event for record in records),
            first=records[0].time,
            last=records[-1].time,
            expires=now + order.keep,
            into=place.address,
            files=place.names(package),
        )
        store.drills.add(drill)
        try:
            place.put(package)
        except OddtrailError:
            store.drills.add(Over(id=drill.id, at=now))
            raise
        drills.append(drill)
    return drills


def clean(store: Store, settings: Settings, now: datetime) -> list[Drill]:
    """Take away what drills left: their records where they were put, their events, and their alerts; return which.

    Raises
    ------
    OddtrailError
        Records cannot be taken away where they lie; those of other drills are.
    """
    done, problems = list[Drill](), list[str]()
    for drill in store.drills.begun():
        try:
            open_place(drill.into, store, settings, now).remove(drill.files)
        except OddtrailError as error:
            problems.append(str(error))
            continue
        close_drill(store, drill, now)
        done.append(drill)
    if problems:
        raise DrillError("; ".join(problems))
    return done
