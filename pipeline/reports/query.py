"""A question in SQL to a home: it can read the home's own tables, and nothing else on the machine."""

from dataclasses import dataclass
from typing import Any, Final

import duckdb

from pipeline.connection import connect
from pipeline.errors import OddtrailError
from pipeline.settings import Settings
from pipeline.stores.home import Store

TABLES: Final = "events, set_aside, other, joint, touched"
"""What can be asked."""


class QueryError(OddtrailError):
    """A question that cannot be answered."""


@dataclass(frozen=True)
class QueryResult:
    """Rows of an answer."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    more: bool
    """There are more rows than were asked for."""


def open_tables(store: Store, settings: Settings) -> duckdb.DuckDBPyConnection:
    """A connection that sees the tables of a home and can neither write nor reach anything else."""
    connection = connect(settings.threads, settings.memory)
    folders = [str(store.home / name) for name in ("events", "set_aside", "other", "activity")]
    connection.execute("SET allowed_directories = $folders", {"folders": folders})
    connection.execute("SET enable_external_access = false")
    store.events.view(connection)
    store.events.view_asides(connection, "set_aside")
    store.events.view_asides(connection, "other")
    store.activity.view(connection)
    connection.execute("SET lock_configuration = true")
    return connection


def run_query(connection: duckdb.DuckDBPyConnection, sql: str, limit: int) -> QueryResult:
    """Answer one SELECT, with at most `limit` rows.

    Raises
    ------
    QueryError
        It is no single SELECT, or it cannot be answered; says why.

    Examples
    --------
    >>> run_query(duckdb.connect(), "SELECT 1 AS one UNION ALL SELECT 2", 1)
    QueryResult(columns=['one'], rows=[(1,)], more=True)
    """
    try:
        statements = connection.extract_statements(sql)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            raise QueryError("that is not one SELECT: only reading is possible, one statement at a time")
        found = connection.execute(statements[0])
        rows = found.fetchmany(limit + 1)
    except duckdb.CatalogException as error:
        raise QueryError(f"{_first_line(error)} The tables are {TABLES}.") from error
    except (
        duckdb.ParserException, duckdb.BinderException, duckdb.ConversionException, duckdb.PermissionException,
        duckdb.InvalidInputException, duckdb.OutOfRangeException, duckdb.NotImplementedException,
    ) as error:  # fmt: skip
        if ".parquet" in str(error):
            raise  # a damaged file, which is not the question's fault
        raise QueryError(f"the query cannot be answered: {_first_line(error)}") from error
    return QueryResult([name for name, *_ in found.description or ()], rows[:limit], len(rows) > limit)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
