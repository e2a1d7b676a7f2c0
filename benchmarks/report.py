"""The benchmark's result as JSON and as a table for readers."""

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

from benchmarks.campaigns import Campaign
from benchmarks.judge import Judged
from benchmarks.metrics import Recall, lead, recall_by, to_dict

OURS = "oddtrail"
PARTS = ("all", "loud", "medium", "stealthy", "simulator", "recording")
RESULTS: Final = Path(__file__).resolve().parent / "results"


def commit() -> str:
    """Return the id of the commit that is run, with `+` when the tree holds changes to code."""
    root = Path(__file__).resolve().parent

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True).stdout.strip()

    changed = git(
        "status",
        "--porcelain",
        "--untracked-files=no",
        "--",
        ":/features",
        ":/models",
        ":/pipeline",
        ":/benchmarks/*.py",
    )
    return (git("rev-parse", "HEAD") or "unknown") + ("+" if changed else "")


def heading(name: str, seeds: Sequence[int]) -> dict[str, Any]:
    """Return what every result begins with: its name, the commit that is run, when, and the seeds."""
    return {
        "name": name,
        "commit": commit(),
        "run_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}",
        "seeds": list(seeds),
    }


def publish(result: Mapping[str, Any], text: str, folder: Path = RESULTS) -> None:
    """Write a result as JSON, and for readers as Markdown, by its name."""
    folder.mkdir(exist_ok=True)
    (folder / f"{result['name']}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (folder / f"{result['name']}.md").write_text(text, encoding="utf-8")


def company_result(
    campaigns: Sequence[Campaign], judged: Mapping[str, Judged], days: int, budget: float
) -> dict[str, Any]:
    """Return one company's figures: for each detector its recalls, alerts a day and time to detect."""
    detectors = {}
    for name, result in judged.items():
        detectors[name] = {
            "recall": to_dict(recall_by(campaigns, result.found)),
            "alerts_per_day": round(result.alerts / days, 3),
            "within_budget": result.alerts <= 1.25 * budget * days,
            "minutes_to_detect_median": round(median(result.minutes.values()), 1) if result.minutes else None,
            "minutes_from_delivery": times(result.waited.values()),
            "missed": sorted(f"{c.degree} {c.technique}" for c in campaigns if c.id not in result.found),
        }
    return {"budget": budget, "test_days": days, "campaigns": len(campaigns), "detectors": detectors}


def times(minutes: Iterable[float]) -> dict[str, float] | None:
    """Return median and 90th percentile of some minutes; none where there are none.

    >>> times([1, 2, 3, 4, 100])
    {'median': 3.0, 'p90': 61.6}
    """
    values = np.array(list(minutes), dtype=float)
    if not len(values):
        return None
    return {"median": round(float(np.median(values)), 1), "p90": round(float(np.quantile(values, 0.9)), 1)}


def pooled_result(campaigns: Sequence[Campaign], judged: Mapping[str, Judged]) -> dict[str, Any]:
    """Return the figures over all companies, and oddtrail's lead over each peer."""
    recalls = {name: to_dict(recall_by(campaigns, result.found)) for name, result in judged.items()}
    ours = judged[OURS].found
    leads = {name: lead(campaigns, ours, result.found).to_dict() for name, result in judged.items() if name != OURS}
    return {"campaigns": len(campaigns), "recall": recalls, "lead": leads}


def pool(results: Sequence[Mapping[str, Judged]]) -> dict[str, Judged]:
    """Return each detector's result over several companies; ids of campaigns are unique over companies."""
    pooled: dict[str, Judged] = {}
    for result in results:
        for name, judged in result.items():
            total = pooled.setdefault(name, Judged())
            total.found |= judged.found
            total.alerts += judged.alerts
            total.minutes |= judged.minutes
            total.waited |= judged.waited
    return pooled


def markdown(result: Mapping[str, Any]) -> str:
    """Return the result as tables."""
    lines = [
        f"# Detection benchmark: {result['name']}",
        "",
        f"Commit `{result['commit']}`, seeds {', '.join(str(seed) for seed in result['seeds'])}. "
        "Recall of planted campaigns at the budget; found / planted.",
        "",
    ]
    for title, company in result["companies"].items():
        lines += [
            f"## {title}",
            "",
            f"{company['principals']} principals, {company['events']:,} events, {company['budget']:g} alerts a day, "
            f"{company['history_days']} days of history and {company['test_days']} of test.",
            "",
            *_table({name: d["recall"] for name, d in company["detectors"].items()}, company["detectors"]),
            "",
            *_by_budget(company.get("budgets", {})),
            *_by_time(company["detectors"].get(OURS, {}).get("minutes_from_delivery")),
            *_by_cause(company.get("raised_wrongly", {})),
        ]
    pooled = result["pooled"]
    lines += ["## All companies", "", *_table(pooled["recall"], {}), ""]
    lines += ["| oddtrail's lead over | points | 95 % | needed | won |", "|---|---|---|---|---|"]
    for name, by in pooled["lead"].items():
        lines.append(
            f"| {name} | {100 * by['difference']:.1f} | {100 * by['low']:.1f} to {100 * by['high']:.1f} | "
            f"{100 * by['needed']:.1f} | {'yes' if by['won'] else 'no'} |"
        )
    return "\n".join(lines) + "\n"


def _table(recalls: Mapping[str, Any], detectors: Mapping[str, Any]) -> list[str]:
    cost = " alerts a day |" if detectors else ""
    lines = [f"| | {' | '.join(PARTS)} |{cost}", "|---|" + "---|" * (len(PARTS) + bool(detectors))]
    for name, by in recalls.items():
        cells = [_cell(Recall(by[part]["found"], by[part]["of"])) for part in PARTS]
        realised = f" {detectors[name]['alerts_per_day']:.2f} |" if detectors else ""
        lines.append(f"| {name} | {' | '.join(cells)} |{realised}")
    return lines


def _by_budget(budgets: Mapping[str, Any]) -> list[str]:
    """Recall at each budget, and for ours the alerts a day that it realised."""
    if not budgets:
        return []
    lines = [f"| recall at alerts a day | {' | '.join(budgets)} |", "|---|" + "---|" * len(budgets)]
    for name in next(iter(budgets.values())):
        cells = [f"{by[name]['recall']['recall']:.2f}" for by in budgets.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    realised = [f"{by[OURS]['alerts_per_day']:.2f}" for by in budgets.values()]
    return [*lines, f"| {OURS}'s alerts a day | {' | '.join(realised)} |", ""]


def _by_time(minutes: Mapping[str, float] | None) -> list[str]:
    if not minutes:
        return []
    told = f"median {minutes['median']:g}, 90th percentile {minutes['p90']:g}"
    return [f"Minutes from the delivery of a found campaign's first call to the alert that names it: {told}.", ""]


def _by_cause(causes: Mapping[str, int]) -> list[str]:
    """What happened at the time of alerts that tell of no attack."""
    if not causes:
        return []
    told = ", ".join(f"{cause} {number}" for cause, number in causes.items())
    return [f"Alerts of {OURS}'s that tell of no attack, by what happened to their principal then: {told}.", ""]


def _cell(part: Recall) -> str:
    return f"{part.share:.2f} ({part.found}/{part.of})" if part.of else "–"
