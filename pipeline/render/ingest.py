"""What an ingestion did, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from pipeline.render.note_words import tell_note
from pipeline.text.inert import inert
from pipeline.words.words import ENGLISH, Words

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.ingest.report import IngestReport
    from pipeline.sources.index.listing import IndexListing
    from pipeline.sources.queue import Tally
    from pipeline.watch.tell import Integrity

_REASONS: Final = 3
"""Reasons that a line names."""
_UNREADABLE: Final = frozenset({"truncated", "damaged"})


def say_nothing_found(paths: Sequence[str], report: IngestReport, words: Words = ENGLISH) -> str:
    """The line that says what was found where no event was, and what to do.

    >>> from pipeline.ingest.report import IngestReport
    >>> say_nothing_found(["trail/"], IngestReport(not_logs=3))
    "no CloudTrail log file is in 'trail/', only 3 other files: give the folder that holds AWSLogs"
    >>> say_nothing_found(["x.json"], IngestReport(files=1, passed_over={"OCSF": 1}))[:61]
    "nothing was stored from 'x.json', which holds 1 file of OCSF:"
    """
    where = ", ".join(f"'{path}'" for path in paths[:3])
    if len(paths) > 3:
        where = words.say("{name} and {of} more", name=where, of=len(paths) - 3)
    others = words.say_many(report.not_logs, "{n} other file", "{n} other files") if report.not_logs else ""
    if not report.files + report.skipped_files + len(report.passed_over):
        if not others:
            return words.say("no CloudTrail log file is in {where}: give the folder that holds AWSLogs", where=where)
        return words.say(
            "no CloudTrail log file is in {where}, only {others}: give the folder that holds AWSLogs",
            where=where,
            others=others,
        )
    reasons = [inert(reason, longest=200) for reason in sorted(report.reasons, key=lambda name: -report.reasons[name])]
    found = [
        *([say_passed_over(report.passed_over, words)] if report.passed_over else []),
        *(_say_other(name, count, words) for name, count in report.other.items()),
        *([_say_set_aside(report.set_aside, reasons, words)] if reasons else []),
        *([_say_barren(report.barren_files, words)] if report.barren_files else []),
        *([others] if others else []),
    ]
    held = ", ".join(found) or words.say("no record")
    what = words.say("nothing was stored from {where}, which holds {found}", where=where, found=held)
    return _advise(what, reasons, report, words)


def _advise(what: str, reasons: Sequence[str], report: IngestReport, words: Words) -> str:
    if reasons and all(_UNREADABLE & set(reason.replace(":", "").split()) for reason in reasons):
        return words.say("{what}: fetch it again", what=what)
    if reasons and all(": " in reason for reason in reasons):
        return words.say("{what}; what the reason says is what to do", what=what)
    if report.passed_over and all("archive" in name for name in report.passed_over):
        return words.say("{what}: unpack it and give what is in it", what=what)
    return words.say(
        "{what}: give CloudTrail's log files, which lie below AWSLogs/ACCOUNT/CloudTrail/ in the trail's bucket",
        what=what,
    )


def say_passed_over(passed_over: Mapping[str, int], words: Words = ENGLISH) -> str:
    """Files that are something else, by what they are.

    >>> say_passed_over({"AWS Config": 3, "VPC flow logs": 2})
    '3 files of AWS Config, 2 of VPC flow logs'
    """
    [(first, count), *rest] = passed_over.items()
    told = [words.say_many(count, "{n} file of {kind}", "{n} files of {kind}", kind=first)]
    return ", ".join(
        [*told, *(words.say_many(count, "{n} of {kind}", "{n} of {kind}", kind=kind) for kind, count in rest)]
    )


def _say_other(name: str, count: int, words: Words) -> str:
    if name == "empty file":
        return words.say_many(count, "{n} empty file", "{n} empty files")
    return words.say_many(count, "{n} record counted as '{name}'", "{n} records counted as '{name}'", name=name)


def _say_set_aside(count: int, reasons: Sequence[str], words: Words) -> str:
    why = "; ".join(reasons[:_REASONS])
    return words.say_many(count, "{n} record set aside ({why})", "{n} records set aside ({why})", why=why)


def _say_barren(count: int, words: Words) -> str:
    return words.say_many(count, "{n} file read before without any event", "{n} files read before without any event")


def say_read(records: int, files: int, seconds: float, words: Words) -> str:
    """How much was read, and how fast."""
    return words.say(
        "{records} of {files} in {seconds} s ({rate} a second)",
        records=words.say_many(records, "{n} record", "{n} records"),
        files=words.say_many(files, "{n} file", "{n} files"),
        seconds=f"{seconds:.1f}",
        rate=f"{records / seconds if seconds else 0:,.0f}",
    )


def show_report(console: Console, report: IngestReport, attribution: Sequence[str], words: Words = ENGLISH) -> None:
    """Print what an ingestion did."""
    console.print(say_read(report.records, report.files, report.seconds, words))
    console.print(f"  {report.stored:>12,}  {words.say('stored')}")
    counts = {
        words.say("duplicates"): report.duplicates,
        words.say("set aside: `oddtrail doctor` says whose"): report.set_aside,
        **{words.say("not events: {name}", name=name): count for name, count in report.other.items()},
    }
    for what, count in counts.items():
        if count:
            console.print(f"  {count:>12,}  {what}")
    if report.repaired:
        repaired = words.say_many(
            report.repaired,
            "Of these, {n} was malformed and could be read all the same; it is scored.",
            "Of these, {n} were malformed and could be read all the same; they are scored.",
        )
        console.print(repaired)
    if report.passed_over:
        console.print(words.say("Passed over: {files}.", files=say_passed_over(report.passed_over, words)))
    if report.skipped_files:
        known = words.say_many(report.skipped_files, "{n} file", "{n} files")
        console.print(words.say("Known already and skipped: {files}.", files=known))
    if report.not_logs:
        others = words.say_many(report.not_logs, "{n} other file", "{n} other files")
        console.print(words.say("No log and passed over: {files}.", files=others))
    for line in attribution:
        console.print(line, style="dim")


def show_queues(console: Console, queues: Mapping[str, Tally], words: Words = ENGLISH) -> None:
    """Print what became of queues' messages."""
    for address, tally in queues.items():
        told = [
            words.say_many(tally.received, "{n} message received", "{n} messages received"),
            words.say_many(tally.acknowledged, "{n} done and deleted", "{n} done and deleted"),
        ]
        if tally.left:
            reasons = "; ".join(inert(reason, longest=200) for reason, _ in tally.reasons.most_common(_REASONS))
            left = words.say_many(
                tally.left,
                "{n} left for the queue's redrive ({why})",
                "{n} left for the queue's redrive ({why})",
                why=reasons,
            )
            told.append(left)
        if tally.gone:
            told.append(words.say_many(tally.gone, "{n} object not there any more", "{n} objects not there any more"))
        if tally.full:
            told.append(words.say("more may wait: run again"))
        console.print(f"{address}: {', '.join(told)}.", markup=False, highlight=False)


