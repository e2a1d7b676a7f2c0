"""Where files lie, and how they get there and go."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.stores.parquet.layout import move_files, new_path, remove_expired, safe_account
from pipeline.stores.parquet.manifest import GRACE, Manifest
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.sqlite.database import Database

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("account", ["", "../../etc", "11112222333", "1111222233334", "111122223333\n", "١" * 12])
def test_only_an_account_has_a_folder_of_its_own(account: str) -> None:
    assert safe_account(account) == "unknown"


def test_every_file_has_a_name_of_its_own() -> None:
    names = {new_path("events", "1", "2026-03-02") for _ in range(100)}
    assert len(names) == 100
    assert {name.rpartition("/")[0] for name in names} == {"events/account=1/day=2026-03-02"}


def test_files_are_moved_with_the_folders_they_need(tmp_path: Path) -> None:
    paths = ["events/account=1/day=2026-03-02/a.parquet", "events/account=1/day=2026-03-03/b.parquet"]
    for path in paths:
        (tmp_path / "staging" / path).parent.mkdir(parents=True)
        (tmp_path / "staging" / path).write_text(path)
    move_files(paths, tmp_path / "staging", tmp_path / "home")
    assert [(tmp_path / "home" / path).read_text() for path in paths] == paths
    assert not list((tmp_path / "staging").rglob("*.parquet"))


def test_replaced_files_go_when_no_reader_can_need_them_and_missing_ones_are_no_matter(tmp_path: Path) -> None:
    manifest = Manifest(Database(":memory:"))
    with manifest.transaction():
        into = [Segment(name, "events", "1", "2026-03-02", 1, 1, 0, 0, 0) for name in "abc"]
        manifest.swap(out=[], into=into, now=NOON)
        manifest.swap(out=["a", "b"], into=[], now=NOON)
    for name in "ac":
        (tmp_path / name).touch()
    with manifest.transaction():
        remove_expired(tmp_path, manifest, NOON)
    assert {path.name for path in tmp_path.iterdir()} == {"a", "c"}
    with manifest.transaction():
        remove_expired(tmp_path, manifest, NOON + GRACE)
    assert {path.name for path in tmp_path.iterdir()} == {"c"}
    assert manifest.kept() == {"c"}
