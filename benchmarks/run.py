"""Run the detection benchmark: `python -m benchmarks.run --name NAME`, or `--quick` for one small company.

For each company: simulate 28 + 28 days, plant campaigns in the second half, give recorded attacks to principals of it,
backtest oddtrail, let the peers look at the same activity, and judge all of them. Seeds 1 to 9 are for development;
published is one run of seeds 101, 102 and 103.
"""

import argparse
import csv
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

if __package__ in (None, ""):  # run as a file
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pandas as pd

from benchmarks.activity import read_activity
from benchmarks.breakdown import at_budgets, tell_campaigns
from benchmarks.budget import within
from benchmarks.campaigns import Campaign
from benchmarks.causes import count_causes, read_oddities
from benchmarks.company import Company, plant
from benchmarks.cost import Cost, measured
from benchmarks.elastic import elastic_jobs
from benchmarks.judge import Judged, clean_rate, judge_alerts, judge_days
from benchmarks.kept import keep, read_kept
from benchmarks.panel import BUDGETS, Panel, by_budget, watched_by
from benchmarks.peers import first_seen, guardduty_like, sensitive_actions
from benchmarks.report import OURS, company_result, heading, markdown, pool, pooled_result, publish
from benchmarks.results_page import write_page
from benchmarks.vectors import TEXTBOOK, SkippedError
from features.times.day import day_number
from pipeline.detect.backtest import SCORES_FILE, Backtest, run_backtest
from pipeline.enrich.geo import Geo
from pipeline.settings import Settings
from pipeline.stores.home import ALERTS_FILE
from pipeline.stores.jsonl.alerts import AlertsJsonl

ROOT: Final = Path(__file__).resolve().parent
TRAILDISCOVER: Final = ROOT.parent / "scripts" / "sources" / "traildiscover_events.csv"
GEO: Final = ROOT.parent / "pipeline" / "data" / "demo_geo"
START: Final = date(2025, 1, 6)
"""A Monday."""

SIZES: Final = (
    Company("small", principals=20, budget=2, planned=3, recorded=9),
    Company("middle", principals=200, budget=5, planned=6, recorded=19),
    Company("large", principals=2000, budget=5, planned=8, recorded=19),
)
COMPANIES: Final = (
    *SIZES,
    Company("data-platform", principals=170, budget=5, planned=6, recorded=19, kind="data platform"),
    Company("enterprise", principals=500, budget=5, planned=8, recorded=19, kind="enterprise"),
)
QUICK: Final = Company("quick", principals=20, budget=2, planned=4, recorded=12)
SEEDS: Final = (1, 2, 3, 4, 5)
DONE: Final = "done.json"
"""In a company's folder: what it gave."""
PEERS: Final = ("first-seen", "GuardDuty-like")
"""Those to be beaten; others are shown."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What one company gave."""

    campaigns: list[Campaign]
    judged: dict[str, Judged]
    """At the company's own budget."""
    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Means:
    """What a run may use."""

    threads: int
    memory: int
    """Bytes."""
    quick: bool = False
    """Only the company's own budget and the peers that are to be beaten."""


