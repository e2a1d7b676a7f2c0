"""Which segments hold any of some principals, or handed out any of some keys."""

from pathlib import Path

import duckdb

from pipeline.stores.parquet.columns import arrange_rows
from pipeline.stores.parquet.contents import Contents
from pipeline.stores.parquet.segments import write_arranged
from tests.pipeline.stores.rows import a_row, make_rows


def written(folder: Path, **columns):
    table, arrangement = arrange_rows(make_rows([a_row(**columns)]))
    [segment] = write_arranged(table, arrangement.cuts, folder)
    return segment


def test_segments_that_hold_none_are_told_and_each_is_read_once(tmp_path: Path) -> None:
    ann, bob = written(tmp_path, principal="ann", issued_key="AKIA1"), written(tmp_path, principal="bob")
    contents = Contents()
    with duckdb.connect() as connection:

        def without(column, *values, of=(ann, bob)):
            return contents.without(connection, tmp_path, of, column, values)

        assert without("principal", "ann", "nobody") == {bob.path}
        (tmp_path / ann.path).unlink()
        assert without("principal", "bob") == {ann.path}
        assert without("issued_key", "AKIA1") == {bob.path}
        assert without("issued_key", "") == without("principal") == {ann.path, bob.path}
        later = written(tmp_path, principal="ann")
        assert without("principal", "ann", of=(bob, later)) == {bob.path}
