"""SCALE.md, made of results/scale/*.json alone: `python -m benchmarks.scale_page`.

`step.json` is what `python -m benchmarks.step_speed --json` wrote; `figures.json` holds what other benchmarks measured,
each with where it stands, prices with their date, and what is asked for.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

if __package__ in (None, ""):  # run as a file
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.report import RESULTS
from benchmarks.scale_model import (
    Memory,
    count_events,
    count_watches,
    find_laws,
    intake_seconds,
    new_pairs,
    project_memory,
    take,
)
from benchmarks.step_speed import judged

PAGE: Final = RESULTS.parent / "SCALE.md"
FOLDER: Final = RESULTS / "scale"
Result = Mapping[str, Any]
HOUR: Final = 3600
GB: Final = 1e9

HEAD: Final = """# Scale

Made of `benchmarks/results/scale/*.json` by `python -m benchmarks.scale_page`; change no line by hand. First what was
measured, then the law that it fits, then what 100 accounts take by that law and the assumptions that are listed.
"""


def read_figures(folder: Path = FOLDER) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a step costs, and the figures of the rest."""
    step, rest = (json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in ("step", "figures"))
    return step, rest


def make_page(step: Result, figures: Result) -> str:
    """Return the page as Markdown."""
    parts = [tell_steps(step), tell_law(step), tell_kept(step), tell_others(figures), tell_demand(step, figures)]
    return "\n\n".join([HEAD.rstrip(), *parts]) + "\n"


def tell_steps(step: Result) -> str:
    """Return what was measured of steps."""
    points = [
        (
            point["accounts"],
            f"{point['principals']:,}",
            *(f"{judged(point, name):,.0f}" for name in ("joint", "tokens")),
            *_cost(point, "step_seconds"),
            *_cost(point, "sql_seconds"),
            *(f"{size / GB:.2f} GB" for size in (_at_hand(point), point["peak_bytes"])),
        )
        for point in step["points"]
    ]
    head = ("accounts", "principals", "joint rows a day", "tokens a day", "step", "a row", "its rows", "a row")
    in_memory = ("at hand", "process")
    return "\n".join(
        [
            "## A step from one day to the next, measured",
            "",
            f"`python -m benchmarks.step_speed`, {step['run_at']}: {step['principals']:,} principals an account and",
            f"{step['days']} days. A week is learnt, and the days after it are judged; told is their mean. One thread,",
            "seconds of CPU. DuckDB makes a day's rows of activity; the step codes, judges and learns them. At hand",
            "are a day's rows and what the step works with; the process is all that it ever had, DuckDB's buffers",
            "included.",
            "",
            *_table([*head, *in_memory], points),
        ]
    )


def _at_hand(point: Result) -> float:
    return judged(point, "rows_bytes") + judged(point, "step_bytes")


def _cost(point: Result, name: str) -> tuple[str, str]:
    seconds = judged(point, name)
    return f"{seconds:.1f} s", f"{seconds / judged(point, 'joint') * 1e6:.1f} µs"


def tell_law(step: Result) -> str:
    """Return the law that the steps fit."""
    lines = ["## The law", "", "With n joint rows a day:", ""]
    titles = {"step_seconds": "the step", "sql_seconds": "making its rows"}
    for name, law in find_laws(step["points"]).items():
        lines.append(
            f"- {titles[name]}: {law['b']:.2f} s + {law['a'] * 1e9:.0f} ns · n · log₂ n, each point off by "
            f"{law['worst']:.0%} at most; the power of n that fits best is {law['power']:.2f}."
        )
    return "\n".join(lines)


def tell_kept(step: Result) -> str:
    """Return where memory goes, at the largest point."""
    point = step["points"][-1]
    pairs, parts = point["steps"][-1]["pairs"], point["kept_bytes"]
    rows = [
        (name, f"{size / GB:.3f} GB", f"{size / pairs:.0f}")
        for name, size in [*sorted(parts.items(), key=lambda one: -one[1]), ("all", sum(parts.values()))]
    ]
    return "\n".join(
        [
            "## What a model keeps, measured",
            "",
            f"At {point['accounts']} accounts after {step['days']} days: {pairs:,} pairs of a principal and a value",
            f"that it ever did. The last day added {new_pairs(step):,.0f} an account.",
            "",
            *_table(("part", "memory", "bytes a pair"), rows),
        ]
    )


def tell_others(figures: Result) -> str:
    """Return what other benchmarks measured."""
    rows = [(one["what"], f"{one['value']:g} {one['unit']}", one["source"]) for one in figures["measured"].values()]
    return "\n".join(["## Measured by others", "", *_table(("what", "figure", "where it stands"), rows, left=True)])


