"""The Parquet sink writes below its staging folder, and nowhere else."""

import pickle
from pathlib import Path

from pipeline.ingest.set_aside import make_aside
from pipeline.stores.parquet.sink import ParquetSink
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, make_rows


def test_segments_lie_below_the_staging_folder_until_a_commit(tmp_path: Path) -> None:
    sink = ParquetSink(tmp_path / "staging")
    written = sink.write(make_rows([a_row(event_id="x"), a_row(event_id="x"), a_row(account="999900001111")]))
    assert written.duplicates == 1
    assert [(segment.account, segment.rows) for segment in written.parts] == [(ACCOUNT, 1), ("999900001111", 1)]
    aside = make_aside(b"{}", file="f", origin="o", position=0, reason="r", account=ACCOUNT, delivered_at=None)
    [kept] = sink.keep("set_aside", [aside], NOON)
    assert (kept.kind, kept.day) == ("set_aside", "2026-03-02")
    there = {path.relative_to(tmp_path / "staging").as_posix() for path in tmp_path.rglob("*.parquet")}
    assert there == {segment.path for segment in (*written.parts, kept)}


def test_a_pickled_sink_is_the_same_sink(tmp_path: Path) -> None:
    sink = ParquetSink(tmp_path / "staging")
    assert pickle.loads(pickle.dumps(sink)) == sink
