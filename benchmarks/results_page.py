"""RESULTS.md and its plots, made of results/*.json alone: `python -m benchmarks.results_page`."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

if __package__ in (None, ""):  # run as a file
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.accuracy import tell_accuracy
from benchmarks.breakdown import share_found
from benchmarks.plot import draw_recall
from benchmarks.report import OURS, RESULTS, times

PAGE: Final = RESULTS.parent / "RESULTS.md"
Result = Mapping[str, Any]

HEAD: Final = """# Results

Made of `benchmarks/results/*.json` by `python -m benchmarks.results_page`; change no line by hand. How it is measured,
and what was fixed before any run, stands in [README.md](README.md). Where a peer finds more than oddtrail, its cell is
marked with ▲.
"""


def read_results(folder: Path = RESULTS) -> list[dict[str, Any]]:
    """Return the published results, the newest first."""
    results = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return sorted(results, key=lambda result: (str(result.get("run_at", "")), result["name"]), reverse=True)


def make_page(results: Sequence[Result]) -> str:
    """Return the page as Markdown."""
    parts = [HEAD]
    whole = [result for result in results if _is_whole(result)]
    for result in whole:
        parts.append(tell_run(result))
    for result in results:
        if "variants" in result:
            parts.append(tell_ablation(result))
        elif "histories" in result:
            parts.append(tell_poisoning(result))
    older = [result for result in results if "pooled" in result and not _is_whole(result)]
    if older:
        parts.append(tell_older(older))
    parts.append(tell_accuracy(whole))
    others = [result for result in results if "pooled" not in result and not {"variants", "histories"} & result.keys()]
    if others:
        named = ", ".join(f"[{result['name']}](results/{result['name']}.md)" for result in others)
        parts.append(f"## Other results\n\n{named}.\n")
    return "\n".join(parts)


def draw_plots(results: Iterable[Result]) -> dict[str, str]:
    """Return the plots by the name of their file."""
    return {
        f"{result['name']}-recall.svg": draw_recall(
            {
                name: {
                    detector: {float(budget): by[detector]["recall"]["recall"] for budget, by in one["budgets"].items()}
                    for detector in _shown(one)
                }
                for name, one in result["companies"].items()
            }
        )
        for result in results
        if _is_whole(result)
    }


def tell_run(result: Result) -> str:
    """Return what one run of the companies found."""
    seeds = ", ".join(str(seed) for seed in result["seeds"])
    rows = [row for company in result["companies"].values() for row in _at_own_budget(company)]
    parts = [
        f"## {result['name']}",
        "",
        f"Commit `{result['commit'][:12]}`, seeds {seeds}, {result.get('run_at', '')[:10]}.",
        "",
        f"![recall by budget](results/{result['name']}-recall.svg)",
        "",
        "### Recall by alerts a day",
        "",
        *(line for name, company in result["companies"].items() for line in _budgets(name, company)),
        tell_winners(result),
        "",
        *_skipped(result),
    ]
    for title, of in (
        ("stealth", lambda row: row["degree"]),
        ("tactic", lambda row: row["tactic"]),
        ("kind of victim", lambda row: row["victim"]),
    ):
        parts += [f"### By {title}, at each company's budget", "", *_parts(rows, of), ""]
    parts += [*_time(result), *_calibration(result), *_cost(result)]
    return "\n".join(parts)


def tell_winners(result: Result) -> str:
    """Return in words where a peer found more than oddtrail."""
    won = []
    for name, company in result["companies"].items():
        for budget, by in company["budgets"].items():
            ours = by[OURS]["recall"]["found"]
            better = {peer: one["recall"]["found"] for peer, one in by.items() if one["recall"]["found"] > ours}
            won += [f"{name} at {budget}: {peer} {found} of {by[OURS]['recall']['of']}, oddtrail {ours}"
                    for peer, found in better.items()]  # fmt: skip
    if not won:
        return "No peer found more than oddtrail in any company at any of these budgets."
    return "\n".join(["A peer found more than oddtrail here:", "", *(f"- {one}" for one in won)])


def tell_ablation(result: Result) -> str:
    """Return what each part is worth: recall without it."""
    budgets = list(next(iter(result["variants"].values()))["recall"])
    lines = [
        f"## Without one part at a time: {result['name']}",
        "",
        f"Commit `{result['commit'][:12]}`, seeds {', '.join(map(str, result['seeds']))}, {result['campaigns']} "
        f"campaigns in "
        f"{', '.join(result['companies'])}. Found at so many alerts a day; in brackets what the part is worth. "
        f"One campaign is "
        f"{100 / result['campaigns']:.1f} points, so differences of one or two say little.",
        "",
        f"| | {' | '.join(budgets)} |",
        "|---|" + "---|" * len(budgets),
    ]
    whole = result["variants"]["everything"]["recall"]
    for name, variant in result["variants"].items():
        cells = []
        for budget in budgets:
            found = variant["recall"][budget]["found"]
            worth = whole[budget]["found"] - found
            cells.append(f"{found}" if name == "everything" else f"{found} ({worth:+d})")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def tell_poisoning(result: Result) -> str:
    """Return what a poisoned history costs."""
    detectors = list(next(iter(result["histories"].values()))["detectors"])
    lines = [
        f"## Poisoned histories: {result['name']}",
        "",
        f"Commit `{result['commit'][:12]}`, seed {', '.join(map(str, result['seeds']))}: the same "
        f"{result['campaigns']} campaigns in a "
        f"company of {result['principals']}, {result['budget']:g} alerts a day, after {result['history_days']} "
        f"days of history.",
        "",
        f"| history | {' | '.join(detectors)} | planted in it |",
        "|---|" + "---|" * (len(detectors) + 1),
    ]
    for name, history in result["histories"].items():
        cells = [_share(history["detectors"][one]["found"], history["detectors"][one]["of"]) for one in detectors]
        lines.append(f"| {name} | {' | '.join(cells)} | {history['planted']} |")
    return "\n".join([*lines, ""])


def tell_older(results: Iterable[Result]) -> str:
    """Return the recalls of runs from before budgets and tactics were told."""
    lines = [
        "## Earlier runs",
        "",
        "Three companies, at two alerts a day for the small one and five for the others.",
        "",
        "| run | seeds | oddtrail | first-seen | GuardDuty-like | stealthy, oddtrail | stealthy, first-seen |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        recall = result["pooled"]["recall"]
        cells = [recall[name]["all"] for name in (OURS, "first-seen", "GuardDuty-like")]
        cells += [recall[name]["stealthy"] for name in (OURS, "first-seen")]
        told = " | ".join(_share(one["found"], one["of"]) for one in cells)
        lines.append(
            f"| [{result['name']}](results/{result['name']}.md) | {', '.join(map(str, result['seeds']))} | {told} |"
        )
    return "\n".join([*lines, ""])


def _is_whole(result: Result) -> bool:
    return "pooled" in result and all("campaign_rows" in company for company in result["companies"].values())


def _shown(company: Result) -> list[str]:
    return list(next(iter(company["budgets"].values())))


def _at_own_budget(company: Result) -> list[dict[str, Any]]:
    """The company's campaigns, with who found them at its own budget."""
    own = company["budget"]
    return [{**row, "found_by": {n for n, at in row["found"].items() if own in at}} for row in company["campaign_rows"]]


