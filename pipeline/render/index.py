"""What indexing did, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipeline.documents.document import is_quarantine
from pipeline.render.console import print_whole
from pipeline.render.inert_text import inert_text
from pipeline.render.ingest import say_read
from pipeline.words.words import ENGLISH, Words

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.ingest.report import IngestReport


def show_indexed(console: Console, told: Mapping[str, Any], report: IngestReport, words: Words = ENGLISH) -> None:
    """Print what became of records, and how to look at them.

    Parameters
    ----------
    told
        The document of `oddtrail index`.
    """
    console.print(say_read(report.records, report.files, report.seconds, words))
    names = [name for name in told["by_index"] if not is_quarantine(name)]
    if len(names) > 1:
        indexed = words.say("indexed in {first} to {last}", first=names[0], last=names[-1])
    else:
        indexed = words.say("indexed in {name}", name=names[0]) if names else words.say("indexed")
    console.print(inert_text(f"  {told['indexed']:>12,}  {indexed}"))
    counts = {
        words.say("there already"): told["duplicates"],
        words.say("in {name}: their time cannot be believed", name=f"{told['prefix']}-quarantine"): told["quarantined"],
        words.say("dead letters: `oddtrail dead-letters list` says why"): told["dead_letters"],
        words.say("only counted: no records, in files with hundreds of such"): told["only_counted"],
        **{words.say("not events: {name}", name=name): count for name, count in report.other.items()},
    }
    for what, count in counts.items():
        if count:
            console.print(inert_text(f"  {count:>12,}  {what}"))
    if told["repaired"]:
        repaired = words.say_many(
            told["repaired"],
            "Of these, {n} was refused at first and is there without what was refused.",
            "Of these, {n} were refused at first and are there without what was refused.",
        )
        console.print(repaired)
    if report.skipped_files:
        known = words.say_many(report.skipped_files, "{n} file", "{n} files")
        console.print(words.say("Indexed already and skipped: {files}; --again sends them again.", files=known))
    if report.not_logs:
        others = words.say_many(report.not_logs, "{n} file", "{n} files")
        console.print(words.say("No CloudTrail log and passed over: {files}.", files=others))
    if told["indexed"]:
        query = f"curl '{told['to']}/{told['prefix']}-*/_search?q=event.outcome:failure&size=1&pretty'"
        print_whole(console, words.say("Look: {command}", command=query))
    for line in told["attribution"]:
        console.print(line, style="dim")
