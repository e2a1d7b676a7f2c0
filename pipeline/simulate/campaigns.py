"""Attacks, planted in a company: who is struck is drawn by rule, and how loudly decides from where and how much.

| degree | network | user agent | calls |
|---|---|---|---|
| loud | a hosting provider's, in a country of nobody here | an attacker's tool | all, many repeated |
| medium | new and near, or the victim's own | the victim's own, or else a new tool | some |
| stealthy | the victim's own | the victim's own | at most 10 |

Records are rendered by the same trail as everybody's; nothing but what they say tells them apart.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from pipeline.simulate.agents import agent, foreign
from pipeline.simulate.assume import assume
from pipeline.simulate.calls import call
from pipeline.simulate.identity import Identity, unique
from pipeline.simulate.machines import Machine, caller_of, session_name
from pipeline.simulate.networks import FAR, cloud, network_of, of
from pipeline.simulate.people import SIGN_IN, Person, refused, signed_in, zone_of
from pipeline.simulate.population import Population
from pipeline.simulate.resources import Resources
from pipeline.simulate.techniques import TECHNIQUES, Technique
from pipeline.simulate.trail import DAY, Caller, Trail, clock
from pipeline.simulate.truth import Campaign, Degree
from pipeline.simulate.visitors import Visitor

MOST_STEALTHY: Final = 10
_SHARE: Final[dict[Degree, float]] = {"loud": 1.0, "medium": 0.3, "stealthy": 0.1}
_DENIED: Final[dict[Degree, float]] = {"loud": 0.25, "medium": 0.12, "stealthy": 0.05}
_PAUSE: Final[dict[Degree, float]] = {"loud": 5.0, "medium": 45.0, "stealthy": 240.0}
_FAR_REGIONS: Final = ("ap-southeast-3", "sa-east-1", "eu-north-1", "ca-central-1", "me-south-1", "af-south-1")


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an attack is played."""

    company: Population
    things: Resources
    trail: Trail
    epoch: int
    """Day number at which the simulation begins."""


def plant(scene: Scene, seed: int, amounts: dict[Degree, int], since: int, until: int) -> list[Campaign]:
    """Plant attacks and return them.

    Parameters
    ----------
    amounts
        How many of each degree.
    since, until
        Day numbers: the first on which one may happen, and the one after the last.
    """
    choice = Random(f"campaigns {seed}")
    order = choice.sample(TECHNIQUES, len(TECHNIQUES))
    degrees = [degree for degree, amount in amounts.items() for _ in range(amount)]
    jobs = [(order[position % len(order)], degree) for position, degree in enumerate(degrees)]
    choice.shuffle(jobs)
    used: set[str] = set()
    planted = []
    for position, (technique, degree) in enumerate(jobs):
        middle = since + (position + choice.random()) * (until - since) / len(jobs)
        victim = _victim(scene, technique, choice, used, int(middle))
        used.add(victim.principal_key)
        day = _working_day(victim, int(middle), since, until)
        planted.append(_play(scene, technique, degree, victim, day, Random(f"campaign {seed} {position}"), position))
    return sorted(planted, key=lambda campaign: campaign.start)


def _victim(scene: Scene, technique: Technique, choice: Random, used: set[str], day: int) -> Person | Machine:
    settled = day - 14
    people = [p for p in scene.company.people if p.first <= max(settled, scene.epoch) and p.last > day + 7]
    machines = [m for m in scene.company.machines if m.first <= max(settled, scene.epoch) and m.last > day]
    machines = [m for m in machines if m.rate > 3 and not isinstance(m, Visitor)]
    users: list[Person | Machine] = [person for person in people if person.identity.is_user]
    users += [machine for machine in machines if machine.key]
    pools: dict[str, list[Person | Machine]] = {
        "person": [*people],
        "user": [*(users or people)],
        "machine": [*machines],
        "any": [*(people if choice.random() < 0.6 else machines)],
    }
    pool = pools[technique.via] or [*people, *machines]
    fresh = [victim for victim in pool if victim.principal_key not in used]
    return choice.choice(fresh or pool)


def _working_day(victim: Person | Machine, day: int, since: int, until: int) -> int:
    """Return the day from which the attack is played: a working day of the victim, if there is one."""
    if isinstance(victim, Machine):
        return day
    candidates: list[int] = [*range(day, until), *range(day, since - 1, -1)]
    for candidate in candidates:
        if (candidate + 3) % 7 < 5 and candidate not in victim.off and candidate < until - 1:
            return candidate
    return day


def choose_steps(technique: Technique, degree: Degree, choice: Random) -> list[str]:
    """The actions of an attack in order, as many as its degree has."""
    share = _SHARE[degree]
    steps: list[str] = []
    for text, core in ((technique.look, False), (technique.do, True), (technique.after, False)):
        for word in text.split():
            action, _, times = word.partition("*")
            if not core and (
                (degree == "stealthy" and choice.random() < 0.7) or (degree == "medium" and choice.random() < 0.4)
            ):
                continue
            steps += [action] * max(1, round(int(times or 1) * share * choice.uniform(0.7, 1.2)))
    if degree == "stealthy":
        while len(steps) > MOST_STEALTHY - 1:
            spare = [i for i, step in enumerate(steps) if steps.count(step) > 1 or step not in technique.core]
            steps.pop(choice.choice(spare or range(len(steps))))
    return steps


