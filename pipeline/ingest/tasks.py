"""Divide the sources into tasks: pass over what is known, read what is not."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from features.record.foreign import DIGESTS, name_of_key
from pipeline.ingest.content import Reader
from pipeline.ingest.listing import Listing, Source
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.sink import Target

LARGEST, SMALLEST = 4 << 20, 1 << 20
"""Bytes of a task as they lie on disk; 4 MiB are some 35,000 records of gzip."""
_AS_TEXT = 4
"""Of records as they are a task has so many times the bytes. Packed they would be a tenth, but these are in memory. A
task writes a segment an account, so that small ones cost most."""
_TASKS_A_WORKER = 8
"""So many at least, where there is enough to do: else one worker would end long before the other."""
_TASK_FILES = 2_000
_DIGEST_WEIGHS = 8
"""Times its bytes that a digest file counts in a task: what it lists is held until it is committed."""
_ASKED_AT_ONCE = 1_000
"""Sources about which the target is asked together."""
_ENDED = 10_000
"""Sources that are remembered until they can be settled; most of them are known."""


@dataclass
class Passed:
    """Files that make no task."""

    known: int = 0
    barren: int = 0
    """Of these, the ones of which no event came."""
    foreign: Counter[str] = field(default_factory=Counter)
    """Files that are none of CloudTrail's records by their key, by what they are."""
    not_logs: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Task:
    """Files for a worker, and how much of the whole they are."""

    files: Sequence[LogFile]
    bytes: int
    ended: Sequence[Source]
    """Sources that have ended once it is committed: its own, and those before them that were passed over. There may be
    no files, and these only."""


def task_bytes(total: int, threads: int) -> int:
    """Bytes of a task where `total` bytes are to be shared among workers; one alone waits for nobody.

    >>> task_bytes(1 << 30, 2) == task_bytes(1 << 20, 1) == LARGEST, task_bytes(40 << 20, 2) >> 10
    (True, 2560)
    """
    return min(max(total // (_TASKS_A_WORKER * threads), SMALLEST), LARGEST) if threads > 1 else LARGEST


def divide(
    listing: Listing, target: Target, passed: Passed, reader: Reader, most_bytes: int = LARGEST, ahead: int = 1
) -> Iterator[Task]:
    """Tasks over the sources whose content the target does not know, in the order of the listing.

    Of several sources with the same content only the first is read. A task ends with the file that brings it to
    `most_bytes`. All tasks but the last `ahead` have been committed when the next is asked for.
    """
    under_way: deque[set[str]] = deque(maxlen=ahead)
    hashes = target.takes_digest_files and target.has_digest_files()
    held: list[_Held] = []
    ended: list[Source] = []
    size = 0
    for source, content in reader.read_all(_told_apart(listing, target, passed), listing.at_once):
        ended.append(source)
        if content is not None:
            if content.file is None:
                passed.not_logs += 1
                passed.bytes += content.size
            else:
                named = target.takes_digest_files and source.is_delivery
                is_digest = named and name_of_key(source.origin) == DIGESTS
                hashes = hashes or is_digest
                file = content.file._replace(is_digest=is_digest, hashes=hashes and named, named=named)
                if is_digest and file.signature:  # a copy without it, known already, hides no signature
                    file = file._replace(digest=sha256(f"{file.digest} {file.signature}".encode()).hexdigest())
                held.append((source, file, content.size))
                weight = content.size // _AS_TEXT if source.is_text else content.size
                size += weight * _DIGEST_WEIGHS if is_digest else weight
        if size >= most_bytes or len(held) >= _TASK_FILES or len(ended) >= _ENDED:
            if task := _make_task(held, ended, target, under_way, passed, reader):
                yield task
                ended = []
            held, size = [], 0
    if task := _make_task(held, ended, target, under_way, passed, reader, last=True):
        yield task


def _told_apart(sources: Iterable[Source], target: Target, passed: Passed) -> Iterator[tuple[Source, bool]]:
    """Each source, and whether it has to be read: it is nothing else by its key, nor known by its stamp."""
    waiting: list[Source] = []
    for source in sources:
        if source.stamp:
            waiting.append(source)
            if len(waiting) < _ASKED_AT_ONCE:
                continue
        if waiting:
            yield from _asked(waiting, target, passed)
            waiting = []
        if not source.stamp:
            yield source, not _is_foreign(source, target, passed)
    yield from _asked(waiting, target, passed)


def _asked(sources: Sequence[Source], target: Target, passed: Passed) -> Iterator[tuple[Source, bool]]:
    recalled = target.recall([source.stamp for source in sources])
    barren = target.barren(set(recalled.values()))
    for source in sources:
        if _is_foreign(source, target, passed):
            yield source, False
        elif source.stamp in recalled:
            passed.known += 1
            passed.barren += recalled[source.stamp] in barren
            passed.bytes += source.size
            yield source, False
        else:
            yield source, True


def _is_foreign(source: Source, target: Target, passed: Passed) -> bool:
    name = name_of_key(source.origin)
    if not name or (name == DIGESTS and target.takes_digest_files and source.is_delivery):
        return False
    passed.foreign[name] += 1
    passed.bytes += source.size
    return True


_Held = tuple[Source, LogFile, int]
"""A source that was read, and its bytes."""


def _make_task(
    held: Sequence[_Held],
    ended: Sequence[Source],
    target: Target,
    under_way: deque[set[str]],
    passed: Passed,
    reader: Reader,
    last: bool = False,
) -> Task | None:
    """A task of what is new in `held`; None where nothing is and a later one can settle what has ended."""
    digests = [file.digest for _, file, _ in held]
    taken_in = target.known(digests)
    barren = target.barren(taken_in)
    known = taken_in.union(*under_way)
    stamps = {source.stamp: file.digest for source, file, _ in held if source.stamp and not file.problem}
    if stamps:
        target.remember(stamps)
    fresh: dict[str, LogFile] = {}
    size = 0
    for _, file, bytes_ in held:
        if file.digest in known or file.digest in fresh:
            passed.known += 1
            passed.barren += file.digest in barren
            passed.bytes += bytes_
            reader.forget([file])
            continue
        fresh[file.digest] = file
        size += bytes_
    if fresh:
        under_way.append(set(fresh))
    elif not ended or (not last and len(ended) < _ENDED):
        return None
    return Task(list(fresh.values()), size, ended)
