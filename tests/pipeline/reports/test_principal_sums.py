"""Hours of a day are bits, so that those of many rows are still counted once."""

from datetime import date

import duckdb
import pytest

from pipeline.reports.principal_calls import TABLES
from pipeline.reports.principal_sums import BY_DAY, OF_DAYS, SOURCES, of_days, sum_up

CALLS = """INSERT INTO calls BY NAME SELECT CAST(moment AS TIMESTAMPTZ) AS hour, 's3:Get' || what AS action,
    's3' AS service, calls, CAST(moment AS TIMESTAMPTZ) AS first, CAST(moment AS TIMESTAMPTZ) AS last, false AS denied
FROM (VALUES ('2026-10-24 22:00Z', 'A', 1), ('2026-10-24 23:00Z', 'A', 2), ('2026-10-24 23:00Z', 'B', 3),
    ('2026-10-25 00:00Z', 'A', 4), ('2026-10-25 22:00Z', 'B', 5), ('2026-10-25 23:00Z', 'B', 6)
) AS made(moment, what, calls)"""


@pytest.mark.parametrize(
    ("zone", "counted"),
    [
        ("UTC", [(date(2026, 10, 24), 6, 2), (date(2026, 10, 25), 15, 3)]),
        ("Europe/Berlin", [(date(2026, 10, 25), 15, 4), (date(2026, 10, 26), 6, 1)]),  # a day of 25 hours
    ],
)
def test_each_hour_of_a_day_counts_once(zone: str, counted: list[tuple[date, int, int]]) -> None:
    with duckdb.connect() as tables:
        tables.execute("SET timezone = 'UTC'")
        tables.execute(TABLES)
        tables.execute(CALLS)
        by_day = f"SELECT day, {BY_DAY} FROM acts($timezone) GROUP BY day ORDER BY day"
        rows = tables.execute(f"SELECT day, calls, bit_count(hours) FROM ({by_day})", {"timezone": zone}).fetchall()
        assert rows == counted
        [whole] = tables.execute(f"SELECT {OF_DAYS} FROM ({by_day})", {"timezone": zone}).fetchall()
        assert whole[:4] == (21, 0, 5, len(counted))


@pytest.mark.parametrize("what", SOURCES)
def test_a_time_zone_is_never_sql(what: str) -> None:
    for zone in ("UTC'", "x) --"):
        with pytest.raises(ValueError, match="time zone"):
            sum_up(what, "every_joint", zone)
        with pytest.raises(ValueError, match="time zone"):
            of_days([], zone)
