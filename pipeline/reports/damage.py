"""What is damaged in a store, in words: which file, what was found, and what to do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pipeline.stores.home import Store
from pipeline.stores.parquet.activity import PREFIX
from pipeline.stores.parquet.segment import Segment
from pipeline.words.told import tell_again, told
from pipeline.words.words import ENGLISH, Words

_DAMAGE: Final = (
    told("is missing"),
    told("is a folder and not a plain file"),
    told("is a link and not a plain file"),
    told("is a pipe and not a plain file"),
    told("is a socket and not a plain file"),
    told("is a device and not a plain file"),
    told("was cut: it has {now} bytes and was written with {then}"),
    told("was added to: it has {now} bytes and was written with {then}"),
    told("was changed: its content is not what was written"),
    told("was changed: it is no Parquet file"),
    told("cannot be read: {why}"),
)
"""What is wrong with a file (`pipeline.stores.parquet.integrity`), which goes on from its name."""


def describe(segment: Segment, found: str, words: Words = ENGLISH) -> str:
    """One line about a damaged segment.

    >>> one = Segment("events/account=1/day=2026-03-02/a.parquet", "events", "1", "2026-03-02", 7, 900, 0, 0, 0)
    >>> describe(one, "is missing")
    'events/account=1/day=2026-03-02/a.parquet is missing; it held 7 events of account 1 on 2026-03-02'
    """
    about: dict[str, Any] = {
        "file": segment.path, "found": tell_damage(found, words), "account": segment.account, "day": segment.day,
    }  # fmt: skip
    if segment.kind.startswith(PREFIX):
        return words.say("{file} {found}; it is activity of account {account} on {day}", **about)
    if segment.kind == "events":
        return words.say_many(
            segment.rows,
            "{file} {found}; it held {n} event of account {account} on {day}",
            "{file} {found}; it held {n} events of account {account} on {day}",
            **about,
        )
    return words.say_many(
        segment.rows,
        "{file} {found}; it held {n} record that is no event of account {account} on {day}",
        "{file} {found}; it held {n} records that are no events of account {account} on {day}",
        **about,
    )


def tell_damage(found: str, words: Words) -> str:
    """What is wrong with a file, told again.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_damage("is missing", find_words("ko"))
    '파일이 없습니다'
    """
    return tell_again(found, _DAMAGE, words)


def advise(segment: Segment, words: Words = ENGLISH) -> str:
    """What to do about a damaged segment."""
    if segment.kind.startswith(PREFIX):
        return words.say("Run `oddtrail store verify`, then `oddtrail train`, which makes it again from the events.")
    return words.say(
        "Put the file back from a copy, or run `oddtrail store verify` and then run `oddtrail ingest` on the log files "
        "of that day again: what is still there is not stored twice."
    )


def advise_lost(files: int, origins: Sequence[str], words: Words = ENGLISH) -> str:
    """What to do about what is lost, with some of the log files that bring it back.

    >>> advise_lost(2, ["trail/a.json.gz", "trail/b.json.gz"])[:66]
    'Put the file back from a copy and run this again, or run `oddtrail'
    """
    some = ", ".join(origins)
    if files > len(origins):
        some = words.say("{name} and {of} more", name=some, of=files - len(origins))
    if not files:
        return words.say(
            "Put the file back from a copy and run this again, or run `oddtrail ingest` on the log files of those "
            "days: what is still there is not stored twice."
        )
    return words.say_many(
        files,
        "Put the file back from a copy and run this again, or run `oddtrail ingest` on {n} file ({names}): what is "
        "still there is not stored twice.",
        "Put the file back from a copy and run this again, or run `oddtrail ingest` on {n} files ({names}): what is "
        "still there is not stored twice.",
        names=some,
    )


def lost_lines(store: Store, words: Words = ENGLISH) -> Iterator[str]:
    """A line about what is lost and was not ingested again, if anything is."""
    lost = store.manifest.losses.every()
    if lost:
        days = {(segment.account, segment.day) for segment, _ in lost}
        segment, found = lost[0]
        yield words.say(
            "{records} of {days} are lost to damage, not looked at ({file} {found}): run `oddtrail ingest` on the log "
            "files of that day again; `oddtrail store verify` says which",
            records=words.say_many(sum(segment.rows for segment, _ in lost), "{n} record", "{n} records"),
            days=words.say_many(len(days), "{n} account-day", "{n} account-days"),
            file=segment.path,
            found=tell_damage(found, words),
        )


def explain_damage(damaged: Mapping[Segment, str], words: Words = ENGLISH) -> str:
    """One line for a command that could not go on."""
    (segment, found), *more = damaged.items()
    what = describe(segment, found, words)
    if more:
        what = words.say_many(len(more), "{what} and {n} other file", "{what} and {n} other files", what=what)
    return f"{what}: {advise(segment, words)}"
