"""Put corrections into the rows they correct, as on one machine (`pipeline.stores.parquet.view`).

A correction is looked for everywhere; where what it corrects lies on no day that is looked at, it stands for itself. On
one machine the days that hold corrections are looked at with each day, and so they are here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.spark.columns import ACCOUNT_DAY
from pipeline.spark.sql_texts import run_sql

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Corrections:
    """The corrections there are.

    Parameters
    ----------
    of_their_days
        Events of all account-days that hold a correction; kept in memory as far as it is needed.
    """

    def __init__(self, of_their_days: DataFrame) -> None:
        self._corrections = of_their_days.where("patches <> ''")
        self._alone = self._corrections.join(_originals(of_their_days), "patches", "left_anti")
        """Those of which no event lies on these days."""

    def apply(self, events: DataFrame, keys: DataFrame) -> DataFrame:
        """The events of some account-days with what corrects them in their rows.

        Parameters
        ----------
        events
            Of these account-days.
        keys
            The account-days, a row each.
        """
        near = self._corrections.join(_originals(events), "patches", "left_semi")
        own = self._alone.join(keys, ACCOUNT_DAY, "left_semi")
        with_found = run_sql("corrected", collapsed=events, correcting=near)
        stand_alone = run_sql("corrected", collapsed=events.where("false"), correcting=own)
        return with_found.unionByName(stand_alone)


def _originals(events: DataFrame) -> DataFrame:
    """The ids of events that are no corrections, under the name of what corrects them."""
    return events.where("patches = ''").selectExpr("event_id AS patches")
