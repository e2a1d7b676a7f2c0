"""Whether the store still is what was written."""

from collections.abc import Iterator

from pipeline.reports.checks.finding import Finding, Patient
from pipeline.reports.damage import advise, describe
from pipeline.words.words import to_say

TOLD = 10
"""Damaged files that are told one by one."""


def check_storage(patient: Patient) -> Iterator[Finding]:
    """Segments that are missing, cut or changed, found now or before."""
    words, check = patient.words, to_say("storage")
    for segment, found in list(patient.damaged.items())[:TOLD]:
        yield Finding(check, "warning", f"{describe(segment, found, words)}.", advise(segment, words))
    if len(patient.damaged) > TOLD:
        more = words.say_many(len(patient.damaged) - TOLD, "{n} more damaged file.", "{n} more damaged files.")
        yield Finding(check, "warning", more, words.say("`oddtrail store verify` names all of them."))
    lost = patient.store.manifest.losses.every()
    for segment, found in lost[:TOLD]:
        said = words.say("{what}, and is not looked at.", what=describe(segment, found, words))
        do = words.say(
            "Put the file back from a copy, or run `oddtrail ingest` on the log files of that day again: what is still "
            "there is not stored twice."
        )
        yield Finding(check, "warning", said, do)
    if len(lost) > TOLD:
        more = words.say_many(
            len(lost) - TOLD, "{n} more file with records that are lost.", "{n} more files with records that are lost."
        )
        yield Finding(check, "warning", more, words.say("`oddtrail store verify` names all."))
    if not patient.damaged and not lost:
        yield _tell_whole(patient)


def _tell_whole(patient: Patient) -> Finding:
    words, check = patient.words, to_say("storage")
    if patient.all_hashed:
        return Finding(check, "ok", words.say("Every file is as it was written."), "")
    return Finding(
        check,
        "ok",
        words.say("Every file is there and has its size; of those with a known hash, the newest were read."),
        words.say("`oddtrail store verify` reads all of them."),
    )
