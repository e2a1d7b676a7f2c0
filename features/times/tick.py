"""Ticks of the delivery clock: an event belongs to the tick that ends the minute in which it was delivered."""

from typing import Final

from features.times.instant import MINUTE

TICK_MINUTES: Final = 1
"""Length of a tick."""
TICK: Final = TICK_MINUTES * MINUTE
"""The same in microseconds."""


def tick_of(instant: int) -> int:
    """The tick of a delivery, both in microseconds since 1970; the same as the SQL macro.

    >>> tick_of(TICK), tick_of(TICK + 1) == 2 * TICK
    (60000000, True)
    """
    return -(-instant // TICK) * TICK


def tick_sql(delivered: str) -> str:
    """SQL of the tick of a delivery.

    >>> tick_sql("delivered_at")[:30]
    'time_bucket(INTERVAL 1 MINUTE,'
    """
    return (
        f"time_bucket(INTERVAL {TICK_MINUTES} MINUTE, "
        f"{delivered} + INTERVAL {TICK_MINUTES} MINUTE - INTERVAL 1 MICROSECOND)"
    )


TICK_MACRO: Final = f"""
CREATE OR REPLACE TEMP MACRO tick_of(delivered) AS {tick_sql("delivered")};
"""
"""SQL macro: the tick of a delivery."""
