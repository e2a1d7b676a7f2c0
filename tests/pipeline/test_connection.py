"""DuckDB as every job opens it."""

import subprocess
import sys


def test_nothing_is_drawn_where_duckdb_believes_that_somebody_looks_on() -> None:
    """As it does in each process that multiprocessing starts: standard output is an answer's alone."""
    code = """
import duckdb
from pipeline.connection import connect
for connection in (duckdb.connect(), connect(1, 2**30)):
    print(connection.execute("SELECT current_setting('enable_progress_bar')").fetchone()[0])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
