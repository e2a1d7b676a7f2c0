"""Count false alerts where nobody attacks: `python -m benchmarks.quiet --seeds SMALL MIDDLE LARGE`.

The benchmark's companies are simulated without campaigns, with their harmless oddities, for as long; oddtrail's
backtest learns as long as there and runs with the budget off. Counted is every principal-day that reaches a record
score of 75, which promises one a day. Seeds 1 to 9 are for development; published is one run of seeds 201, 202 and 203.
"""

import argparse
import json
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

if __package__ in (None, ""):  # run as a file
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.company import Company
from benchmarks.judge import reaching
from benchmarks.metrics import poisson_interval
from benchmarks.report import heading, publish
from benchmarks.run import GEO, SIZES, START
from features.times.day import day_number
from pipeline.detect.backtest import SCORES_FILE, Backtest, run_backtest
from pipeline.settings import Settings
from pipeline.simulate.company import simulate
from pipeline.stores.home import ALERTS_FILE
from pipeline.stores.jsonl.alerts import AlertsJsonl

NAME: Final = "quiet"
SCORES: Final = (50, 75, 90)
"""Record scores that are counted; they promise ten, one and a tenth a day."""
ASKED: Final = 75
FEWEST, MOST = 0.5, 2.0
"""How often a day the score that is asked about may occur."""


def run_company(company: Company, seed: int, work: Path, threads: int, memory: int) -> dict[str, Any]:
    """Simulate a company that nobody attacks, backtest it without a budget, and return its figures.

    Parameters
    ----------
    company
        Its shape; what is planted in it elsewhere is not.
    seed
        Seed of the simulation.
    work
        Folder for its files; those of an earlier run with the same seed are used again.
    threads, memory
        What oddtrail may use; bytes.
    """
    began = time.monotonic()
    trail, out, days = work / "trail", work / "backtest", company.history + company.test
    if not (trail / "truth.json").is_file():  # written last
        simulate(trail, seed=seed, days=days, principals=company.principals, start=START, campaigns=None)
    test_from = datetime.combine(START, datetime.min.time(), UTC) + timedelta(days=company.history)
    settings = Settings(budget=None, geoip=GEO, threads=threads, memory=memory)
    summary = run_backtest(Backtest([trail / "AWSLogs"], test_from, out), settings)
    first = day_number(test_from.date())
    tested = range(first, first + company.test)
    raised = AlertsJsonl(out / ALERTS_FILE).latest(raised=True)
    return {
        "principals": company.principals,
        "seed": seed,
        "events": summary["events"],
        "history_days": company.history,
        "test_days": company.test,
        "reached": {str(at): counted(reaching(out / SCORES_FILE, tested, at), tested) for at in SCORES},
        "alerts": len(raised),
        "alerts_per_day": round(len(raised) / company.test, 3),
        "seconds": round(time.monotonic() - began, 1),
    }


def counted(reached: Collection[tuple[str, int]], days: range) -> dict[str, Any]:
    """Return how many principal-days there were, how many a day with the 95 % interval, and of each day.

    >>> counted({("a", 3), ("b", 3)}, range(3, 5))
    {'principal_days': 2, 'per_day': 1.0, 'low': 0.121, 'high': 3.612, 'by_day': [2, 0]}
    """
    low, high = poisson_interval(len(reached))
    return {
        "principal_days": len(reached),
        "per_day": round(len(reached) / len(days), 3),
        "low": round(low / len(days), 3),
        "high": round(high / len(days), 3),
        "by_day": [sum(day == one for _, day in reached) for one in days],
    }


def run(companies: Sequence[tuple[Company, int]], work: Path, threads: int, memory: int, name: str) -> dict[str, Any]:
    """Run companies, each with its seed; return the whole result."""
    began = heading(name, [seed for _, seed in companies])
    done = {}
    for company, seed in companies:
        done[company.name] = ran = run_company(company, seed, work / f"{company.name}-{seed}", threads, memory)
        print(json.dumps({company.name: ran}), file=sys.stderr, flush=True)
    return {**began, "companies": done}


def lost(result: Mapping[str, Any]) -> list[str]:
    """Return which companies see the score that is asked about too often or too seldom, in words."""
    return [
        f"{name} reaches {ASKED} on {by['per_day']:.2f} principal-days a day, {FEWEST} to {MOST:g} are asked"
        for name, by in ((name, company["reached"][str(ASKED)]) for name, company in result["companies"].items())
        if not FEWEST <= by["per_day"] <= MOST
    ]


def markdown(result: Mapping[str, Any]) -> str:
    """Return the result as a table."""
    lines = [
        f"# Without attacks: {result['name']}",
        "",
        f"Commit `{result['commit']}`, seeds {', '.join(str(seed) for seed in result['seeds'])}, budget off. "
        "Principal-days a day that reach a record score, with the 95 % interval of a Poisson mean; "
        f"asked of {ASKED} are {FEWEST} to {MOST:g}.",
        "",
        f"| | principals | events | days | {' | '.join(f'≥ {at}' for at in SCORES)} | alerts a day |",
        "|---|" + "---|" * (len(SCORES) + 4),
    ]
    for name, company in result["companies"].items():
        cells = [f"{by['per_day']:.2f} ({by['low']:.2f} to {by['high']:.2f})" for by in company["reached"].values()]
        lines.append(
            f"| {name} | {company['principals']} | {company['events']:,} | {company['test_days']} | "
            f"{' | '.join(cells)} | {company['alerts_per_day']:.2f} |"
        )
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 1 when a company falls outside."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--name", default=NAME, help="name of the result")
    parser.add_argument("--seeds", type=int, nargs="+", required=True, help="a seed for each company")
    parser.add_argument("--companies", nargs="+", choices=[c.name for c in SIZES], help="only these")
    parser.add_argument("--work", type=Path, help="folder for the companies' files, kept; temporary when not given")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", type=float, default=4.0, help="GB")
    given = parser.parse_args(arguments)
    if len(given.seeds) != len(SIZES):
        parser.error(f"give {len(SIZES)} seeds, one a company")
    pairs = zip(SIZES, given.seeds, strict=True)
    companies = [(company, seed) for company, seed in pairs if company.name in (given.companies or company.name)]
    with TemporaryDirectory(prefix="quiet-") as temporary:
        work = given.work or Path(temporary)
        result = run(companies, work, given.threads, int(given.memory * 1e9), given.name)
    print(markdown(result))
    publish(result, markdown(result))
    short = lost(result)
    print("\n".join(short) or "a score of 75 means what it says", file=sys.stderr)
    return 1 if short else 0


if __name__ == "__main__":
    raise SystemExit(main())
