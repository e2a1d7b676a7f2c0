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


TICK_MACRO: Final = f"""
CREATE OR REPLACE TEMP MACRO tick_of(delivered) AS
    time_bucket(INTERVAL {TICK_MINUTES} MINUTE, delivered + INTERVAL {TICK_MINUTES} MINUTE - INTERVAL 1 MICROSECOND);
"""
"""SQL macro: the tick of a delivery."""
