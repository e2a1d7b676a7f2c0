"""Read a source: hash it, hold what is small, keep what is fetched and large on disk until its task is committed."""

import hashlib
import os
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from io import FileIO
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, BinaryIO, Final, NamedTuple

from pipeline.errors import OddtrailError
from pipeline.ingest.listing import Source, UnreadableError
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.parts import is_log

_HANDED: Final = 1 << 20
"""Files up to this size are read once and handed to the worker; larger ones are read again there."""
_BLOCK: Final = 1 << 20


class KeepError(OddtrailError):
    """What was fetched cannot be kept until it is worked on."""


class Content(NamedTuple):
    """What a source turned out to be."""

    file: LogFile | None
    """None of what is no log."""
    size: int


class Reader:
    """Reads sources, and keeps what is fetched and large in a folder; both end with the block."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._kept: set[Path] = set()
        self._pool: ThreadPoolExecutor | None = None
        self._lock = Lock()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)  # nobody writes any more into what is removed
        if self._folder is not None:
            self._folder.cleanup()

    def read_all(
        self, told: Iterable[tuple[Source, bool]], at_once: int = 1
    ) -> Iterator[tuple[Source, Content | None]]:
        """Each source with its content, in order; None for those that are not to be read.

        Parameters
        ----------
        told
            Sources, and whether each is to be read.
        at_once
            How many are read at the same time, while others are waited for.
        """
        if at_once <= 1:
            for source, wanted in told:
                yield source, self.read(source) if wanted else None
            return
        pool = self._pool = ThreadPoolExecutor(at_once)
        waiting: deque[tuple[Source, Future[Content] | None]] = deque()
        for source, wanted in told:
            waiting.append((source, pool.submit(self.read, source) if wanted else None))
            while len(waiting) > 2 * at_once or (waiting and waiting[0][1] is None):
                yield _next(waiting)
        while waiting:
            yield _next(waiting)

    def read(self, source: Source) -> Content:
        """Hash a source.

        Raises
        ------
        KeepError
            There is no room for it.
        """
        if source.problem:
            return _unreadable(source, source.problem)
        digest = hashlib.sha256()
        content, path, size = None, source.path, source.size
        try:
            with source.open() as stream:
                first = stream.read(_HANDED)
                if not source.named and not is_log(source.path, first):
                    return Content(None, size)
                digest.update(first)
                if len(first) < _HANDED:
                    content = first
                    size = size or len(first)
                elif source.stays:
                    while block := stream.read(_BLOCK):
                        digest.update(block)
                else:
                    path, size = self._keep(first, stream, digest)
        except OSError as error:
            return _unreadable(source, f"file cannot be read: {error.strerror or error}")
        except UnreadableError as error:
            return _unreadable(source, str(error))
        file = LogFile(path, digest.hexdigest(), source.origin, source.delivery, content)
        return Content(file._replace(signature=source.signature, since=source.since), size)

    def forget(self, files: Sequence[LogFile]) -> None:
        """Remove what was kept of these: they are worked on, or known."""
        if self._kept:
            for path in self._kept.intersection(file.path for file in files):
                path.unlink(missing_ok=True)
                self._kept.discard(path)

    def _keep(self, first: bytes, stream: BinaryIO, digest: Any) -> tuple[Path, int]:
        with self._lock:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="oddtrail-")
        handle, name = tempfile.mkstemp(dir=self._folder.name)
        path, size, block = Path(name), 0, first
        try:
            with os.fdopen(handle, "wb", buffering=0) as out:
                while block:
                    _write(out, block)
                    size += len(block)
                    if block := stream.read(_BLOCK):
                        digest.update(block)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._kept.add(path)
        return path, size


def _write(out: FileIO, block: bytes) -> None:
    rest = memoryview(block)
    try:
        while rest:
            rest = rest[out.write(rest) :]
    except OSError as error:
        where = tempfile.gettempdir()
        raise KeepError(
            f"what is fetched cannot be kept in {where} ({error.strerror or error}): make room there, or have TMPDIR "
            "name another folder, and run again"
        ) from error


def _next(waiting: "deque[tuple[Source, Future[Content] | None]]") -> tuple[Source, Content | None]:
    source, content = waiting.popleft()
    return source, None if content is None else content.result()


def _unreadable(source: Source, problem: str) -> Content:
    """A source without content is known by its place, so that it is set aside once and read when it can be."""
    digest = "path:" + hashlib.sha256(source.place.encode("utf-8", "surrogateescape")).hexdigest()
    return Content(LogFile(source.path, digest, source.origin, source.delivery, None, problem), source.size)
