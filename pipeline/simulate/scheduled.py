"""Scheduled work: jobs that do the same steps at the same hours, and hubs that go from account to account."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from pipeline.simulate.assume import assume
from pipeline.simulate.calls import Call, call, services
from pipeline.simulate.identity import Identity
from pipeline.simulate.machines import Machine, session_name, start
from pipeline.simulate.people import THROTTLED, refusal, refused
from pipeline.simulate.resources import Resources
from pipeline.simulate.trail import DAY, Caller, Trail


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a job, made several times in a row."""

    made: Call
    times: int
    spread: int
    """Things of its kind that it touches in a run."""


def steps(text: str) -> list[Step]:
    """Return steps by `service:Name*times/spread`; once, on one thing, where nothing is said.

    >>> [(step.made.name, step.times, step.spread) for step in steps("s3:GetObject*20/8 kms:Decrypt*3")]
    [('GetObject', 20, 8), ('Decrypt', 3, 1)]
    """
    found = []
    for word in text.split():
        action, _, rest = word.partition("*")
        times, _, spread = rest.partition("/")
        found.append(Step(call(action), int(times or 1), int(spread or 1)))
    return found


@dataclass(slots=True)
class Job(Machine):
    """A role that is taken at certain hours for the same work, more or less of it by how much there is to do."""

    hours: Sequence[float] = ()
    """Hours of UTC at which it runs."""
    steps: Sequence[Step] = ()
    session: str = ""
    """Name of its sessions, where the service that runs it always gives the same."""
    workdays: bool = False
    """It rests at weekends."""


@dataclass(slots=True)
class Hub(Machine):
    """A role of a central account that takes the same role in one account after the other."""

    targets: list[Identity] = field(default_factory=list)
    hours: Sequence[float] = ()
    share: float = 1.0
    """Share of the accounts that a round visits."""
    work: Sequence[Call] = ()
    """What it calls there."""
    each: tuple[int, int] = (3, 8)
    """Fewest and most calls in an account."""


def run_job(job: Job, day: int, choice: Random, trail: Trail, things: Resources, epoch: int) -> None:
    """Let a job run for a day of UTC; as `pipeline.simulate.machines.run`."""
    if not job.first <= day <= job.last or (job.workdays and (day + 3) % 7 >= 5):
        return
    week = (day - epoch) // 7
    denied, throttled = job.denied.get(day, 0.0), job.throttled.get(day, 0.0)
    added = [Step(made, 1, 1) for since, made in job.added if day >= since]
    for hour in job.hours:
        at = day * DAY + int(hour * 3600) + choice.randrange(90)
        caller = start(job, job.session or session_name(job, choice), at, choice, trail, week)
        size = job.factor.get(day, 1.0) * choice.lognormvariate(0, 0.25)
        for step in (*job.steps, *added):
            times = max(1, round(step.times * size)) if step.times > 1 else 1
            for position in range(times):
                number = job.things + (position % step.spread if step.spread > 1 else 0)
                asked, answered = things.request(choice, step.made, job.identity.account, job.region, number)
                failure = refusal(choice, caller, step.made, 0.001)
                if denied and choice.random() < denied:
                    failure = refused(caller, step.made)
                elif throttled and choice.random() < throttled:
                    failure = THROTTLED
                at += choice.randrange(1, 12)
                trail.add(choice, at, caller, step.made, job.region, asked, answered, failure)
        if choice.random() < 0.01:  # a retry looks at something that it does not usually look at
            look(job, caller, at + 5, choice, trail, things)


def look(job: Machine, caller: Caller, at: int, choice: Random, trail: Trail, things: Resources) -> None:
    """Make a read of one of the job's services that it seldom makes."""
    pool = [made for made in services()[choice.choice(job.calls).service] if made.read_only]
    made = pool[min(int((1 - choice.random()) ** -0.9), len(pool)) - 1]
    asked, answered = things.request(choice, made, job.identity.account, job.region, job.things)
    trail.add(choice, at, caller, made, job.region, asked, answered)


def run_hub(hub: Hub, day: int, choice: Random, trail: Trail, things: Resources, epoch: int) -> None:
    """Let a hub go round for a day of UTC; as `pipeline.simulate.machines.run`."""
    if not hub.first <= day <= hub.last:
        return
    week = (day - epoch) // 7
    name = session_name(hub, Random(f"{hub.identity.id} {day // 5}"))
    for hour in hub.hours:
        at = day * DAY + int(hour * 3600) + choice.randrange(300)
        caller = start(hub, name, at, choice, trail, week)
        wanted = max(1, round(len(hub.targets) * hub.share))
        visited = hub.targets if wanted >= len(hub.targets) else choice.sample(hub.targets, wanted)
        work = [*hub.work, *(made for since, made in hub.added if day >= since)]
        for target in visited:
            at += choice.randrange(1, 9)
            inside, _ = assume(choice, at, caller, f"{hub.identity.id}:{name}", target, name, hub.region, trail)
            number = round(choice.randint(*hub.each) * hub.factor.get(day, 1.0))
            for position in range(number):
                made = work[position % len(work)]
                asked, answered = things.request(choice, made, target.account, hub.region, choice.randrange(12))
                failure = refusal(choice, inside, made, 0.003)
                if choice.random() < hub.denied.get(day, 0.0):
                    failure = refused(inside, made)
                at += choice.randrange(1, 5)
                trail.add(choice, at, inside, made, hub.region, asked, answered, failure)