def show_indices(console: Console, indices: Mapping[str, IndexListing], words: Words = ENGLISH) -> None:
    """Print what became of indices' documents."""
    for address, index in indices.items():
        kinds = ", ".join(f"{name}: {count:,}" for name, count in index.kinds.items())
        read = words.say_many(index.documents, "{n} new document read", "{n} new documents read")
        told = [f"{read} ({kinds})" if kinds else read]
        told += [
            words.say_many(count, "{n} {kind} passed over", "{n} {kind} passed over", kind=name)
            for name, count in index.passed_over.items()
        ]
        console.print(f"{address}: {', '.join(told)}.", markup=False, highlight=False)
        for note in index.notes:
            console.print(f"  {tell_note(note, words)}", markup=False, highlight=False)


def show_integrity(console: Console, integrity: Integrity, words: Words = ENGLISH) -> None:
    """Print how what came stands against CloudTrail's digests; what was found is told beside it."""
    if not integrity.digests:
        return
    found = len(integrity.found)
    said = words.say(
        "Held against {digests} of CloudTrail ({verified}): {found}.",
        digests=words.say_many(integrity.digests, "{n} digest", "{n} digests"),
        verified=words.say_many(integrity.verified, "{n} verified", "{n} verified")
        if integrity.verified
        else words.say("unsigned: hashes only"),
        found=words.say_many(found, "{n} finding", "{n} findings")
        if found
        else words.say("nothing missing or changed"),
    )
    console.print(said, highlight=False)
