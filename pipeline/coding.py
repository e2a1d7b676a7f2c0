"""Arrow tables of a day's deliveries, coded with a model's vocabularies."""

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.hourly import MEASURES
from models.baseline import ActiveRows, Ints, TokenRows
from models.groups import Member
from models.model import Model
from models.volume import HourlyRows
from pipeline.activity import Delivered

_MICROS_PER_HOUR = 3_600_000_000
Column: TypeAlias = "pa.ChunkedArray[Any] | pa.Array[Any]"


def coded(
    delivered: Delivered, model: Model, members: Mapping[str, Mapping[str, Any]]
) -> tuple[TokenRows, ActiveRows, HourlyRows]:
    """Rows for a model's step; principals seen for the first time are enrolled in the order they came.

    Parameters
    ----------
    members
        What structure says of each principal (`Activity.members`).
    """
    tokens, active, hourly = delivered.tokens, delivered.active, delivered.hourly
    names = _strings(pc.unique(tokens["principal"]))
    model.enrol([_member(members[name]) for name in names if name not in model.members])
    baseline = model.baseline
    rows = TokenRows(
        principal=_codes(tokens["principal"], model),
        token=baseline.token_codes(_strings(tokens["dimension"]), _strings(tokens["value"]), _strings(tokens["level"])),
        day=_days(tokens["day"]),
        hours=_integers(tokens["hours"]),
        tick=_micros(tokens["tick"]),
        hour=_micros(tokens["first_hour"]) // _MICROS_PER_HOUR,
        account=baseline.accounts.codes(_strings(tokens["account"])),
    )
    active_rows = ActiveRows(
        principal=_codes(active["principal"], model),
        dimension=baseline.dimensions.codes(_strings(active["dimension"])),
        day=_days(active["day"]),
        hours=_integers(active["hours"]),
    )
    counts = np.column_stack([_integers(hourly[name]) for name in MEASURES]).astype(np.float64)
    hourly_rows = HourlyRows(
        principal=_codes(hourly["principal"], model),
        hour=_micros(hourly["hour"]) // _MICROS_PER_HOUR,
        tick=_micros(hourly["tick"]),
        day=_days(hourly["day"]),
        counts=counts,
    )
    order = np.lexsort((hourly_rows.tick, hourly_rows.hour, hourly_rows.principal))
    return rows, active_rows, hourly_rows.where(order)


def _member(row: Mapping[str, Any]) -> Member:
    return Member(
        row["principal"], row["kind"], row["identity_type"], row["name"], row["permission_set"], row["account"]
    )


def _strings(column: Column) -> list[str]:
    return cast(list[str], column.to_pylist())


def _codes(column: Column, model: Model) -> Ints:
    return model.baseline.principals.codes(_strings(column))


def _integers(column: Column) -> Ints:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _micros(column: Column) -> Ints:
    return np.asarray(column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy(), dtype=np.int64)


def _days(column: Column) -> Ints:
    return np.asarray(column.cast(pa.date32()).cast(pa.int32()).to_numpy(), dtype=np.int64)