def _budgets(name: str, company: Result) -> list[str]:
    budgets = company["budgets"]
    lines = [
        f"**{name}**: {company['principals']:,} principals, {company['events']:,} events, {company['campaigns']} "
        f"campaigns.",
        "",
        f"| | {' | '.join(budgets)} |",
        "|---|" + "---|" * len(budgets),
    ]
    for detector in _shown(company):
        cells = []
        for by in budgets.values():
            one, ours = by[detector]["recall"], by[OURS]["recall"]
            cells.append(f"{one['recall']:.2f}{' ▲' if one['found'] > ours['found'] else ''}")
        lines.append(f"| {detector} | {' | '.join(cells)} |")
    return [*lines, ""]


def _parts(rows: Sequence[Mapping[str, Any]], of: Callable[[Mapping[str, Any]], str]) -> list[str]:
    detectors = [name for name in rows[0]["found"] if all(name in row["found"] for row in rows)]
    table = [{**row, "found": {name: [1.0] * (name in row["found_by"]) for name in detectors}} for row in rows]
    shares = {name: share_found(table, of, name, 1.0) for name in detectors}
    parts = list(shares[OURS])
    lines = [f"| | {' | '.join(parts)} |", "|---|" + "---|" * len(parts)]
    for name in detectors:
        cells = [
            _share(*shares[name][part]) + (" ▲" if shares[name][part][0] > shares[OURS][part][0] else "")
            for part in parts
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _share(found: int, of: int) -> str:
    return f"{found / of:.2f} ({found}/{of})" if of else "–"


def _skipped(result: Result) -> list[str]:
    told = {peer: why for company in result["companies"].values() for peer, why in company["skipped"].items()}
    return [f"Skipped: {peer}: {why}." for peer, why in told.items()] + ([""] if told else [])


def _time(result: Result) -> list[str]:
    lines = [
        "### Time to detect",
        "",
        "Minutes, over the campaigns that oddtrail found at the company's budget: until the first call was "
        "delivered, which nobody can "
        "shorten, and from then until the alert that names one of its calls.",
        "",
        "| | found | delivery, median | p90 | to the alert, median | p90 |",
        "|---|---|---|---|---|---|",
    ]
    everything: list[tuple[float, float]] = []
    for name, company in result["companies"].items():
        own = f"{company['budget']:g}"
        pairs = [
            (row["delivery_minutes"], row["minutes_from_delivery"][own])
            for row in company["campaign_rows"]
            if own in row["minutes_from_delivery"]
        ]
        everything += pairs
        lines.append(_times(name, pairs))
    return [*lines, _times("all", everything), ""]


def _times(name: str, pairs: Sequence[tuple[float, float]]) -> str:
    told = [times(values) for values in zip(*pairs, strict=True)] or [None, None]
    cells = [f"{one[key]:g}" if one else "–" for one in told for key in ("median", "p90")]
    return f"| {name} | {len(pairs)} | {' | '.join(cells)} |"


def _calibration(result: Result) -> list[str]:
    companies = result["companies"]
    budgets = list(dict.fromkeys(budget for company in companies.values() for budget in company["budgets"]))
    lines = [
        "### Calibration",
        "",
        "Alerts a day that oddtrail raised where so many were asked; and how often a day principals without an "
        "attack reached a record "
        "score, budget or not: 50, 75 and 90 promise 10, 1 and 0.1.",
        "",
        f"| | {' | '.join(f'asked {budget}' for budget in budgets)} | ≥ 50 | ≥ 75 | ≥ 90 |",
        "|---|" + "---|" * (len(budgets) + 3),
    ]
    for name, company in companies.items():
        asked = [company["budgets"].get(budget, {}).get(OURS) for budget in budgets]
        cells = [f"{one['alerts_per_day']:.2f}" if one else "–" for one in asked]
        cells += [f"{rate:.2f}" for rate in company["per_clean_day"].values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return [*lines, ""]


def _cost(result: Result) -> list[str]:
    lines = [
        "### Cost of a million events",
        "",
        "Seconds by the clock, of CPU, and memory beyond what the process held, over 28 + 28 days. Ours reads "
        "the files, trains 56 times, "
        "judges, and asks the desks of the other budgets; a peer's figure comes after the reading that all peers "
        "share. In a company of less than a million events, what any process and any night costs weighs as much as "
        "the events.",
        "",
        "| | company | seconds | CPU seconds | MB |",
        "|---|---|---|---|---|",
    ]
    for name, company in result["companies"].items():
        for detector, cost in company["cost_per_million_events"].items():
            cells = f"{cost['seconds']:.1f} | {cost['cpu_seconds']:.1f} | {cost['megabytes']:.0f}"
            lines.append(f"| {detector} | {name} | {cells} |")
    return [*lines, ""]


def write_page(folder: Path = RESULTS, page: Path = PAGE) -> None:
    """Write the page and its plots."""
    results = read_results(folder)
    page.write_text(make_page(results), encoding="utf-8")
    for name, drawn in draw_plots(results).items():
        (folder / name).write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    write_page()
