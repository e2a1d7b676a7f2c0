"""What a backfill did, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.render.ingest import say_passed_over
from pipeline.text.inert import inert
from pipeline.words.words import ENGLISH, Words

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.spark.report import BackfillReport


def show_report(
    console: Console, report: BackfillReport, out: str, attribution: Sequence[str], words: Words = ENGLISH
) -> None:
    """Print what a backfill did."""
    totals = report.totals
    read = words.say(
        "{records} of {files} read in {seconds} s; {calls} counted.",
        records=words.say_many(totals.records, "{n} record", "{n} records"),
        files=words.say_many(totals.files, "{n} file", "{n} files"),
        seconds=f"{report.seconds:.1f}",
        calls=words.say_many(report.calls, "{n} call", "{n} calls"),
    )
    console.print(read)
    console.print(_say_written(report, out, words), markup=False, highlight=False)
    if totals.set_aside:
        reasons = "; ".join(inert(reason, longest=200) for reason, _ in totals.reasons.most_common(3))
        aside = words.say_many(
            totals.set_aside,
            "Set aside: {n} record ({why}).",
            "Set aside: {n} records ({why}).",
            why=reasons,
        )
        console.print(aside, markup=False, highlight=False)
    if totals.other:
        console.print(words.say_many(totals.other, "No events: {n} record.", "No events: {n} records."))
    if totals.copies:
        copies = words.say_many(
            totals.copies,
            "Copies of other files, passed over: {n} file.",
            "Copies of other files, passed over: {n} files.",
        )
        console.print(copies)
    if totals.passed_over:
        told = words.say("Passed over: {files}.", files=say_passed_over(dict(totals.passed_over), words))
        console.print(told, markup=False, highlight=False)
    for line in attribution:
        console.print(line, style="dim", markup=False, highlight=False)


def _say_written(report: BackfillReport, out: str, words: Words) -> str:
    written = words.say_many(
        len(report.written),
        "{n} account-day written to {place}",
        "{n} account-days written to {place}",
        place=inert(out),
    )
    others = report.account_days - len(report.written) - len(report.kept)
    if not others:
        return f"{written}."
    there = words.say_many(others, "{n} other there already", "{n} others there already")
    return f"{written}; {there}."
