"""Whether the store still is what was written."""

from collections.abc import Iterator

from pipeline.reports.checks.finding import Finding, Patient
from pipeline.reports.damage import INGEST, PUT_BACK, advise, describe
from pipeline.text.plural import plural

TOLD = 10
"""Damaged files that are told one by one."""


def check_storage(patient: Patient) -> Iterator[Finding]:
    """Segments that are missing, cut or changed, found now or before."""
    for segment, found in list(patient.damaged.items())[:TOLD]:
        yield Finding("storage", "warning", f"{describe(segment, found)}.", advise(segment))
    if len(patient.damaged) > TOLD:
        more = plural(len(patient.damaged) - TOLD, "more damaged file")
        yield Finding("storage", "warning", f"{more}.", "`oddtrail store verify` names all of them.")
    lost = patient.store.manifest.losses.every()
    for segment, found in lost[:TOLD]:
        yield Finding(
            "storage",
            "warning",
            f"{describe(segment, found)}, and is not looked at.",
            f"{PUT_BACK}, or {INGEST}: what is still there is not stored twice.",
        )
    if len(lost) > TOLD:
        more = plural(len(lost) - TOLD, "more file")
        yield Finding("storage", "warning", f"{more} with records that are lost.", "`oddtrail store verify` names all.")
    if not patient.damaged and not lost:
        yield _tell_whole(patient)


def _tell_whole(patient: Patient) -> Finding:
    if patient.all_hashed:
        return Finding("storage", "ok", "Every file is as it was written.", "")
    return Finding(
        "storage",
        "ok",
        "Every file is there and has its size; of those with a known hash, the newest were read.",
        "`oddtrail store verify` reads all of them.",
    )