def tell_demand(step: Result, figures: Result) -> str:
    """Return what the accounts that are asked for take."""
    asked, got, prices = figures["asked"], figures["measured"], figures["prices"]
    memory, events = project_memory(step, asked), count_events(asked)
    rows = asked["accounts"] * asked["joint_rows"]
    places = "; ".join(f"{one['what']} {one['price_hour']:g} $ an hour" for one in figures["machines"])
    return "\n".join(
        [
            f"## {asked['accounts']} accounts × {asked['days']} days",
            "",
            f"{asked['calls'] / 1e6:.0f} million calls and {asked['joint_rows']:,} joint rows an account and day make",
            f"{events / 1e9:.0f} billion events, {events * intake_seconds(got) / HOUR:,.0f} hours of a core until they",
            f"are activity, and {rows / 1e6:.0f} million joint rows for each step.",
            "",
            *_table(("", *(one["name"] for one in figures["machines"]), "Spark"), _demanded(step, figures)),
            "",
            "\\* were there memory for it: the machine has less than a step needs.",
            "",
            tell_memory(memory, asked),
            "",
            "Assumed:",
            "",
            *(f"- {one}" for one in figures["assumed"]),
            f"- Prices are inputs ({prices['source']}, {prices['date']}): {places}; EMR Serverless",
            f"  {prices['emr_vcpu_hour']:g} $ a vCPU-hour and {prices['emr_gb_hour']:g} $ a GB-hour.",
            "",
            "Open:",
            "",
            *(f"- {one}" for one in figures["open"]),
        ]
    )


def _demanded(step: Result, figures: Result) -> list[tuple[str, ...]]:
    """Rows of the table: each machine, and Spark."""
    asked, got, machines = figures["asked"], figures["measured"], figures["machines"]
    taken = [take(one["cores"], step, asked, got) for one in machines]
    prices = [one["price_hour"] / HOUR for one in machines]
    spark, of_spark = figures["spark"], figures["prices"]
    seconds = count_events(asked) * got["spark"]["value"] / 1e6 / spark["vcpus"]
    rate = spark["vcpus"] * (of_spark["emr_vcpu_hour"] + spark["gb_a_vcpu"] * of_spark["emr_gb_hour"]) / HOUR
    gigabytes = project_memory(step, asked).total / GB
    lacks = ["" if one["memory_gb"] >= gigabytes else " \\*" for one in machines]
    beside = "one process, as beside"
    return [
        ("taking in, and its activity", *(_hours(one.intake) for one in taken), _hours(seconds)),
        (
            "what that costs",
            *(_dollars(one.intake * price) for one, price in zip(taken, prices, strict=True)),
            _dollars(seconds * rate),
        ),
        (
            "a night: one step",
            *(_hours(one.night) + mark for one, mark in zip(taken, lacks, strict=True)),
            beside,
        ),
        (
            f"training from scratch: {asked['days']} steps",
            *(_hours(one.scratch) + mark for one, mark in zip(taken, lacks, strict=True)),
            beside,
        ),
        (
            "what that costs",
            *(_dollars(t.scratch * price) + mark for t, price, mark in zip(taken, prices, lacks, strict=True)),
            beside,
        ),
        (
            "memory of a step, of the machine's",
            *(f"{gigabytes:.0f} of {one['memory_gb']} GB" for one in machines),
            f"{spark['gb_a_vcpu'] * spark['vcpus']:.0f} GB for taking in",
        ),
        ("processes that a watch is shared among", *(str(count_watches(asked, got)) for _ in machines), beside),
    ]


def tell_memory(memory: Memory, asked: Result) -> str:
    """Return what a step needs in memory, against what is asked."""
    fit = int(asked["accounts"] * asked["most_bytes"] / memory.total)
    verdict = "kept" if memory.total <= asked["most_bytes"] else "NOT kept"
    return "\n".join(
        [
            f"Memory of a step: {memory.pair:.0f} bytes a pair of {memory.pairs / 1e6:.1f} million an account after",
            f"{asked['days']} days ({memory.kept / GB:.0f} GB in all), and {memory.row:,.0f} bytes a joint row of the",
            f"day at hand ({memory.hand / GB:.0f} GB). Asked are {asked['most_bytes'] / GB:.0f} GB at",
            f"{asked['accounts']} accounts: {verdict}; {fit} such accounts fit one process within them.",
        ]
    )


def _table(head: Iterable[Any], rows: Iterable[Iterable[Any]], *, left: bool = False) -> list[str]:
    names = tuple(head)
    align = "|---|" + ("---|" if left else "---:|") * (len(names) - 1)
    first, *rest = [f"| {' | '.join(map(str, row))} |" for row in (names, *rows)]
    return [first, align, *rest]


def _hours(seconds: float) -> str:
    if seconds < HOUR:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / HOUR:,.0f} h" if seconds >= 10 * HOUR else f"{seconds / HOUR:.1f} h"


def _dollars(amount: float) -> str:
    return f"{amount:,.0f} $" if amount >= 10 else f"{amount:.2f} $"


def main() -> int:
    """Write the page."""
    PAGE.write_text(make_page(*read_figures()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
