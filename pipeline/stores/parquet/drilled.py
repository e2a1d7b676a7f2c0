"""Which rows of the store are events of drills: those that a drill names by id and by the hash of their bytes.

A row is known by its id and the file it came in. Where a file holds two records of one id and not both are the drill's,
neither is: what could be a real call is judged.
"""

from collections.abc import Sequence

import duckdb

from pipeline.stores.jsonl.drills import Drill
from pipeline.stores.parquet.view import literal, parquet


def find_rows(
    connection: duckdb.DuckDBPyConnection, files: Sequence[str], drills: Sequence[Drill], *, whole: bool = False
) -> list[tuple[str, str]]:
    """Ids and files of the rows of some segments that are events of drills, in order.

    With `whole`, only of ids of which no other row is there in any file.
    """
    digests = {event.event_id: event.digest for drill in drills for event in drill.events}
    if not files or not digests:
        return []
    found = connection.execute(
        f"""WITH drilled AS (SELECT unnest($ids::VARCHAR[]) AS event_id, unnest($digests::VARCHAR[]) AS digest),
        rows AS (SELECT event_id, file, raw FROM {parquet(files)} WHERE event_id IN (SELECT unnest($ids::VARCHAR[])))
        SELECT event_id, {"min(file)" if whole else "file"} FROM rows JOIN drilled USING (event_id)
        GROUP BY ALL HAVING bool_and(sha256(raw) = digest) ORDER BY ALL""",
        {"ids": list(digests), "digests": list(digests.values())},
    ).fetchall()
    return [(str(event_id), str(file)) for event_id, file in found]


def tell_apart(rows: Sequence[tuple[str, str]], *, keep: bool) -> str:
    """The condition, in SQL, that keeps these rows alone or leaves them out.

    >>> tell_apart([("a", "f")], keep=False)
    "NOT (event_id IN ('a') AND file IN ('f'))"
    >>> tell_apart([], keep=False), tell_apart([], keep=True)
    ('', 'false')
    """
    if not rows:
        return "false" if keep else ""
    ids, files = (", ".join(literal(text) for text in sorted(set(column))) for column in zip(*rows, strict=True))
    here = f"event_id IN ({ids}) AND file IN ({files})"
    return here if keep else f"NOT ({here})"
