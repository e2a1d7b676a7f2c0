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
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

if __package__ in (None, ""):  # run as a file
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.activity import read_activity
from benchmarks.breakdown import at_budgets, tell_campaigns
from benchmarks.budget import within
from benchmarks.campaigns import Campaign
from benchmarks.company import Company, plant
from benchmarks.judge import Judged, clean_rate, judge_alerts, judge_days
from benchmarks.panel import BUDGETS, Panel, by_budget, watched_by
from benchmarks.peers import first_seen, guardduty_like, sensitive_actions
from benchmarks.report import OURS, company_result, heading, markdown, pool, pooled_result, publish
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

COMPANIES: Final = (
    Company("small", principals=20, budget=2, planned=3, recorded=9),
    Company("middle", principals=200, budget=5, planned=6, recorded=19),
    Company("large", principals=2000, budget=5, planned=8, recorded=19),
)
QUICK: Final = Company("quick", principals=20, budget=2, planned=4, recorded=12)
SEEDS: Final = (1, 2, 3)
PEERS: Final = ("first-seen", "GuardDuty-like")
"""Those to be beaten; others are shown."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What one company gave."""

    campaigns: list[Campaign]
    judged: dict[str, Judged]
    result: dict[str, Any]


def run_company(company: Company, number: int, seed: int, work: Path, threads: int, memory: int) -> Ran:
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
    threads, memory
        What oddtrail may use; bytes.
    """
    began = time.monotonic()
    campaigns = plant(work / "trail", company, number=number, seed=seed, start=START)
    test_from = datetime.combine(START, datetime.min.time(), UTC) + timedelta(days=company.history)
    planted = time.monotonic()
    plan = Backtest([work / "trail" / "AWSLogs"], test_from, work / "backtest")
    event_ids = [event_id for campaign in campaigns for event_id in campaign.event_ids]
    budgets = sorted({*BUDGETS, company.budget})
    with watched_by(Panel([budget for budget in budgets if budget != company.budget], event_ids)) as panel:
        summary = run_backtest(plan, Settings(budget=company.budget, geoip=GEO, threads=threads, memory=memory))
    delivered = {event_id: event.delivered for event_id, event in panel.events.items()}
    judged = {OURS: judge_alerts(AlertsJsonl(plan.out / ALERTS_FILE).revisions(), campaigns, delivered)}
    levels: dict[float, dict[str, Judged]] = {budget: {} for budget in budgets}
    for budget, (alerts, raised) in by_budget(panel).items():
        levels[budget][OURS] = replace(judge_alerts(alerts, campaigns, delivered), alerts=raised)
    ours = time.monotonic()
    now = test_from + timedelta(days=company.test + 2)
    known = read_activity([work / "trail" / "AWSLogs"], event_ids, now=now, geo=Geo.open(GEO), threads=threads)
    unknown = [event_id for event_id in event_ids if event_id not in known.principal_days]
    unseen = {principal for principal, _ in known.principal_days.values()} - set(known.tokens["principal"])
    if unknown or unseen:
        raise ValueError(f"{len(unknown)} planted events and {len(unseen)} of their principals are not in the activity")
    first = day_number(test_from.date())
    days = range(first, first + company.test)
    with TRAILDISCOVER.open(encoding="utf-8", newline="") as listed:
        sensitive = sensitive_actions(csv.DictReader(listed))
    peers = {
        "first-seen": first_seen(known.tokens),
        "first-seen, plain sum": first_seen(known.tokens, fade=0),
        "first-seen, no prefix": first_seen(known.tokens, without=("prefix",), fade=3),
        "GuardDuty-like": guardduty_like(known.calls, sensitive),
        "GuardDuty-like, filled": guardduty_like(known.calls, sensitive, anywhere=True),
    }
    for name, scores in peers.items():
        for budget, at in levels.items():
            at[name] = judge_days(within(scores, days, budget), campaigns, known.principal_days)
        judged[name] = levels[company.budget][name]
    levels[company.budget][OURS] = judged[OURS]
    attacked = set(known.principal_days.values())
    result = {
        "principals": company.principals,
        "seed": seed,
        "events": summary["events"],
        "history_days": company.history,
        **company_result(campaigns, judged, company.test, company.budget),
        "budgets": at_budgets(campaigns, levels, company.test),
        "campaign_rows": tell_campaigns(campaigns, panel.events, levels, OURS),
        "score_75_per_clean_day": round(clean_rate(plan.out / SCORES_FILE, attacked, days), 3),
        "seconds": {
            "simulate": round(planted - began, 1),
            "backtest": round(ours - planted, 1),
            "peers": round(time.monotonic() - ours, 1),
        },
        "stages": summary["seconds"],
        "peak_bytes": summary["peak_bytes"],
    }
    return Ran([replace(c, id=f"{company.name}/{c.id}") for c in campaigns], _named(judged, company.name), result)


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


def run(name: str, companies: list[tuple[int, Company, int]], work: Path, threads: int, memory: int) -> dict[str, Any]:
    """Run companies, each with its number and seed; return the whole result."""
    began = heading(name, [seed for _, _, seed in companies])
    ran: dict[str, Ran] = {}
    for number, company, seed in companies:
        folder = work / f"{company.name}-{seed}"
        ran[company.name] = done = run_company(company, number, seed, folder, threads, memory)
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


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark from the command line; 1 when oddtrail falls short."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--name", default="dev", help="name of the result")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS), help="a seed for each company")
    parser.add_argument("--companies", nargs="+", choices=[c.name for c in COMPANIES], help="only these")
    parser.add_argument("--work", type=Path, help="folder for the companies' files, kept; temporary when not given")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", type=float, default=4.0, help="GB")
    parser.add_argument("--quick", action="store_true", help="one small company, nothing written: for CI")
    given = parser.parse_args(arguments)
    companies = [(0, QUICK, given.seeds[0])]
    if not given.quick:
        if len(given.seeds) != len(COMPANIES):
            parser.error(f"give {len(COMPANIES)} seeds, one a company")
        everything = zip(range(len(COMPANIES)), COMPANIES, given.seeds, strict=True)
        companies = [chosen for chosen in everything if chosen[1].name in (given.companies or chosen[1].name)]
    with TemporaryDirectory(prefix="benchmark-") as temporary:
        result = run(given.name, companies, given.work or Path(temporary), given.threads, int(given.memory * 1e9))
    print(markdown(result))
    if not given.quick:
        publish(result, markdown(result))
    short = lost(result, given.quick)
    print("\n".join(short) or "oddtrail does what is asked", file=sys.stderr)
    return 1 if short else 0


if __name__ == "__main__":
    raise SystemExit(main())
