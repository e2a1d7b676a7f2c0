"""What came, held against the digests of a trail that a test wrote: how it is taken in, judged and read back."""

import gzip
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.ingest.run import ingest
from pipeline.sources.several import open_sources
from pipeline.stores.home import Store
from pipeline.stores.jsonl.operations import OperationsJsonl
from pipeline.watch.integrity import hold_to_digests
from pipeline.watch.tell import Integrity
from tests.digests import BEGIN, HOUR, Keys, Trail

NOW = BEGIN + 12 * HOUR


def take(store: Store, trail: Trail, now: datetime = NOW, since: Any = None) -> Integrity:
    with open_sources([str(trail.folder)], since, digests=True) as opened:
        report = ingest(opened.listing, store.events, now=now)
    assert (report.set_aside, report.other) == (0, {})
    return hold_to_digests(store, now)


def told(store: Store) -> list[dict[str, Any]]:
    return OperationsJsonl(store.home / "operations.jsonl").every()


def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()))))
    os.utime(path, (time.time() - 60, time.time() - 60))


def kinds(found: Integrity) -> list[str]:
    return [finding.what for finding in found.found]


def upload(aws: Any, bucket: str, trail: Trail, signatures: list[str]) -> None:
    client = aws.client("s3")
    for path in trail.logs:
        if path.exists():
            client.put_object(Bucket=bucket, Key=path.relative_to(trail.folder).as_posix(), Body=path.read_bytes())
    for path, signature in zip(trail.digests, signatures, strict=True):
        metadata = {"signature": signature, "signature-algorithm": "SHA256withRSA"} if signature else {}
        key = path.relative_to(trail.folder).as_posix()
        client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes(), Metadata=metadata)


def fetch(store: Store, bucket: str, keys: Keys | None) -> Integrity:
    with open_sources([f"s3://{bucket}/AWSLogs/"], None, digests=True) as opened:
        ingest(opened.listing, store.events, now=NOW)
    return hold_to_digests(store, NOW, keys)
