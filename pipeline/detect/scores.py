"""Score rows: how every ledger stood, hour by hour and at each revision, by family and by detector."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from features.times.instant import HOUR, moment_of
from models.combine import FAMILIES
from models.model import Model
from models.standing import Key, Standing
from pipeline.detect.walk import DayOutcome

_TIME = pa.timestamp("us", tz="UTC")


def score_schema(detectors: list[str]) -> pa.Schema:
    """Columns of a score row: evidence in nats; record scores 0 to 100, higher is stranger.

    `own_past` and `same_hour` are the two sides of counts. A detector's scores are the largest of the principal's day,
    of hours that were closed by then.
    """
    return pa.schema(
        [
            ("principal", pa.string()),
            ("principal_name", pa.string()),
            ("principal_kind", pa.string()),
            ("accounts", pa.list_(pa.string())),
            ("day", pa.date32()),
            ("hour", _TIME),
            ("detected_at", _TIME),
            *((name, pa.float64()) for name in FAMILIES),
            ("own_past", pa.float64()),
            ("same_hour", pa.float64()),
            ("kind_prior", pa.float64()),
            ("sum", pa.float64()),
            ("record_score", pa.float64()),
            ("raised", pa.bool_()),
            ("revision", pa.int32()),
            *((f"raw_score_{name}", pa.float64()) for name in detectors),
            *((f"record_score_{name}", pa.float64()) for name in detectors),
        ]
    )


def score_rows(outcome: DayOutcome, model: Model, members: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    """A day's rows: the last standing of each ledger and newest hour, and each revision's.

    Parameters
    ----------
    outcome
        Of the day that `model` judged.
    model
        Before it learnt the day.
    members
        What structure says of each principal.
    """
    rows: dict[tuple[Key, int, int], tuple[Standing, int]] = {
        (key, hour, standing.tick): (standing, 0) for (key, hour), standing in outcome.standings.items()
    }
    raised_at: dict[Key, int] = {}
    for decision in outcome.decisions:
        standing = decision.standing
        key = standing.key
        if decision.raised:
            raised_at.setdefault(key, standing.tick)
        rows[key, outcome.newest_hour(standing), standing.tick] = (standing, decision.revision)
    ordered = sorted(rows.items(), key=lambda row: (row[0][2], row[0][0], row[0][1]))
    standings = [standing for _, (standing, _) in ordered]
    names = list(model.detectors)
    largest = {name: [outcome.strongest(name, s) for s in standings] for name in names}
    totals = np.array([s.total for s in standings])
    keys = [model.baseline.principals.values[s.principal] for s in standings]
    columns: dict[str, Any] = {
        "principal": keys,
        "principal_name": [str(members[key]["principal_name"]) for key in keys],
        "principal_kind": [str(members[key]["kind"]) for key in keys],
        "accounts": [_accounts(s, model) for s in standings],
        "day": pa.array([s.day for s in standings], pa.int32()).cast(pa.date32()),
        "hour": [moment_of(hour * HOUR) for (_, hour, _), _ in ordered],
        "detected_at": [moment_of(s.tick) for s in standings],
        **{name: [s.families[name] for s in standings] for name in FAMILIES},
        "own_past": [s.own_past.nats if s.own_past else 0.0 for s in standings],
        "same_hour": [s.population.nats if s.population else 0.0 for s in standings],
        "kind_prior": [s.prior for s in standings],
        "sum": totals,
        "record_score": outcome.calibrations["total"].score(totals),
        "raised": [raised_at.get(key, tick + 1) <= tick for (key, _, tick), _ in ordered],
        "revision": [revision for _, (_, revision) in ordered],
        **{f"raw_score_{name}": [one.raw if one else 0.0 for one in largest[name]] for name in names},
        **{f"record_score_{name}": [one.record if one else 0.0 for one in largest[name]] for name in names},
    }
    return pa.table(columns, schema=score_schema(names))


def _accounts(standing: Standing, model: Model) -> list[str]:
    codes = [int(entry.evidence.items.account[entry.row]) for entry, _ in standing.contributions]
    return [model.baseline.accounts.values[code] for code in dict.fromkeys(codes)]
