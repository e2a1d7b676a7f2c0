"""Divide the files into tasks whose names stay the same as long as their files do, whatever else there is.

A task is of files of one account and day of delivery, and bounded in bytes, so that an account with half of all files
is many tasks. Where files are added, only tasks of their account and day are others.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from features.record.foreign import name_of_key
from pipeline.errors import OddtrailError
from pipeline.ingest.delivery import order_of, read_delivery
from pipeline.ingest.listing import Source
from pipeline.sources.address import Access, BucketAddress, parse_address
from pipeline.sources.bucket import Objects, S3Source, make_source

LARGEST: Final = 16 << 20
"""Bytes of a task as they lie there; 16 MiB are some 140,000 records of gzip."""
_MOST_FILES: Final = 2_000


class NotAFileError(OddtrailError):
    """A source that other machines cannot read by themselves."""


class Given(msgspec.Struct, frozen=True, array_like=True):
    """A file of a task, with all that whoever reads it has to know."""

    rank: str
    """Its place in the order of all files, as a text that sorts so."""
    path: bytes
    """Of a file; of an object its key."""
    origin: str
    named: bool
    size: int
    problem: str
    bucket: str
    """Empty for a file."""
    etag: str
    access: tuple[str, str, str]

    def source(self) -> Source:
        """What is read."""
        path = Path(os.fsdecode(self.path))
        if self.bucket:
            objects = Objects(self.bucket, Access(*self.access))
            return make_source(objects, str(path), self.named, self.etag, self.size)
        return Source(path, self.size, self.origin, read_delivery(path.name), self.named, self.problem)


class Task(msgspec.Struct, frozen=True):
    """Files that are worked on together."""

    id: str
    """Another one whenever its files are others, or what is made of them is."""
    bytes: int
    files: list[Given]


class Foreign(NamedTuple):
    """Files that make no task."""

    names: Counter[str]
    """By what they are."""


def check_sources(given: Sequence[str]) -> None:
    """See that other machines can read what was given: files, folders, patterns and buckets.

    Raises
    ------
    NotAFileError
        Something else was given.
    AddressError
        An address cannot be understood.
    """
    for text in given:
        if text == "-" or not isinstance(parse_address(text), str | BucketAddress):
            raise NotAFileError(
                f"'{text[:200]}' is nothing that other machines can read by themselves: give files, folders or "
                "s3://bucket/prefix, and `oddtrail ingest` the rest"
            )


def divide(sources: Iterable[Source], making: str, foreign: Foreign, most_bytes: int = LARGEST) -> Iterator[Task]:
    """Tasks over sources in their order.

    Parameters
    ----------
    making
        Names what rows are made with; it is part of a task's name.
    foreign
        Counts files that are none of CloudTrail's records by their key.
    """
    ranks = _Ranks()
    held: list[Given] = []
    marks: list[str] = []
    of, size = ("", ""), 0
    for source in sources:
        rank = ranks.place(source)
        if name := name_of_key(source.origin):
            foreign.names[name] += 1
            continue
        account, day, _ = order_of(Path(source.origin).name)
        if held and ((account, day) != of or size >= most_bytes or len(held) >= _MOST_FILES):
            yield _make_task(held, marks, making, size)
            held, marks, size = [], [], 0
        of = (account, day)
        held.append(_give(source, rank))
        marks.append(_mark(source))
        size += source.size
    if held:
        yield _make_task(held, marks, making, size)


def _make_task(held: list[Given], marks: list[str], making: str, size: int) -> Task:
    told = "\n".join([making, *sorted(marks)])
    return Task(hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:32], size, held)


def _give(source: Source, rank: str) -> Given:
    bucket, etag, access, path = "", "", Access(), os.fsencode(source.path.absolute())
    if isinstance(source, S3Source):
        bucket, access, etag, path = source.objects.bucket, source.objects.access, source.etag, source.key.encode()
    return Given(
        rank,
        path,
        source.origin,
        source.named,
        source.size,
        source.problem,
        bucket,
        etag,
        (access.role, access.external_id, access.region),
    )


def _mark(source: Source) -> str:
    """Another one whenever a file's content may be."""
    if isinstance(source, S3Source):
        return f"{source.place} {source.stamp.hex()}"
    try:  # and not by its stamp, which a file has only when it is some seconds old
        status = source.path.stat()
        return f"{source.place} {status.st_size} {status.st_mtime_ns} {status.st_ino}"
    except OSError:
        return f"{source.place} {source.problem}"


class _Ranks:
    """Places in the order of all files, which are the same whatever files come between."""

    def __init__(self) -> None:
        self._buckets: dict[int, int] = {}
        self._folder: tuple[Path, str] | None = None

    def place(self, source: Source) -> str:
        """The place of the next source of a listing."""
        account, day, name = order_of(Path(source.origin).name)
        if isinstance(source, S3Source):
            listing = self._buckets.setdefault(id(source.objects), len(self._buckets) + 1)
            parts = [f"{listing:04}", account, day, source.key]
        elif source.named:
            parts = ["0000", "0", account, day, name, source.place]
        else:
            if self._folder is None or self._folder[0] != source.path.parent:
                self._folder = (source.path.parent, f"{account}\t{day}")
            parts = ["0000", "1", self._folder[1], str(source.path.parent), account, day, name]
        return "\t".join(parts).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
