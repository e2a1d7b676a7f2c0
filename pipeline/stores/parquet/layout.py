"""Where a file of the store lies: below its kind, its account and its day. Putting it there, and removing it."""

import os
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from features.call.account import NO_ACCOUNT, is_account
from pipeline.stores.parquet.manifest import Manifest
from pipeline.stores.plain_file import flush_folder


def safe_account(account: str) -> str:
    """Folder of an account: the twelve digits, or `unknown` for anything else a record may claim.

    >>> safe_account("111122223333"), safe_account("../../etc")
    ('111122223333', 'unknown')
    """
    return account if is_account(account) else NO_ACCOUNT


def new_path(kind: str, account: str, day: str, shape: str = "") -> str:
    """Path, relative to the home, of a file that is not there yet; the account is a safe one.

    `shape` names the columns it is written with, so that a reader of many files need not ask each for its own.

    >>> path = new_path("events", "111122223333", "2026-03-02", "0a1b2c3d")
    >>> path[:43], path[-17:]
    ('events/account=111122223333/day=2026-03-02/', '-0a1b2c3d.parquet')
    """
    return f"{kind}/account={account}/day={day}/{uuid.uuid4().hex}{shape and f'-{shape}'}.parquet"


def move_files(paths: Iterable[str], source: Path, home: Path) -> None:
    """Move files from below `source` to below `home`, and bring the folders to the disk."""
    folders = set()
    for path in paths:
        target = home / path
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source / path, target)
        folders |= {target.parent, target.parent.parent, target.parent.parent.parent}
    for folder in folders:
        flush_folder(folder)


def remove_expired(home: Path, manifest: Manifest, now: datetime) -> None:
    """Remove replaced files that no reader can still be using; to be called inside a transaction."""
    expired = manifest.expired(now)
    for path in expired:
        (home / path).unlink(missing_ok=True)
    manifest.forget(expired)
