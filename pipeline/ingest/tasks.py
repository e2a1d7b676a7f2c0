"""Divide the files into tasks: pass over what is known, hash what is not, read what is small."""

import hashlib
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from features.record.foreign import name_of_key
from pipeline.ingest.parts import is_log
from pipeline.ingest.sink import Target
from pipeline.ingest.sources import Source
from pipeline.ingest.work import LogFile

LARGEST, SMALLEST = 4 << 20, 1 << 20
"""Bytes of a task as they lie on disk; 4 MiB are some 35,000 records of gzip."""
_TASKS_A_WORKER = 8
"""So many at least, where there is enough to do: else one worker would end long before the other."""
_TASK_FILES = 2_000
_ASKED_AT_ONCE = 1_000
"""Sources about which the target is asked together."""
_HANDED = 1 << 20
"""Files up to this size are read once and handed to the worker; larger ones are read again there."""
_BLOCK = 1 << 20


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


def task_bytes(total: int, threads: int) -> int:
    """Bytes of a task where `total` bytes are to be shared among workers; one alone waits for nobody.

    >>> task_bytes(1 << 30, 2) == task_bytes(1 << 20, 1) == LARGEST, task_bytes(40 << 20, 2) >> 10
    (True, 2560)
    """
    return min(max(total // (_TASKS_A_WORKER * threads), SMALLEST), LARGEST) if threads > 1 else LARGEST


def divide(
    sources: Iterable[Source], target: Target, passed: Passed, most_bytes: int = LARGEST, ahead: int = 1
) -> Iterator[Task]:
    """Tasks over the files whose content the target does not know, in the order of `sources`.

    Of several files with the same content only the first is read. A task ends with the file that brings it to
    `most_bytes`. All tasks but the last `ahead` have been committed when the next is asked for.
    """
    under_way: deque[set[str]] = deque(maxlen=ahead)
    held: list[tuple[Source, LogFile]] = []
    size = 0
    for source in _unknown(sources, target, passed):
        file = _read(source)
        if file is None:
            passed.not_logs += 1
            passed.bytes += source.size
            continue
        held.append((source, file))
        size += source.size
        if size >= most_bytes or len(held) >= _TASK_FILES:
            yield from _make_task(held, target, under_way, passed)
            held, size = [], 0
    yield from _make_task(held, target, under_way, passed)


def _unknown(sources: Iterable[Source], target: Target, passed: Passed) -> Iterator[Source]:
    """The sources that have to be read: neither something else by their key, nor known by where and when they lie."""
    waiting = iter(sources)
    while some := list(islice(waiting, _ASKED_AT_ONCE)):
        recalled = target.recall([source.stamp for source in some if source.stamp])
        barren = target.barren(set(recalled.values()))
        for source in some:
            if foreign := name_of_key(source.origin):
                passed.foreign[foreign] += 1
            elif source.stamp in recalled:
                passed.known += 1
                passed.barren += recalled[source.stamp] in barren
            else:
                yield source
                continue
            passed.bytes += source.size


def _make_task(
    held: Sequence[tuple[Source, LogFile]], target: Target, under_way: deque[set[str]], passed: Passed
) -> Iterator[Task]:
    digests = [file.digest for _, file in held]
    taken_in = target.known(digests)
    barren = target.barren(taken_in)
    known = taken_in.union(*under_way)
    stamps = {source.stamp: file.digest for source, file in held if source.stamp and not file.problem}
    if stamps:
        target.remember(stamps)
    fresh: dict[str, LogFile] = {}
    size = 0
    for source, file in held:
        if file.digest in known or file.digest in fresh:
            passed.known += 1
            passed.barren += file.digest in barren
            passed.bytes += source.size
            continue
        fresh[file.digest] = file
        size += source.size
    if fresh:
        under_way.append(set(fresh))
        yield Task(list(fresh.values()), size)


def _read(source: Source) -> LogFile | None:
    """Hash a file; None when it is not a log."""
    if source.problem:
        return _unreadable(source, source.problem)
    digest = hashlib.sha256()
    content: bytes | None = None
    try:
        with source.path.open("rb") as stream:
            first = stream.read(_HANDED)
            if not source.named and not is_log(source.path, first):
                return None
            digest.update(first)
            if len(first) < _HANDED:
                content = first
            while block := stream.read(_BLOCK):
                digest.update(block)
                content = None
    except OSError as error:
        return _unreadable(source, f"file cannot be read: {error.strerror or error}")
    return LogFile(source.path, digest.hexdigest(), source.origin, source.delivery, content)


def _unreadable(source: Source, problem: str) -> LogFile:
    """A file without content is known by its path, so that it is set aside once and read when it can be."""
    digest = "path:" + hashlib.sha256(str(source.path.absolute()).encode("utf-8", "surrogateescape")).hexdigest()
    return LogFile(source.path, digest, source.origin, source.delivery, None, problem)
