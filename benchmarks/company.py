"""A simulated company with attacks in it: those the simulator plants, and recorded ones given to its principals."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.campaigns import Campaign, check, read_truth
from benchmarks.recordings import Attacker, Victim, degree_of, deliver, recordings, rekey
from benchmarks.victims import draw, scan
from pipeline.simulate.company import CampaignPlan, Kind, simulate
from pipeline.simulate.networks import FAR, NETWORKS, of

PLANTED: Final = "campaigns.json"
"""Beside the trail's folder: everything that is planted in it."""
ADDRESSES: Final = 5
"""Addresses an attacker chooses from, of each network."""


@dataclass(frozen=True, slots=True)
class Company:
    """The shape of a company and what is planted in it."""

    name: str
    principals: int
    budget: float
    """Alerts a day."""
    planned: int
    """Campaigns of the simulator, of each degree."""
    recorded: int
    """Recordings given to its principals."""
    history: int = 28
    """Days without attacks."""
    test: int = 28
    """Days with."""
    kind: Kind = "company"
    moves: bool = True
    """Networks, vendors and tools move, environments come and go, people make rare changes (`pipeline.simulate.moves`).
    """


def plant(trail: Path, company: Company, *, number: int, seed: int, start: date) -> list[Campaign]:
    """Simulate the company into a folder, plant everything, and return the campaigns.

    A folder that was planted before is left as it is.

    Parameters
    ----------
    trail
        Folder for `AWSLogs`; what is planted is written beside it.
    number
        Place of the company among the benchmark's; decides which recordings and how loudly.
    seed
        Seed of the simulation and of the choice of victims.
    start
        First day.
    """
    planted = trail.with_name(PLANTED)
    if planted.exists():
        return msgspec.json.decode(planted.read_bytes(), type=list[Campaign])
    trail.mkdir(parents=True, exist_ok=True)
    test_from = start + timedelta(days=company.history)
    days = company.history + company.test
    plan = CampaignPlan(loud=company.planned, medium=company.planned, stealthy=company.planned, since=test_from)
    simulate(
        trail,
        seed=seed,
        days=days,
        principals=company.principals,
        start=start,
        campaigns=plan,
        kind=company.kind,
        moves=company.moves,
    )
    simulated = read_truth(trail / "truth.json")
    recorded = give_recordings(trail, company, simulated, number=number, seed=seed, test_from=test_from)
    begins = datetime.combine(test_from, datetime.min.time(), UTC)
    inside = [one for one in simulated if one.start >= begins]  # the first morning of the east is still history here
    campaigns = [*inside, *recorded]
    check(campaigns)
    planted.write_bytes(msgspec.json.encode(campaigns))
    return campaigns


def give_recordings(
    trail: Path, company: Company, planted: Sequence[Campaign], *, number: int, seed: int, test_from: date
) -> list[Campaign]:
    """Give recordings to principals of a company, by seed; write their records and return the campaigns.

    Which recordings, where not all are given: those after the ones of the company before, by name.

    Parameters
    ----------
    planted
        Campaigns that are there already; their principals are spared.
    number, seed, test_from
        As for `plant`.
    """
    everything = list(enumerate(recordings().items()))
    chosen = [everything[(number * company.recorded + i) % len(everything)] for i in range(company.recorded)]
    attacks = {event_id for campaign in planted for event_id in campaign.event_ids}
    instant = datetime.combine(test_from, datetime.min.time(), UTC)
    victims = draw(scan(trail.rglob("*.json.gz"), instant, attacks), len(chosen), seed)
    campaigns = []
    for (position, (technique, records)), (victim, start) in zip(chosen, victims, strict=True):
        name = f"{company.name}-{seed}-recording-{position}"
        degree = degree_of(position, number)
        campaign, played = rekey(
            technique, records, victim, start=start, degree=degree, attacker=attacker(victim, name), name=name
        )
        deliver(played, trail)
        campaigns.append(campaign)
    return campaigns


def attacker(victim: Victim, name: str) -> Attacker:
    """Return addresses of hosting providers: in countries of nobody here, and in the country the victim calls from.

    Parameters
    ----------
    name
        Decides which.
    """
    choice = random.Random(f"attacker {name}")
    address = IPv4Address(victim.address)
    home = next((network.country for network in NETWORKS if address in IPv4Network(network.block)), "US")
    abroad = [network for network in of("hosting") if network.country in FAR]
    return Attacker(
        [network.address(choice) for network in abroad for _ in range(ADDRESSES)],
        [network.address(choice) for network in of("hosting", home) for _ in range(ADDRESSES)],
    )