def run_company(company: Company, number: int, seed: int, work: Path, means: Means) -> Ran:
    """Simulate a company, run every detector on it and judge them.

    Parameters
    ----------
    company
        Its shape.
    number
        Its place among the companies; decides the degrees of the recordings.
    seed
        Seed of the simulation and of the choice of victims.
    work
        Folder for its files; those of an earlier run with the same seed are used again.
    means
        What the run may use.
    """
    began = time.monotonic()
    campaigns = plant(work / "trail", company, number=number, seed=seed, start=START)
    test_from = datetime.combine(START, datetime.min.time(), UTC) + timedelta(days=company.history)
    planted = time.monotonic()
    plan = Backtest([work / "trail" / "AWSLogs"], test_from, work / "backtest")
    event_ids = [event_id for campaign in campaigns for event_id in campaign.event_ids]
    budgets = [company.budget] if means.quick else sorted({*BUDGETS, company.budget})
    settings = Settings(budget=company.budget, geoip=GEO, threads=means.threads, memory=means.memory)
    with watched_by(Panel([b for b in budgets if b != company.budget], event_ids)) as panel, measured() as cost:
        summary = run_backtest(plan, settings)
    delivered = {event_id: event.delivered for event_id, event in panel.events.items()}
    revisions = list(AlertsJsonl(plan.out / ALERTS_FILE).revisions())
    judged = {OURS: judge_alerts(revisions, campaigns, delivered)}
    levels: dict[float, dict[str, Judged]] = {budget: {} for budget in budgets}
    for budget, (alerts, raised) in by_budget(panel).items():
        levels[budget][OURS] = replace(judge_alerts(alerts, campaigns, delivered), alerts=raised)
    levels[company.budget][OURS] = judged[OURS]
    ours = time.monotonic()
    rivals = run_rivals(work / "trail" / "AWSLogs", event_ids, test_from, company.test, means)
    for name, scores in rivals.scores.items():
        for budget, at in levels.items():
            at[name] = judge_days(within(scores, rivals.days, budget), campaigns, rivals.principal_days)
        judged[name] = levels[company.budget][name]
    attacked = set(rivals.principal_days.values())
    costs = {OURS: cost, **rivals.costs}
    result = {
        "principals": company.principals,
        "seed": seed,
        "events": summary["events"],
        "history_days": company.history,
        **company_result(campaigns, judged, company.test, company.budget),
        "budgets": at_budgets(campaigns, levels, company.test),
        "campaign_rows": tell_campaigns(campaigns, panel.events, levels, OURS),
        "raised_wrongly": count_causes(revisions, campaigns, read_oddities(work / "trail" / "truth.json")),
        "skipped": rivals.skipped,
        "cost_per_million_events": {name: one.per_million(summary["events"]) for name, one in costs.items()},
        "per_clean_day": {
            str(at): round(clean_rate(plan.out / SCORES_FILE, attacked, rivals.days, at), 3) for at in (50, 75, 90)
        },
        "score_75_per_clean_day": round(clean_rate(plan.out / SCORES_FILE, attacked, rivals.days), 3),
        "seconds": {
            "simulate": round(planted - began, 1),
            "backtest": round(ours - planted, 1),
            "peers": round(time.monotonic() - ours, 1),
        },
        "stages": summary["seconds"],
        "peak_bytes": summary["peak_bytes"],
    }
    return Ran([replace(c, id=f"{company.name}/{c.id}") for c in campaigns], _named(judged, company.name), result)


@dataclass(slots=True)
class Rivals:
    """What the peers made of a company."""

    days: range
    """Of the test, since 1970-01-01."""
    principal_days: dict[str, tuple[str, int]]
    """Principal and day of each planted event."""
    scores: dict[str, pd.DataFrame] = field(default_factory=dict)
    """principal, day, score of each peer."""
    costs: dict[str, Cost] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    """Peers that could not be run here, and why."""


