"""Hold every segment of a home against what was written, and set aside what is damaged."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipeline.errors import StoreBusyError
from pipeline.stores.home import Store
from pipeline.stores.parquet.activity import PREFIX
from pipeline.stores.parquet.events import KINDS
from pipeline.stores.parquet.integrity import find_change, hash_file
from pipeline.stores.parquet.losses import Lost
from pipeline.stores.parquet.manifest import GRACE
from pipeline.stores.parquet.segment import Segment

Progress = Callable[[int, int], None]
"""Called with bytes read, and bytes in all."""
_NOTED_AT_ONCE = 200
"""Hashes that are noted in one transaction."""


@dataclass
class Verified:
    """What a look at every segment found."""

    segments: int = 0
    bytes: int = 0
    hashed: int = 0
    """Segments of which no hash was known: an earlier version wrote them, and from now on it is."""
    lost: list[Lost] = field(default_factory=list)
    """Segments of records that are damaged, found now or before."""
    activity: list[Lost] = field(default_factory=list)
    """Damaged files of activity; the next training makes them again."""
    taken_back: int = 0
    """Segments that were lost and are whole again."""
    unlisted: list[str] = field(default_factory=list)
    """Files that are not on the list; nothing reads them, and the next ingest removes them."""
    asked: int = 0
    """Log files that bring back what is lost, once they are ingested again."""
    origins: list[str] = field(default_factory=list)
    """Where some of them lay."""


def verify(store: Store, now: datetime, progress: Progress = lambda done, total: None, origins: int = 5) -> Verified:
    """Read every segment and hold it against its hash; what is damaged leaves the list, and can be ingested again.

    Who is ingesting meanwhile is not disturbed.
    """
    report, manifest = Verified(), store.manifest
    before = len(manifest.losses.every())
    try:
        with store.events.writing(now):
            pass  # takes back what was put back from a copy
    except StoreBusyError:
        pass  # whoever writes has done so
    report.taken_back = before - len(manifest.losses.every())
    damage = _look(store, report, progress)
    records = {segment: found for segment, found in damage.items() if segment.kind in KINDS}
    with manifest.transaction():  # what was merged meanwhile is gone for another reason
        manifest.lose({segment: found for segment, found in records.items() if manifest.lists(segment.path)}, now)
    report.activity = [Lost(segment, found) for segment, found in damage.items() if segment.kind.startswith(PREFIX)]
    store.activity.forget_damaged([lost.segment for lost in report.activity], now=now)
    report.lost = manifest.losses.every()
    report.unlisted = _find_unlisted(store, now)
    asked = manifest.losses.asked()
    report.asked, report.origins = len(asked), manifest.origins(asked, origins)
    return report


def _look(store: Store, report: Verified, progress: Progress) -> dict[Segment, str]:
    """What is wrong with each damaged segment; hashes that were not known are noted."""
    every, digests = store.manifest.every(), store.manifest.digests()
    total = sum(segment.bytes for segment in every)
    damage: dict[Segment, str] = {}
    new: dict[str, str] = {}
    for segment in every:
        digest = digests.get(segment.path, "")
        found = find_change(store.home, segment, digest)
        if found and store.manifest.lists(segment.path):
            damage[segment] = found
        elif not found and not digest:
            new[segment.path] = hash_file(store.home / segment.path)
        report.segments += 1
        report.bytes += segment.bytes
        progress(report.bytes, total)
        if len(new) >= _NOTED_AT_ONCE or segment is every[-1]:
            with store.manifest.transaction():
                store.manifest.put_digests(new)
            report.hashed += len(new)
            new = {}
    return damage


def _find_unlisted(store: Store, now: datetime) -> list[str]:
    """Files that are not on the list, and lie there for longer than a commit takes."""
    kept = store.manifest.kept()
    return sorted(
        path
        for kind in (*KINDS, PREFIX + "*")
        for file in store.home.glob(f"{kind}/account=*/day=*/*.parquet")
        if (path := file.relative_to(store.home).as_posix()) not in kept and _is_old(file, now)
    )


def _is_old(file: Path, now: datetime) -> bool:
    return file.lstat().st_mtime < (now - GRACE).timestamp()
