"""Files of a bundle are asked for once, and none is seen that was not held against its hash."""

from collections.abc import Mapping

import pyarrow as pa
import pytest

from models.manifest import MANIFEST, hash_file, make_manifest
from models.seal import BundleError
from models.signed_files import SignedFiles
from models.tables import write_columns

KEY = b"k" * 32


class Asked(dict[str, bytes]):
    """Files, and which were asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(files)
        self.asked: list[str] = []

    def get(self, name: str, default: bytes = b"") -> bytes:  # type: ignore[override]
        self.asked.append(name)
        return super().get(name, default)


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Asked:
    monkeypatch.setattr("models.tables.MOST_ROWS", 3)
    made = dict(write_columns("pairs", {"key": list(range(8))})) | {"meta.json": b"{}", "beside.parquet": b"told"}
    hashes = {name: hash_file(content) for name, content in made.items()}
    return Asked(made | {MANIFEST: make_manifest(hashes, "1-a", KEY)})


def test_each_file_is_asked_for_once_as_it_is_wanted(files: Asked) -> None:
    signed = SignedFiles(files, KEY, ["pairs.parquet"])
    assert files.asked == []
    rows = signed.rows("pairs")
    assert next(rows)["key"].to_pylist() == [0, 1, 2]
    assert files.asked == ["pairs.parquet"]
    assert pa.concat_tables(rows)["key"].to_pylist() == [3, 4, 5, 6, 7]
    signed.check_rest()
    assert files.asked == ["pairs.parquet", "pairs-0001.parquet", "pairs-0002.parquet", "beside.parquet", "meta.json"]


def test_what_is_changed_is_told_before_it_is_opened(files: Asked) -> None:
    files["pairs-0001.parquet"] = b"evil"
    rows = SignedFiles(files, KEY, []).rows("pairs")
    next(rows)
    with pytest.raises(BundleError, match=r"pairs-0001\.parquet is missing or changed"):
        next(rows)


def test_what_nobody_asked_for_is_held_too(files: Asked) -> None:
    files["beside.parquet"] = b"evil"
    with pytest.raises(BundleError, match=r"beside\.parquet is missing or changed"):
        SignedFiles(files, KEY, []).check_rest()


def test_what_is_lacking_or_was_not_signed_is_told_at_once(files: Asked) -> None:
    with pytest.raises(BundleError, match=r"lacks cells\.parquet"):
        SignedFiles(files, KEY, ["cells.parquet"])
    with pytest.raises(BundleError, match=r"nobody signed: pairs-0003\.parquet"):
        SignedFiles(files | {"pairs-0003.parquet": b""}, KEY, [])
    assert files.asked == []