def run_rivals(trail: Path, event_ids: Sequence[str], test_from: datetime, test: int, means: Means) -> Rivals:
    """Let every peer score the principal-days of a company, as the same activity shows them."""
    now = test_from + timedelta(days=test + 2)
    with measured() as reading:
        known = read_activity(
            [trail], event_ids, now=now, geo=Geo.open(GEO), threads=means.threads, vectors=not means.quick
        )
    unknown = [event_id for event_id in event_ids if event_id not in known.principal_days]
    unseen = {principal for principal, _ in known.principal_days.values()} - set(known.tokens["principal"])
    if unknown or unseen:
        raise ValueError(f"{len(unknown)} planted events and {len(unseen)} of their principals are not in the activity")
    first = day_number(test_from.date())
    with TRAILDISCOVER.open(encoding="utf-8", newline="") as listed:
        sensitive = sensitive_actions(csv.DictReader(listed))
    peers: dict[str, Callable[[], pd.DataFrame]] = {
        "first-seen": lambda: first_seen(known.tokens),
        "first-seen, plain sum": lambda: first_seen(known.tokens, fade=0),
        "first-seen, no prefix": lambda: first_seen(known.tokens, without=("prefix",), fade=3),
        "GuardDuty-like": lambda: guardduty_like(known.calls, sensitive),
        "GuardDuty-like, filled": lambda: guardduty_like(known.calls, sensitive, anywhere=True),
    }
    if not means.quick:
        peers["Elastic's five jobs"] = lambda: elastic_jobs(known.hourly, known.errors)
        peers |= {name: partial(score, known.vectors, first) for name, score in TEXTBOOK.items()}
    rivals = Rivals(range(first, first + test), known.principal_days, costs={"reading for the peers": reading})
    for name, score in peers.items():
        try:
            with measured() as cost:
                rivals.scores[name] = score()
        except SkippedError as error:
            rivals.skipped[name] = str(error)
            print(f"SKIPPED: {name}: {error}", file=sys.stderr, flush=True)
            continue
        rivals.costs[name] = cost
    return rivals


def _named(judged: dict[str, Judged], company: str) -> dict[str, Judged]:
    return {
        name: Judged(
            {f"{company}/{found}" for found in result.found},
            result.alerts,
            {f"{company}/{found}": minutes for found, minutes in result.minutes.items()},
            {f"{company}/{found}": minutes for found, minutes in result.waited.items()},
        )
        for name, result in judged.items()
    }


def run(name: str, companies: list[tuple[int, Company, int]], work: Path, means: Means) -> dict[str, Any]:
    """Run companies, each with its number and seed; return the whole result.

    A company that this commit ran before in the same folder is not run again.
    """
    began = heading(name, [seed for _, _, seed in companies])
    ran: dict[str, Ran] = {}
    for number, company, seed in companies:
        folder = work / f"{company.name}-{seed}"
        known = read_kept(folder / DONE, began["commit"], Ran)
        ran[company.name] = done = known or run_company(company, number, seed, folder, means)
        keep(folder / DONE, began["commit"], done)
        print(json.dumps({company.name: _brief(done.result)}), file=sys.stderr, flush=True)
    campaigns = [campaign for done in ran.values() for campaign in done.campaigns]
    return {
        **began,
        "pooled": pooled_result(campaigns, pool([done.judged for done in ran.values()])),
        "companies": {name: done.result for name, done in ran.items()},
    }


def _brief(result: dict[str, Any]) -> dict[str, Any]:
    recalls = {name: detector["recall"]["all"]["recall"] for name, detector in result["detectors"].items()}
    return {
        "recall": recalls,
        "at_budgets": {budget: by[OURS]["recall"]["recall"] for budget, by in result["budgets"].items()},
        "alerts_per_day": result["detectors"][OURS]["alerts_per_day"],
        "minutes_from_delivery": result["detectors"][OURS]["minutes_from_delivery"],
        "raised_wrongly": result["raised_wrongly"],
        **result["seconds"],
    }


def lost(result: dict[str, Any], quick: bool) -> list[str]:
    """Return what the result falls short of, in words; a quick run asks only that oddtrail beats both peers."""
    recall = {name: by["all"]["recall"] for name, by in result["pooled"]["recall"].items()}
    short = []
    for name in PEERS:
        by = result["pooled"]["lead"][name]
        if quick and recall[OURS] <= recall[name]:
            short.append(f"recall {recall[OURS]} does not exceed {recall[name]} of {name}")
        if not quick and not by["won"]:
            short.append(f"the lead over {name} is {by['difference']} (from {by['low']}), {by['needed']:.3f} is needed")
    for name, company in result["companies"].items():
        if not company["detectors"][OURS]["within_budget"]:
            realised = company["detectors"][OURS]["alerts_per_day"]
            short.append(f"{name} raised {realised} alerts a day where {company['budget']:g} were asked")
    return short


