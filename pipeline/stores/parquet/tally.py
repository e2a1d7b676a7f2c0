"""What segments of events hold by region and hour: counts, how many of them came late, and in which minutes."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

import duckdb

from features.times.instant import HOUR, MINUTE, micros, moment_of
from pipeline.stores.parquet.view import segments_sql
from pipeline.stores.sqlite.arrivals import Arrived

OTHER: Final = "other"
"""Stands for whatever is no name of a region; the global services have none."""
_REGION: Final = r"[a-z]{2,4}(-[a-z]{2,12}){1,3}-\d{1,2}"
"""As AWS names its regions, such as us-gov-east-1; whoever writes records might write anything."""


class Tally(NamedTuple):
    """What a segment holds of a region and an hour."""

    path: str
    """The segment's, relative to the home."""
    region: str
    """Empty for global services."""
    hour: int
    """Hours of event time since 1970."""
    seen: int
    late: int
    """Of those seen, what was delivered after the hour had closed: later than its end and the lateness."""
    minutes: int
    """A bit for each minute of the hour in which anything happened, the first the least."""


def tally(
    connection: duckdb.DuckDBPyConnection,
    files: Mapping[str, str],
    arrived: Sequence[Arrived],
    lateness: timedelta,
    only: str = "",
) -> list[Tally]:
    """Count the rows of some segments.

    What corrects a record is no event of its own, and a time that cannot be right (`future`, `past`) is of no hour.

    Parameters
    ----------
    files
        Paths relative to the home, by the file each is.
    arrived
        Delivered files that came later than their names say.
    only
        Condition on rows, in SQL, where not all count.
    """
    if not files:
        return []
    closes = HOUR + micros(moment_of(0) + lateness)
    came = {one.file: one.at for one in arrived}
    rows = connection.execute(
        f"""WITH came AS (SELECT unnest($came::VARCHAR[]) AS file, unnest($arrived::BIGINT[]) AS arrived),
        counted AS (
            SELECT segment.filename AS path, epoch_us(event_time) AS instant,
                greatest(epoch_us(delivered_at), came.arrived) AS delivered,
                CASE WHEN coalesce(region, '') = '' THEN ''
                    WHEN regexp_full_match(region, '{_REGION}') THEN region ELSE '{OTHER}' END AS region
            FROM ({segments_sql(list(files), filename=True)}) AS segment LEFT JOIN came USING (file)
            WHERE coalesce(patches, '') = '' AND NOT list_has_any(coalesce(flags, []), ['future', 'past'])
                AND {only or "true"}
        )
        SELECT path, region, instant // {HOUR} AS hour, count(*),
            count(*) FILTER (delivered > instant // {HOUR} * {HOUR} + $closes),
            bit_or((1::UBIGINT << ((instant % {HOUR}) // {MINUTE})::UBIGINT))
        FROM counted GROUP BY ALL ORDER BY ALL""",
        {"came": list(came), "arrived": list(came.values()), "closes": closes},
    ).fetchall()
    return [Tally(files[path], *rest) for path, *rest in rows]