def _play(
    scene: Scene, technique: Technique, degree: Degree, victim: Person | Machine, day: int, choice: Random, number: int
) -> Campaign:
    at = _begin(victim, degree, day, choice)
    identity = victim.identities[0][1] if isinstance(victim, Person) else victim.identity
    region = victim.regions[0] if isinstance(victim, Person) else victim.region
    caller = _caller(victim, identity, degree, technique, at, choice, scene.epoch)
    given = {"other": f"{choice.randrange(100_000_000_000, 999_999_999_999)}", **technique.given}
    found: list[tuple[int, str]] = []

    def record(action: str, caller: Caller, at: int, where: str) -> None:
        made = call(action)
        thing = choice.randrange(150)
        request, response = scene.things.request(choice, made, caller.account, where, thing, given)
        core = action in technique.core
        failure = refused(caller, made) if choice.random() < _DENIED[degree] * (0.3 if core else 1) else None
        event_id = scene.trail.add(choice, at, caller, made, where, request, response, failure)
        if event_id:
            found.append((at, event_id))

    if isinstance(victim, Person) and degree != "stealthy" and technique.via == "person":
        login = Caller(caller.identity, caller.account, caller.address, caller.agent)
        additional, success = signed_in()
        event_id = scene.trail.add(choice, at, login, SIGN_IN, "us-east-1", "null", success, additional=additional)
        if event_id:
            found.append((at, event_id))
    steps = choose_steps(technique, degree, choice)
    others = [account for account in scene.company.accounts if account != identity.account]
    pause = _PAUSE[degree]
    elsewhere = choice.sample(_FAR_REGIONS, 3 if degree == "loud" else 1)
    for position, action in enumerate(steps):
        at += 1 + int(choice.expovariate(1 / pause))
        if degree == "stealthy" and technique.days > 1 and position and position % 2 == 0:
            at += DAY - choice.randrange(-5000, 5000)
        where = choice.choice(elsewhere) if technique.abroad and degree != "stealthy" else region
        if technique.chain and others and action == "sts:AssumeRole" and "sts:AssumeRole" not in steps[position + 1 :]:
            target = scene.company.hops[choice.choice(others)]
            session = victim.name if isinstance(victim, Person) else f"session-{choice.getrandbits(32):08x}"
            about = json.loads(caller.identity)["principalId"]
            caller, ids = assume(choice, at, caller, about, target, session, where, scene.trail)
            found += [(at, event_id) for event_id in ids]
            continue
        record(action, caller, at, where)
    found.sort()
    return Campaign(
        id=f"campaign-{number + 1:02}",
        degree=degree,
        technique=technique.name,
        principal_arn=identity.arn,
        principal_name=victim.name if isinstance(victim, Person) else identity.name,
        principal_key=victim.principal_key,
        start=clock(found[0][0]),
        end=clock(found[-1][0]),
        event_ids=tuple(event_id for _, event_id in found),
    )


def _begin(victim: Person | Machine, degree: Degree, day: int, choice: Random) -> int:
    if isinstance(victim, Machine):
        return day * DAY + choice.randrange(DAY - 7200)
    midnight = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
    local = datetime(midnight.year, midnight.month, midnight.day, tzinfo=zone_of(victim.country))
    hour = choice.uniform(0, 20) if degree == "loud" else victim.begins + choice.uniform(1, 6)
    return int(local.timestamp() + hour * 3600)


def _caller(
    victim: Person | Machine,
    identity: Identity,
    degree: Degree,
    technique: Technique,
    at: int,
    choice: Random,
    epoch: int,
) -> Caller:
    """Return who calls: the victim's credentials, from its own place or another."""
    week = (at // DAY - epoch) // 7
    if isinstance(victim, Person):
        tool = "console" if technique.via == "person" else choice.choice([tool for _, tool in victim.tools])
        if identity.is_user and technique.via == "user":
            tool = next((tool for _, tool in victim.tools if tool != "console"), "cli")
        caller = victim.session(choice, identity, tool, at, victim.address(choice, at // DAY), week)
        country = victim.country
        other_agent = agent(choice.choice(("go", "java", "boto")), (victim.system + 1) % 4, week)
    else:
        name = session_name(victim, Random(f"{identity.id} {at // DAY // 5}"))
        key = victim.key or unique(choice, "ASIA")
        caller = caller_of(victim, name, key, at - choice.randrange(60, 3000), choice, week)
        network = network_of(caller.address) or cloud(victim.region)
        country = network.country
        other_agent = agent("cli", 1, week)
    if degree == "loud":
        abroad = [network for network in of("hosting") if network.country in FAR]
        caller.address = choice.choice(abroad).address(choice)
        caller.agent = foreign(choice) if technique.via != "person" else agent("console", (week + 2) % 4, week)
        if technique.via != "person":
            caller.extra = ""
    elif degree == "medium":
        if choice.random() < 0.6:
            own = network_of(caller.address)
            near = [network for network in (*of("hosting", country), *of("home", country)) if network != own]
            caller.address = choice.choice(near).address(choice)
            caller.extra = "" if isinstance(victim, Machine) else caller.extra
        else:
            caller.agent = other_agent
            caller.extra = caller.extra if isinstance(victim, Machine) else ""
    return caller
