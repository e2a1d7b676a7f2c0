"""What reading a whole store found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.render.console import print_whole
from pipeline.reports.damage import advise, advise_lost, describe
from pipeline.words.words import ENGLISH, Words

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.stores.parquet.verify import Verified


def show_verified(console: Console, report: Verified, given_up: int | None, words: Words = ENGLISH) -> None:
    """Print what is damaged, what came back, and that the rest is as it was written.

    Parameters
    ----------
    given_up
        Files that were given up; None where nobody asked for that.
    """
    for segment, found in report.lost:
        print_whole(console, f"{describe(segment, found, words)}.")
    for segment, found in report.activity:
        print_whole(console, f"{describe(segment, found, words)}. {advise(segment, words)}")
    if given_up is not None:
        gone = words.say_many(
            given_up,
            "Given up: {n} file with records that are lost.",
            "Given up: {n} files with records that are lost.",
        )
        print_whole(console, gone)
    elif report.lost:
        print_whole(console, advise_lost(report.asked, report.origins, words))
    if report.taken_back:
        back = words.say_many(
            report.taken_back,
            "{n} file that was lost is whole again, and back.",
            "{n} files that were lost are whole again, and back.",
        )
        print_whole(console, back)
    if report.hashed:
        hashed = words.say_many(
            report.hashed,
            "No hash was known of {n} file: from now on it is.",
            "No hash was known of {n} files: from now on it is.",
        )
        print_whole(console, hashed)
    if report.unlisted:
        others = words.say_many(
            len(report.unlisted),
            "{n} file below events is not of the store.",
            "{n} files below events are not of the store.",
        )
        print_whole(console, others)
    if not report.activity and (given_up is not None or not report.lost):
        whole = words.say_many(
            report.segments,
            "{n} file, {size}: it is as it was written.",
            "{n} files, {size}: all are as they were written.",
            size=f"{report.bytes / 1e6:,.1f} MB",
        )
        print_whole(console, whole)
