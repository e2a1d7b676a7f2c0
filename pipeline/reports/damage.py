"""What is damaged in a store, in words: which file, what was found, and what to do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pipeline.stores.home import Store
from pipeline.stores.parquet.activity import PREFIX
from pipeline.stores.parquet.segment import Segment
from pipeline.text.plural import plural

PUT_BACK: Final = "Put the file back from a copy"
INGEST: Final = "run `oddtrail ingest` on the log files of that day again"


def describe(segment: Segment, found: str) -> str:
    """One line about a damaged segment.

    >>> one = Segment("events/account=1/day=2026-03-02/a.parquet", "events", "1", "2026-03-02", 7, 900, 0, 0, 0)
    >>> describe(one, "is missing")
    'events/account=1/day=2026-03-02/a.parquet is missing; it held 7 events of account 1 on 2026-03-02'
    """
    if segment.kind.startswith(PREFIX):
        return f"{segment.path} {found}; it is activity of account {segment.account} on {segment.day}"
    held = plural(segment.rows, "event" if segment.kind == "events" else "record that is no event")
    return f"{segment.path} {found}; it held {held} of account {segment.account} on {segment.day}"


def advise(segment: Segment) -> str:
    """What to do about a damaged segment."""
    if segment.kind.startswith(PREFIX):
        return "Run `oddtrail store verify`, then `oddtrail train`, which makes it again from the events."
    return f"{PUT_BACK}, or run `oddtrail store verify` and then {INGEST}: what is still there is not stored twice."


def advise_lost(files: int, origins: Sequence[str]) -> str:
    """What to do about what is lost, with some of the log files that bring it back.

    >>> advise_lost(2, ["trail/a.json.gz", "trail/b.json.gz"])[:66]
    'Put the file back from a copy and run this again, or run `oddtrail'
    """
    some = ", ".join(origins) + (f" and {files - len(origins)} more" if files > len(origins) else "")
    those = f" {plural(files, 'file')} ({some})" if files else " the log files of those days"
    return (
        f"{PUT_BACK} and run this again, or run `oddtrail ingest` on{those}: what is still there is not stored twice."
    )


def lost_lines(store: Store) -> Iterator[str]:
    """A line about what is lost and was not ingested again, if anything is."""
    lost = store.manifest.losses.every()
    if lost:
        days = {(segment.account, segment.day) for segment, _ in lost}
        held = plural(sum(segment.rows for segment, _ in lost), "record")
        segment, found = lost[0]
        yield (
            f"{held} of {plural(len(days), 'account-day')} are lost to damage, not looked at ({segment.path} {found}): "
            f"{INGEST}; `oddtrail store verify` says which"
        )


def explain_damage(damaged: Mapping[Segment, str]) -> str:
    """One line for a command that could not go on."""
    (segment, found), *more = damaged.items()
    others = f" and {plural(len(more), 'other file')}" if more else ""
    return f"{describe(segment, found)}{others}: {advise(segment)}"
