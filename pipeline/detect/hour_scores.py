"""Rows of what detectors said of a day's hours, for the home's table of scores."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from features.times.instant import HOUR, moment_of
from models.detectors.scored import Scored
from models.model import Model
from pipeline.stores.parquet.hour_scores import LEAST, MOST_ROWS, SCHEMA


def hour_score_rows(scored: Scored, model: Model, members: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    """A row an hour and model, of those that score `LEAST` or more, at most `MOST_ROWS` a model.

    Parameters
    ----------
    members
        What structure says of each principal.
    """
    rows: list[dict[str, Any]] = []
    names, hours = model.baseline.principals.values, scored.hours
    for name, record in scored.record.items():
        kept = np.flatnonzero(record >= LEAST)
        kept = kept[np.argsort(-record[kept], kind="stable")][:MOST_ROWS]
        for row in kept.tolist():
            key = names[int(hours.principal[row])]
            rows.append(
                {
                    "principal": key,
                    "principal_name": str(members[key]["principal_name"]),
                    "principal_kind": str(members[key]["kind"]),
                    "day": int(hours.day[row]),
                    "hour": moment_of(int(hours.hour[row]) * HOUR),
                    "scored_at": moment_of(int(hours.tick[row])),
                    "model": name,
                    "raw_score": float(scored.raw[name][row]),
                    "record_score": float(record[row]),
                    "measures": [one._asdict() for one in scored.blamed[name][row]],
                }
            )
    days = pa.array([row.pop("day") for row in rows], pa.int32()).cast(pa.date32())
    without = pa.schema([field for field in SCHEMA if field.name != "day"])
    table = pa.Table.from_pylist(rows, schema=without)
    return table.append_column("day", days).select(SCHEMA.names)
