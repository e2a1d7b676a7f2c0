"""Errors that a page or a terminal shows, told in the reader's language; what to run stays as it is."""

from typing import Final

from pipeline.words.told import Inner, tell_again, told, told_many
from pipeline.words.words import Words

_ERRORS: Final = (
    told("{home} holds no event yet: `oddtrail ingest PATH` reads log files into it"),
    told("{home} holds no event yet: `oddtrail ingest PATH` reads log files"),
    told("{home} was not scored yet: `oddtrail train`, then `oddtrail score`"),
    told(
        "{home} holds no scores from {first} to {last}: `oddtrail train`, then `oddtrail score` writes them as hours "
        "close; or ask for more days"
    ),
    told("{home} holds no store: run `{command}` first, or `oddtrail demo`"),
    told("nothing has been scored in {home} yet: run `{first}`, then `{second}`"),
    told("there is no model in {home} yet: run `{command}`"),
    told("no model's id starts with '{start}': `{command}` shows those there are"),
    told("{n} models' ids start with '{start}': give more of one, as in {found}"),
    told(
        "there is no model in service before the champion to go back to: `oddtrail models list` shows those there are, "
        "and `oddtrail models promote ID` takes one"
    ),
    told("no alert's id starts with '{start}': `oddtrail alerts list` shows those there are"),
    told("{n} alerts' ids start with '{start}': give more of one, as in {found}"),
    told("no mark's id starts with '{start}': `{command}` shows those there are"),
    told("{n} marks' ids start with '{start}': `{command}` shows those there are"),
    told("this alert names no {what} that can be expected; there are {keys}"),
    told(
        "nothing of this alert can be expected: denied calls, what was opened to others, facts and counts are told as "
        "ever; mark it unsure to keep a note"
    ),
    told("the note has {n} characters: give {of} at most"),
    told("nobody says who marks it: give a name by --by"),
    told("nobody says who takes it back: give a name by --by"),
    told("{verdict} is about the principal: what and for whom is said of what is expected"),
    told("unsure keeps a note and nothing else: it takes no days"),
    told("mark {id} counts no more already: `oddtrail alerts marks --all` shows why"),
    told("--days is {given}: give 1 to {most}"),
    told("the store holds no events: run `oddtrail ingest PATH` first"),
    told_many(
        "there is {n} whole day of activity and at least {least} are needed to learn from; ingest older log files and "
        "run `oddtrail train` again",
        "there are {n} whole days of activity and at least {least} are needed to learn from; ingest older log files "
        "and run `oddtrail train` again",
    ),
    told("nothing was delivered since {day}, the day the model judges; ingest newer log files"),
    told("there is no model yet; run `oddtrail train` first"),
    told("nobody is to be told: write {file}, as docs/notify.md says, or name another file in ODDTRAIL_NOTIFY"),
    told("there is no notifier '{name}' in {file}: there are {names}"),
    told("the disk is full ({why}): make room and run it again, what was finished stays"),
    told("too many files are open ({why}): raise the limit (`ulimit -n 4096`) and run it again"),
    told("'{file}' cannot be used ({why}): check that path and its permissions"),
    told(
        "the machine refused to read or write ({why}): check the home's disk and its permissions, and run it again; "
        "what was finished stays"
    ),
    told(
        "a file of the store is damaged or missing ({why}): put it back from a copy, or run `oddtrail store verify`, "
        "which says how to ingest its logs again"
    ),
    told(
        "the events below {home} cannot be read ({why}): put the file back from a copy, or run `oddtrail store "
        "verify`, which says how to ingest its logs again"
    ),
    told("the home's state cannot be used ({why}): {advice}"),
    told("there was not enough memory: give more with --memory, or use fewer cores with --threads"),
    told("{folder} holds something else than a demo: name a new folder with --keep"),
    told("{folder} cannot be written ({why}): name another folder with --keep"),
    told("{option} is '{given}': give a time as in 2026-03-01T09:00:00Z, a date, or a span as in 7d"),
    told("{option} is '{given}': give a span of a day or more, such as 400d, up to {most}d"),
    told("{option} is '{given}': give a span of time such as 10m, 12h or 400d, up to {most}d"),
    told("--address is '{given}', which is no network: give one as in 198.51.100.0/24, or an address"),
    told("that is not one SELECT: only reading is possible, one statement at a time"),
    told("the query cannot be answered: {why}"),
    told("{why} The tables are {names}."),
    told("nobody can be asked whether to save it: add --yes, or --dry-run to see what it costs"),
    told("nobody answered whether to save it: add --yes, or --dry-run to see what it costs"),
)
"""Errors of a home in which something is yet to be done, and of the machine; others are told in English."""

_ADVICE: Final = (
    told("make room and run it again; what was finished stays"),
    told("end other writers or wait for them, and run it again"),
    told("mend its permissions, or give a folder that you may write with --home"),
    told("make room, or give a folder that you may write with --home"),
    told("check its disk and the room there, and run it again; what was finished stays"),
    told("move it away and ingest again, or restore it from a copy"),
)
"""What to do about a database (`pipeline.stores.sqlite.database`)."""
_INNER: Final[Inner] = {"advice": lambda text, words: tell_again(text, _ADVICE, words)}


def tell_error(text: str, words: Words) -> str:
    """An error's line, told again.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_error("/h was not scored yet: `oddtrail train`, then `oddtrail score`", find_words("ko"))
    '/h에는 아직 판정한 것이 없습니다. `oddtrail train` 다음 `oddtrail score`를 실행하세요'
    >>> tell_error("the disk is full", find_words("ko"))
    'the disk is full'
    """
    return tell_again(text, _ERRORS, words, _INNER)
