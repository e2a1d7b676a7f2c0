"""SCALE.md, made of results/scale/*.json alone: `python -m benchmarks.scale_page`.

`step.json` is what `python -m benchmarks.step_speed --json` wrote, `room.json` what `python -m benchmarks.room_speed`
did; `figures.json` holds what other benchmarks measured, each with where it stands, prices with their date, and what
is asked for.
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
    Apart,
    Memory,
    Training,
    count_events,
    count_watches,
    find_laws,
    intake_seconds,
    new_pairs,
    project_apart,
    project_memory,
    project_training,
    take,
)
from benchmarks.step_speed import judged

PAGE: Final = RESULTS.parent / "SCALE.md"
FOLDER: Final = RESULTS / "scale"
Result = Mapping[str, Any]
HOUR: Final = 3600
GB: Final = 1e9
MB: Final = 1e6

HEAD: Final = """# Scale

Made of `benchmarks/results/scale/*.json` by `python -m benchmarks.scale_page`; change no line by hand. First what was
measured, then the law that it fits, then what 100 accounts take by that law and the assumptions that are listed.
"""


def read_figures(folder: Path = FOLDER) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a step costs, and the figures of the rest."""
    names = ("step", "figures", "room")
    step, rest, room = (json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in names)
    return step, rest | {"room": room}


def make_page(step: Result, figures: Result) -> str:
    """Return the page as Markdown."""
    measured = (tell_steps(step), tell_mapped(step), tell_law(step), tell_kept(step), tell_others(figures))
    parts = [*measured, tell_room(figures["room"]), tell_demand(step, figures)]
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


def tell_mapped(step: Result) -> str:
    """Return what was measured of the same steps with room in files."""
    points = [
        (
            point["accounts"],
            f"{judged(point, 'joint'):,.0f}",
            f"{point['steps'][-1]['pairs']:,}",
            *_cost(point, "step_seconds"),
            f"{judged(point, 'step_seconds') / judged(plain, 'step_seconds'):.2f}",
            *(f"{size / MB:.1f} MB" for size in (judged(point, "step_own"), sum(point["kept_own"].values()))),
            f"{judged(plain, 'step_own') / MB:.1f} MB",
            f"{judged(point, 'files') / MB:.0f} MB",
        )
        for point, plain in zip(step["mapped"], step["points"], strict=True)
    ]
    head = ("accounts", "joint rows a day", "pairs", "step", "a row", "of that in memory")
    in_memory = ("own, in the step", "own, kept", "in memory it had", "files")
    return "\n".join(
        [
            "## The same with room in files",
            "",
            "From 64 MB on an array of a training lies in a file that is mapped, and so do a day's rows; here from",
            "64 KB on, so that at few accounts what would lie there at many does. Own is memory that only the",
            "process has (anonymous): at most in the step, above what there was before it, and what the model keeps.",
            "Pages of files the system writes out and drops as it likes. Models and scores are the same to the byte.",
            "All files fitted into memory as well here.",
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
    laws = [(titles[name], law) for name, law in find_laws(step["points"]).items()]
    laws.append(("the step with room in files", find_laws(step["mapped"])["step_seconds"]))
    for title, law in laws:
        lines.append(
            f"- {title}: {law['b']:.2f} s + {law['a'] * 1e9:.0f} ns · n · log₂ n, each point off by "
            f"{law['worst']:.0%} at most; the power of n that fits best is {law['power']:.2f}."
        )
    return "\n".join(lines)


def tell_kept(step: Result) -> str:
    """Return where memory goes, at the largest point."""
    point = step["points"][-1]
    pairs, parts, own = point["steps"][-1]["pairs"], point["kept_bytes"], step["mapped"][-1]["kept_own"]
    rows = [
        (name, f"{size / GB:.3f} GB", f"{size / pairs:.0f}", f"{left / pairs:.1f}")
        for name, size, left in [
            *sorted(((name, size, own[name]) for name, size in parts.items()), key=lambda one: -one[1]),
            ("all", sum(parts.values()), sum(own.values())),
        ]
    ]
    return "\n".join(
        [
            "## What a model keeps, measured",
            "",
            f"At {point['accounts']} accounts after {step['days']} days: {pairs:,} pairs of a principal and a value",
            f"that it ever did. The last day added {new_pairs(step):,.0f} an account.",
            "",
            *_table(("part", "memory", "bytes a pair", "with room in files, own"), rows),
        ]
    )


def tell_others(figures: Result) -> str:
    """Return what other benchmarks measured."""
    rows = [(one["what"], f"{one['value']:g} {one['unit']}", one["source"]) for one in figures["measured"].values()]
    return "\n".join(["## Measured by others", "", *_table(("what", "figure", "where it stands"), rows, left=True)])


def tell_room(room: Result) -> str:
    """Return what a step of a model that is larger than its memory took."""
    names = ("who knows what", "judging", "learning")
    rows = [
        (
            "from disk" if one["cold"] else "as the first one left them",
            *(f"{one['seconds'][name]:.1f} s" for name in names),
            f"{one['own'] / MB:.0f} MB",
            f"{one['files'] / GB:.1f} GB",
            f"{one['read'] / GB:.1f} GB",
        )
        for one in room["steps"]
    ]
    return "\n".join(
        [
            "## A model larger than the memory it may have, measured",
            "",
            f"`python -m benchmarks.room_speed`, {room['run_at']}: {room['pairs'] / 1e6:.0f} million pairs that are",
            f"made up, and two days of {room['rows']:,} tokens, judged and learnt by a process that may",
            f"have {room['limit'] / MB:.0f} MB more of its",
            "own than before (`RLIMIT_DATA`). Seconds by the clock, on a machine that others use. The first step finds",
            "nothing of the files in memory. Both have memory enough to keep them once they are read: what it costs",
            "where files do not fit, and are read again and again, is not measured.",
            "",
            *_table(("files", *names, "own, in the step", "files", "read from disk"), rows),
            "",
            *tell_bundle(room),
        ]
    )


def tell_bundle(room: Result) -> list[str]:
    """Return what a bundle of that model took."""
    rows = [
        (one["what"], f"{one['seconds']:.0f} s", *(f"{one[name] / MB:.0f} MB" for name in ("own", "kept")))
        for one in room["bundle"]
    ]
    return [
        f"Then the same process, under the same bound, publishes that model, of {room['tokens'] / 1e6:.0f} million",
        f"values and {room['principals']:,} principals, as a bundle of {room['files']} files,",
        f"{room['bytes'] / MB:,.0f} MB, lets go of it, and opens the bundle twice. Own is at most meanwhile, above",
        "what there was before, and kept what a model that was opened has of its own. Values are short here, so a",
        "bundle of real ones has more bytes, as has a part of it.",
        "",
        *_table(("bundle", "took", "own, at most", "own, kept"), rows),
    ]


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
            "\\* as long as the disk keeps up: the machine has less memory than the step and its files together.",
            "",
            tell_memory(memory, project_apart(step, asked), asked),
            "",
            *tell_training(project_training(step, figures["room"], asked), asked),
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
    apart, own = project_apart(step, asked), project_training(step, figures["room"], asked).most
    lacks = ["" if one["memory_gb"] >= (own + apart.files) / GB else " \\*" for one in machines]
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
            "a training's own memory, of the machine's",
            *(f"{own / GB:.0f} of {one['memory_gb']} GB" for one in machines),
            f"{spark['gb_a_vcpu'] * spark['vcpus']:.0f} GB for taking in",
        ),
        ("its files on disk", *(f"{apart.files / GB:.0f} GB" for _ in machines), beside),
        ("processes that a watch is shared among", *(str(count_watches(asked, got)) for _ in machines), beside),
    ]


