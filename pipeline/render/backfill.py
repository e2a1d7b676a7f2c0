"""What a backfill did, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.render.ingest import say_passed_over
from pipeline.text.inert import inert
from pipeline.text.plural import plural

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.spark.backfill import BackfillReport


def show_report(console: Console, report: BackfillReport, out: str, attribution: Sequence[str]) -> None:
    """Print what a backfill did."""
    totals = report.totals
    read = f"{plural(totals.records, 'record')} of {plural(totals.files, 'file')} read"
    console.print(f"{read} in {report.seconds:.1f} s; {plural(report.calls, 'call')} counted.")
    console.print(_say_written(report, out), markup=False, highlight=False)
    if totals.set_aside:
        reasons = "; ".join(inert(reason, longest=200) for reason, _ in totals.reasons.most_common(3))
        console.print(f"Set aside: {plural(totals.set_aside, 'record')} ({reasons}).", markup=False, highlight=False)
    if totals.other:
        console.print(f"No events: {plural(totals.other, 'record')}.")
    if totals.copies:
        console.print(f"Copies of other files, passed over: {plural(totals.copies, 'file')}.")
    if totals.passed_over:
        told = say_passed_over(dict(totals.passed_over))
        console.print(f"Passed over: {told}.", markup=False, highlight=False)
    for line in attribution:
        console.print(line, style="dim", markup=False, highlight=False)


def _say_written(report: BackfillReport, out: str) -> str:
    written = plural(len(report.written), "account-day")
    others = plural(report.account_days - len(report.written) - len(report.kept), "other")
    there = "" if others.startswith("0 ") else f"; {others} there already"
    return f"{written} written to {inert(out)}{there}."
