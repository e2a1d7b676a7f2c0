"""A company that does not exist: weeks of its CloudTrail, with habits, oddities and attacks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Final, Literal

from pipeline.simulate.campaigns import Scene, plant
from pipeline.simulate.data_platform import populate_platform
from pipeline.simulate.enterprise import populate_enterprise
from pipeline.simulate.machines import run
from pipeline.simulate.moves import Moves
from pipeline.simulate.oddities import Plan
from pipeline.simulate.people import work, zone_of
from pipeline.simulate.population import Population, populate, shape
from pipeline.simulate.previews import Preview, play
from pipeline.simulate.resources import Resources
from pipeline.simulate.root import break_glass
from pipeline.simulate.scheduled import Hub, Job, run_hub, run_job
from pipeline.simulate.trail import DAY, Trail
from pipeline.simulate.truth import Degree, Truth, sort_oddities
from pipeline.simulate.visitors import Visitor, visit

Kind = Literal["company", "data platform", "enterprise"]
KINDS: Final[dict[Kind, Callable[[int, int], Population]]] = {
    "company": populate,
    "data platform": populate_platform,
    "enterprise": populate_enterprise,
}
"""What a company may be, and how it is made of a seed and a number of principals."""


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """How many attacks of each degree to plant, and from which day."""

    loud: int
    medium: int
    stealthy: int
    since: date


def simulate(
    out: Path,
    *,
    seed: int,
    days: int,
    principals: int,
    start: date,
    campaigns: CampaignPlan | None,
    kind: Kind = "company",
    moves: bool = False,
) -> Truth:
    """Write a company's trail as S3 would hold it, and `truth.json` beside it; the same arguments give the same bytes.

    Parameters
    ----------
    out
        Folder that gets `AWSLogs/` and `truth.json`.
    seed
        Seed of everything.
    days
        Days from `start`, in UTC.
    principals
        People and machines; decides the shape: one account, four, or thirty.
    campaigns
        Attacks to plant; none when None. They do not change what the company does.
    kind
        What the company is: one like most, a data platform, or an enterprise of 31 accounts made from templates.
    moves
        What else happens in it that is harmless: networks, vendors and tools move, environments come and go, people
        make rare changes. Random numbers of these are their own.
    """
    company = KINDS[kind](seed, principals)
    things = Resources(seed, company.accounts)
    epoch = int(datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp()) // DAY
    trail = Trail(
        out,
        begin=epoch * DAY,
        end=(epoch + days) * DAY,
        span=shape(principals).span,
        choice=Random(f"delivery {seed}"),
    )
    plan = Plan(company, seed, epoch, days)
    oddities, previews = plan.all(), list[Preview]()
    if moves:
        moving = Moves(company, seed, epoch, days)
        oddities = sort_oddities([*oddities, *moving.all()])
        previews = moving.previews
    planted = []
    if campaigns is not None:
        since = (campaigns.since - start).days + epoch
        amounts: dict[Degree, int] = {
            "loud": campaigns.loud,
            "medium": campaigns.medium,
            "stealthy": campaigns.stealthy,
        }
        planted = plant(Scene(company, things, trail, epoch), seed, amounts, since, epoch + days)
    zones = {country: zone_of(country) for country in company.countries}
    for day in range(epoch - 1, epoch + days + 1):
        for index, person in enumerate(company.people):
            work(person, day, Random(f"{seed} person {index} {day}"), trail, things, zones[person.country], epoch)
        for index, machine in enumerate(company.machines):
            own = Random(f"{seed} machine {index} {day}")
            if isinstance(machine, Visitor):
                visit(machine, day, own, trail, things, epoch)
            elif isinstance(machine, Job):
                run_job(machine, day, own, trail, things, epoch)
            elif isinstance(machine, Hub):
                run_hub(machine, day, own, trail, things, epoch)
            else:
                run(machine, day, own, trail, things, epoch)
        for index, preview in enumerate(previews):
            play(preview, day, Random(f"{seed} preview {index} {day}"), trail, things, epoch)
        for login in plan.logins:
            if login.day == day:
                break_glass(login, Random(f"{seed} root {day}"), trail, things, (day - epoch) // 7)
        trail.deliver((day + 1) * DAY - 14 * 3600)
    trail.deliver(trail.end)
    truth = Truth(
        events=trail.events,
        files=trail.files,
        people=len(company.people),
        machines=len(company.machines),
        accounts=len(company.accounts),
        campaigns=planted,
        oddities=oddities,
    )
    truth.write(out / "truth.json")
    return truth