def pair(chosen: Sequence[str], seeds: Sequence[int]) -> list[tuple[int, Company, int]]:
    """Return companies, each with its number and seed.

    Parameters
    ----------
    chosen
        Names; as many of the first companies as there are seeds where there are none.
    seeds
        One a company, in order; or one for each of the first companies that there are, as far as the last chosen one.

    Raises
    ------
    ValueError
        There are too few or too many.

    Examples
    --------
    >>> [(company.name, seed) for _, company, seed in pair([], [401, 402])]
    [('small', 401), ('middle', 402)]
    >>> [(company.name, seed) for _, company, seed in pair(["large"], [1, 2, 3])]
    [('large', 3)]
    >>> [(company.name, seed) for _, company, seed in pair(["large", "enterprise"], [8, 9])]
    [('large', 8), ('enterprise', 9)]
    """
    if len(seeds) > len(COMPANIES):
        raise ValueError(f"there are {len(COMPANIES)} companies; give a seed for each, not {len(seeds)}")
    names = chosen or [company.name for company in COMPANIES[: len(seeds)]]
    wanted = [(number, company) for number, company in enumerate(COMPANIES) if company.name in names]
    if len(seeds) == len(wanted):
        return [(number, company, seed) for (number, company), seed in zip(wanted, seeds, strict=True)]
    if not wanted or wanted[-1][0] >= len(seeds):
        raise ValueError(f"give {len(wanted)} seeds, one a company")
    return [(number, company, seeds[number]) for number, company in wanted]


def run_rest(name: str, companies: Sequence[tuple[int, Company, int]], work: Path, means: Means) -> None:
    """Run what else belongs to a result, on companies of the same seeds."""
    from benchmarks import ablation, poison  # they are made of what is here

    seeds = {company.name: seed for _, company, seed in companies}
    shapes = [shape for shape in ablation.SHAPES if shape in seeds]
    where = ["--work", str(work), "--threads", str(means.threads), "--memory", str(means.memory / 1e9)]
    if shapes:
        of = [str(seeds[shape]) for shape in shapes]
        ablation.main(["--name", f"{name}-ablation", "--companies", *shapes, "--seeds", *of, *where])
    poison.main(["--name", f"{name}-poison", "--seeds", str(companies[0][2]), *where])


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark from the command line; 1 when oddtrail falls short."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--name", default="dev", help="name of the result")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS), help="a seed for each company")
    parser.add_argument("--companies", nargs="+", choices=[c.name for c in COMPANIES], help="only these")
    parser.add_argument("--work", type=Path, help="folder for the companies' files, kept; temporary when not given")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", type=float, default=4.0, help="GB")
    parser.add_argument(
        "--all", action="store_true", help="also what each part is worth, and what a poisoned history costs"
    )
    parser.add_argument("--still", action="store_true", help="companies in which nothing moves, as those of before")
    parser.add_argument("--quick", action="store_true", help="one small company, nothing written: for CI")
    given = parser.parse_args(arguments)
    companies = [(0, QUICK, given.seeds[0])]
    if not given.quick:
        try:
            companies = pair(given.companies or [], given.seeds)
        except ValueError as error:
            parser.error(str(error))
    if given.still:
        companies = [(number, replace(company, moves=False), seed) for number, company, seed in companies]
    means = Means(given.threads, int(given.memory * 1e9), given.quick)
    with TemporaryDirectory(prefix="benchmark-") as temporary:
        work = given.work or Path(temporary)
        result = run(given.name, companies, work, means)
        print(markdown(result))
        if not given.quick:
            publish(result, markdown(result))
            write_page()
        if given.all and not given.quick:
            run_rest(given.name, companies, work, means)
    short = lost(result, given.quick)
    print("\n".join(short) or "oddtrail does what is asked", file=sys.stderr)
    return 1 if short else 0


if __name__ == "__main__":
    raise SystemExit(main())
