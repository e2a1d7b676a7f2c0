"""DuckDB as every job opens it: in memory, bounded, reaching no network."""

from contextlib import suppress

import duckdb


def connect(threads: int, memory: int, spill: str | None = None) -> duckdb.DuckDBPyConnection:
    """A connection with as many threads and bytes as a job may use.

    Parameters
    ----------
    threads
        Cores.
    memory
        Bytes the whole job may use; queries get a good half of them.
    spill
        Folder for what does not fit; none keeps DuckDB's own choice.

    Examples
    --------
    >>> connect(1, 1_000_000_000).execute("SELECT 1").fetchone()
    (1,)
    """
    connection = duckdb.connect(
        config={"threads": threads, "memory_limit": f"{memory * 6 // 10}B", "autoinstall_known_extensions": False}
    )
    connection.execute("SET timezone = 'UTC'")
    # in a process that multiprocessing starts DuckDB believes that somebody looks on, and draws on standard output
    with suppress(duckdb.InvalidInputException):  # a notebook's bar is its own, and is no setting
        connection.execute("SET enable_progress_bar = false")
    if spill is not None:
        connection.execute("SET temp_directory = $folder", {"folder": spill})
    return connection