def tell_memory(memory: Memory, apart: Apart, asked: Result) -> str:
    """Return what a step needs in memory, against what is asked."""
    return "\n".join(
        [
            f"Memory of a step: its own is {apart.own_account / MB:.1f} MB an account kept and",
            f"{apart.own_row:,.0f} bytes a joint row of the day at hand, {apart.own / GB:.1f} GB in all, with the",
            "newest words and the parts that are looked at together.",
            "",
            f"In files are {apart.file_pair:.0f} bytes a pair of {memory.pairs / 1e6:.1f} million an account after",
            f"{asked['days']} days and {apart.file_row:,.0f} a joint row: {apart.files / GB:.0f} GB of disk. As much",
            "of it as there is memory for is in memory too. Each array is copied as it grows, one at a time.",
            "",
            f"Were all of it in memory, it would be {memory.pair:.0f} bytes a pair ({memory.kept / GB:.0f} GB) and",
            f"{memory.row:,.0f} a joint row ({memory.hand / GB:.0f} GB).",
        ]
    )


def tell_training(training: Training, asked: Result) -> list[str]:
    """Return what a training needs of its own from bundle to bundle, against what is asked."""
    verdict = "kept" if training.most <= asked["most_bytes"] else "NOT kept"
    rows = [
        ("opening a bundle: the newest model's, and the gate's two, one after the other", training.opening),
        ("a step, and the newest day as the gate has it judged by each of its two", training.step),
        ("publishing", training.publishing),
    ]
    return [
        f"A training of {asked['accounts']} accounts, from bundle to bundle, has of its own at most",
        f"{training.most / GB:.1f} GB. Asked are {asked['most_bytes'] / GB:.0f} GB: {verdict}; beside it DuckDB, which",
        "makes the next day's rows, has six tenths of what the setting `memory` says, and spills. A step is projected",
        "by the law above, with what a model of as many principals keeps once it was opened. What writing and opening",
        "took of fifty million pairs is scaled by principals, which is too much, for most of it are parts that are",
        "alike for any model. That the gate works with what a step does is assumed: it judges the same rows and learns",
        "none.",
        "",
        *_table(("while", "own, projected"), [(name, f"{size / GB:.1f} GB") for name, size in rows]),
    ]


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
