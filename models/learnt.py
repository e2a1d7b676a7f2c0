"""How much a model knows, counted from the files of its bundle that say so: nothing else of it is opened."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import pyarrow as pa

from models.model import KIND_DAYS
from models.seal import BundleError
from models.tables import list_parts, read_rows

FILES: Final = ("meta.json", "principals.parquet", "tokens.parquet")
"""Files of a bundle that `count_learnt` reads, with what further ones their tables have."""


class Learnt(NamedTuple):
    """How much a model knows."""

    day: int
    """The day it judges, in days since 1970."""
    learnt_days: int
    judged_days: int
    """Days judged by a model that never saw them, on which its calibration rests."""
    principals: int
    active: int
    """Principals that were active in the four weeks before its day."""
    new: int
    """Principals that were first active in the week before its day."""
    kinds: dict[str, int]
    """Principals by kind, the most frequent first, as are the dictionaries below."""
    groups: dict[str, int]
    """Principals by peer group."""
    values: dict[str, int]
    """Values that are known, such as actions and networks, by dimension."""
    accounts: int
    seed: int
    detectors: tuple[str, ...]
    priors: str
    """Version of the attack priors."""


def count_learnt(files: Mapping[str, bytes]) -> Learnt:
    """How much the model of a bundle knows, from its files `FILES`, once they were held against the signature.

    Raises
    ------
    BundleError
        They are not as this version writes them.
    """
    try:
        return _count(files)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, pa.ArrowException) as error:
        raise BundleError(
            f"the model is not as this version writes it ({type(error).__name__}); run `oddtrail train` to fit another"
        ) from error


def _count(files: Mapping[str, bytes]) -> Learnt:
    meta: dict[str, Any] = json.loads(files["meta.json"])
    columns = ["kind", "group", "first_day", "last_day"]
    who = pa.concat_tables(rows.select(columns) for rows in _rows(files, "principals.parquet")).to_pydict()
    values = Counter[str]()
    for rows in _rows(files, "tokens.parquet"):
        values.update(str(token).partition("\x1f")[0] for token in rows["token"].to_pylist())
    day, groups = int(meta["day"]), meta["groups"]
    return Learnt(
        day=day,
        learnt_days=int(meta["learnt_days"]),
        judged_days=len(meta["days"]),
        principals=len(who["kind"]),
        active=sum(last >= day - KIND_DAYS for last in who["last_day"]),
        new=sum(first >= day - 7 for first in who["first_day"]),
        kinds=_most_first(who["kind"]),
        groups=_most_first(groups[code] for code in who["group"]),
        values=dict(values.most_common()),
        accounts=len(meta["accounts"]),
        seed=int(meta["seed"]),
        detectors=tuple(meta["detectors"]),
        priors=str(meta["priors"]),
    )


def _rows(files: Mapping[str, bytes], first: str) -> Iterator[pa.Table]:
    for name in list_parts(first, files):
        yield from read_rows(files[name])


def _most_first(values: Any) -> dict[str, int]:
    return dict(Counter(values).most_common())
