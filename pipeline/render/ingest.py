"""What an ingestion did, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from pipeline.text.inert import inert
from pipeline.text.plural import plural

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.ingest.report import IngestReport
    from pipeline.sources.index.listing import IndexListing
    from pipeline.sources.queue import Tally
    from pipeline.watch.tell import Integrity

_REASONS: Final = 3
"""Reasons that a line names."""
_UNREADABLE: Final = frozenset({"truncated", "damaged"})
_WHERE_LOGS_LIE: Final = (
    "give CloudTrail's log files, which lie below AWSLogs/ACCOUNT/CloudTrail/ in the trail's bucket"
)


def say_nothing_found(paths: Sequence[str], report: IngestReport) -> str:
    """The line that says what was found where no event was, and what to do.

    >>> from pipeline.ingest.report import IngestReport
    >>> say_nothing_found(["trail/"], IngestReport(not_logs=3))
    "no CloudTrail log file is in 'trail/', only 3 other files: give the folder that holds AWSLogs"
    >>> say_nothing_found(["x.json"], IngestReport(files=1, passed_over={"OCSF": 1}))[:61]
    "nothing was stored from 'x.json', which holds 1 file of OCSF:"
    """
    where = ", ".join(f"'{path}'" for path in paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
    others = plural(report.not_logs, "other file") if report.not_logs else ""
    if not report.files + report.skipped_files + len(report.passed_over):
        only = f", only {others}" if others else ""
        return f"no CloudTrail log file is in {where}{only}: give the folder that holds AWSLogs"
    reasons = [inert(reason, longest=200) for reason in sorted(report.reasons, key=lambda name: -report.reasons[name])]
    found = [
        *([say_passed_over(report.passed_over)] if report.passed_over else []),
        *(_say_other(name, count) for name, count in report.other.items()),
        *([f"{plural(report.set_aside, 'record')} set aside ({'; '.join(reasons[:_REASONS])})"] if reasons else []),
        *([f"{plural(report.barren_files, 'file')} read before without any event"] if report.barren_files else []),
        *([others] if others else []),
    ]
    return f"nothing was stored from {where}, which holds {', '.join(found) or 'no record'}{_advise(reasons, report)}"


def _advise(reasons: Sequence[str], report: IngestReport) -> str:
    if reasons and all(_UNREADABLE & set(reason.replace(":", "").split()) for reason in reasons):
        return ": fetch it again"
    if reasons and all(": " in reason for reason in reasons):
        return "; what the reason says is what to do"
    if report.passed_over and all("archive" in name for name in report.passed_over):
        return ": unpack it and give what is in it"
    return f": {_WHERE_LOGS_LIE}"


def say_passed_over(passed_over: dict[str, int]) -> str:
    """Files that are something else, by what they are.

    >>> say_passed_over({"AWS Config": 3, "VPC flow logs": 2})
    '3 files of AWS Config, 2 of VPC flow logs'
    """
    [(first, count), *rest] = passed_over.items()
    return ", ".join([f"{plural(count, 'file')} of {first}", *(f"{count:,} of {name}" for name, count in rest)])


def _say_other(name: str, count: int) -> str:
    return plural(count, name) if name.endswith("file") else f"{plural(count, 'record')} counted as '{name}'"


def show_report(console: Console, report: IngestReport, attribution: Sequence[str]) -> None:
    """Print what an ingestion did."""
    rate = report.records / report.seconds if report.seconds else 0
    read = f"{plural(report.records, 'record')} of {plural(report.files, 'file')}"
    console.print(f"{read} in {report.seconds:.1f} s ({rate:,.0f} a second)")
    counts = {
        "stored": report.stored,
        "duplicates": report.duplicates,
        "set aside: `oddtrail doctor` says whose": report.set_aside,
        **{f"not events: {name}": count for name, count in report.other.items()},
    }
    for what, count in counts.items():
        if count or what == "stored":
            console.print(f"  {count:>12,}  {what}")
    if report.repaired:
        console.print(f"Of these, {report.repaired:,} were malformed and could be read all the same; they are scored.")
    if report.passed_over:
        console.print(f"Passed over: {say_passed_over(report.passed_over)}.")
    if report.skipped_files:
        console.print(f"Known already and skipped: {plural(report.skipped_files, 'file')}.")
    if report.not_logs:
        console.print(f"No log and passed over: {plural(report.not_logs, 'other file')}.")
    for line in attribution:
        console.print(line, style="dim")


def show_queues(console: Console, queues: Mapping[str, Tally]) -> None:
    """Print what became of queues' messages."""
    for address, tally in queues.items():
        told = [f"{plural(tally.received, 'message')} received", f"{tally.acknowledged:,} done and deleted"]
        if tally.left:
            reasons = "; ".join(inert(reason, longest=200) for reason, _ in tally.reasons.most_common(_REASONS))
            told.append(f"{tally.left:,} left for the queue's redrive ({reasons})")
        if tally.gone:
            told.append(f"{plural(tally.gone, 'object')} not there any more")
        if tally.full:
            told.append("more may wait: run again")
        console.print(f"{address}: {', '.join(told)}.", markup=False, highlight=False)


def show_indices(console: Console, indices: Mapping[str, IndexListing]) -> None:
    """Print what became of indices' documents."""
    for address, index in indices.items():
        kinds = ", ".join(f"{name}: {count:,}" for name, count in index.kinds.items())
        told = [f"{plural(index.documents, 'new document')} read" + (f" ({kinds})" if kinds else "")]
        told += [f"{count:,} {name} passed over" for name, count in index.passed_over.items()]
        console.print(f"{address}: {', '.join(told)}.", markup=False, highlight=False)
        for note in index.notes:
            console.print(f"  {note}", markup=False, highlight=False)


def show_integrity(console: Console, integrity: Integrity) -> None:
    """Print how what came stands against CloudTrail's digests; what was found is told beside it."""
    if not integrity.digests:
        return
    found = plural(len(integrity.found), "finding") if integrity.found else "nothing missing or changed"
    verified = f"{integrity.verified:,} verified" if integrity.verified else "unsigned: hashes only"
    held = f"{plural(integrity.digests, 'digest')} of CloudTrail ({verified})"
    console.print(f"Held against {held}: {found}.", highlight=False)
