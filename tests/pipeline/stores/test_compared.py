"""The last comparison with native jobs is kept whole, bounded, and refused where it is something else."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.stores.compared import FILE, MOST, Comparison, KeptRow, put_comparison, read_comparison

NOW = datetime(2026, 3, 3, tzinfo=UTC)


def a_comparison(*rows: KeptRow) -> Comparison:
    return Comparison(NOW, NOW, "http://localhost:9200", {"both": 0, "ours": len(rows), "native": 0}, list(rows))


def test_it_is_read_as_it_was_put_and_replaced_by_the_next(tmp_path: Path) -> None:
    assert read_comparison(tmp_path) is None
    put_comparison(tmp_path, a_comparison())
    row = KeptRow(date(2026, 3, 2), None, "job x", "native")
    put_comparison(tmp_path, a_comparison(row))
    assert read_comparison(tmp_path) == a_comparison(row)


def test_only_the_newest_days_are_kept(tmp_path: Path) -> None:
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(MOST + 2)]
    put_comparison(tmp_path, a_comparison(*(KeptRow(day, "p", "p", "ours") for day in days)))
    kept = read_comparison(tmp_path)
    assert kept is not None
    assert [row.day for row in kept.compared] == days[:1:-1]


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"at": 1}'])
def test_what_the_command_did_not_write_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    with pytest.raises(StoreError, match="compare again"):
        read_comparison(tmp_path)


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        put_comparison(tmp_path / "nowhere", a_comparison())
