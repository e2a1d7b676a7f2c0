"""A model as files: Parquet and JSON only, hashed in a signed manifest that is checked before anything is opened.

Nothing in a bundle is code. Detectors that are fitted (the forest) are not stored: they are refitted from the bundle's
history with the same seed, so a bundle survives an upgrade of the library and cannot carry a pickle.
"""

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.baseline import Baseline, Ints, Pairs, find
from models.breadth import BUCKETS
from models.detectors.hours import Hours, check_hours
from models.groups import Member
from models.history import DayRecord, Maxima
from models.manifest import FORMAT, MANIFEST, hash_file, make_manifest, read_manifest
from models.model import Model
from models.priors import AttackPriors
from models.room import Room
from models.seal import BundleError, SignWith, TrustIn
from models.week import TABLES as WEEK
from models.week import from_columns as week_of
from models.week import to_columns as week_columns
from models.words import Texts
from models.yesterday import TABLES as YESTERDAY
from models.yesterday import from_columns, to_columns

ROWS = 1 << 20
"""Rows of a part of a file."""
_TABLES = (
    "tokens", "principals", "pairs", "cells", "recent", "volume", "breadth", "sample", "timetable", "history", "maxima",
    *WEEK,
)  # fmt: skip
_FILES = frozenset({"meta.json", *(f"{name}.parquet" for name in _TABLES)})
Files = dict[str, bytes]


def pack(model: Model, key: SignWith, beside: Mapping[str, bytes] | None = None, note: Any = None) -> Files:
    """The files of a model, with a manifest signed by `key`.

    Parameters
    ----------
    beside
        Files by name that go with it and that `unpack` passes over.
    note
        What the manifest says beside, as JSON can hold it (`read_manifest`).

    Returns
    -------
    dict of str to bytes
        File contents by name.
    """
    baseline = model.baseline
    pairs, cells = baseline.pairs, np.nonzero(baseline.total)
    members = [model.members[name] for name in baseline.principals.values]
    files = {
        "tokens.parquet": _parquet(token=_text(baseline.tokens.column()), level=_levels(baseline)),
        "principals.parquet": _parquet(
            **{name: [getattr(m, name) for m in members] for name in Member.__slots__},
            stratum=baseline.stratum,
            group=baseline.group,
            home=baseline.account,
            first_day=baseline.first_day,
            last_day=baseline.last_day,
            active_days=baseline.active_days,
        ),
        "pairs.parquet": _parquet(
            key=pairs.key,
            hours=pairs.hours,
            total=pairs.total.astype(np.float64),
            flagged_until=_flagged(pairs),
        ),
        "cells.parquet": _parquet(
            principal=cells[0],
            dimension=cells[1],
            hours=baseline.hours[cells],
            total=baseline.total[cells],
            settled_hours=baseline.settled_hours[cells],
            **{f"firsts_{circle}": baseline.firsts[circle][cells] for circle in range(4)},
        ),
        "recent.parquet": _parquet(key=baseline.recent_key, firsts=baseline.recent),
        "volume.parquet": _parquet(
            hours=model.volume.hours, **_columns("sum", model.volume.sums), **_columns("square", model.volume.squares)
        ),
        "breadth.parquet": _parquet(
            **{name: getattr(model.breadth, name).ravel() for name in ("hours", "sums", "squares")}
        ),
        "sample.parquet": _sample(model),
        "timetable.parquet": _parquet(
            key=model.timetable.key,
            hours=model.timetable.hours,
            **_columns("sum", model.timetable.sums),
            **_columns("square", model.timetable.squares),
        ),
        "history.parquet": _history(model),
        **{f"{name}.parquet": _parquet(**columns) for name, columns in week_columns(model.week).items()},
        "maxima.parquet": _maxima(model),
        **{f"{name}.parquet": _parquet(**columns) for name, columns in _yesterday(model).items()},
        "meta.json": json.dumps(
            {
                "day": model.day,
                "learnt_days": model.learnt_days,
                "seed": model.seed,
                "detectors": list(model.detectors),
                "priors": model.traits.priors.version,
                "dimensions": baseline.dimensions.values,
                "groups": baseline.groups.values,
                "accounts": baseline.accounts.values,
                "days": [[record.day, record.principal_days] for record in model.history.days],
                "yesterday": model.yesterday.day if model.yesterday else None,
            }
        ).encode(),
        **(beside or {}),
    }
    hashes = {name: hash_file(content) for name, content in files.items()}
    files[MANIFEST] = make_manifest(hashes, model.id(), key, note)
    return files


def _flagged(pairs: Pairs) -> Ints:
    """Day until which each entry's value is kept from peers; 0 when it never was flagged."""
    out = np.zeros(len(pairs.key), dtype=np.int64)
    out[find(pairs.key, np.array(list(pairs.flagged), dtype=np.int64))[0]] = list(pairs.flagged.values())
    return out


def _text(words: Texts) -> "pa.ChunkedArray[Any]":
    """Words as a column, whose parts end where those of the file do."""
    parts = [words.slice(at, ROWS).cast(pa.string()) for at in range(0, len(words), ROWS)]
    return pa.chunked_array(parts, pa.string())


def _levels(baseline: Baseline) -> "pa.ChunkedArray[Any]":
    """Access level of each token."""
    levels: Texts = pa.array(baseline.levels.values, pa.large_string())
    return _text(levels.take(pa.array(baseline.token_level)))


def _yesterday(model: Model) -> dict[str, dict[str, Any]]:
    return to_columns(model.yesterday) if model.yesterday else {}


def unpack(files: Mapping[str, bytes], key: TrustIn, priors: AttackPriors, room: Room | None = None) -> Model:
    """The model of a bundle's files, once its signature and every hash have been checked.

    Parameters
    ----------
    room
        Where what is large of it lies; in memory where none is given.

    Raises
    ------
    BundleError
        The manifest is missing or not signed with the key, a file is missing, changed or unknown, or the bundle was
        made by another format or with other priors.
    """
    _check(files, key)
    try:
        return _unpack(files, priors, room)
    except BundleError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, pa.ArrowException) as error:
        raise BundleError(
            f"the model is not as this version writes it ({type(error).__name__}); run `oddtrail train` to fit another"
        ) from error


def _unpack(files: Mapping[str, bytes], priors: AttackPriors, room: Room | None) -> Model:
    meta = json.loads(files["meta.json"])
    if meta["priors"] != priors.version:
        raise BundleError(
            f"the model was trained with attack priors {meta['priors']}, this version has {priors.version}; "
            "run `oddtrail train` to fit a new one"
        )
    model = Model(meta["day"], priors, meta["detectors"], meta["seed"], room)
    model.learnt_days = meta["learnt_days"]
    _unpack_baseline(model, files, meta)
    volume = _read(files["volume.parquet"])
    model.volume.day = meta["day"]
    model.volume.hours = volume["hours"]
    model.volume.sums, model.volume.squares = _matrix(volume, "sum"), _matrix(volume, "square")
    model.breadth.day = meta["day"]
    for name, table in _read(files["breadth.parquet"]).items():
        setattr(model.breadth, name, table.reshape(-1, BUCKETS))
    model.week = week_of({name: _read(files[f"{name}.parquet"]) for name in WEEK})
    _unpack_hours(model, _read(files["sample.parquet"]), _read(files["timetable.parquet"]))
    _unpack_history(model, files, meta["days"])
    if meta.get("yesterday") is not None:  # bundles of before hold none
        model.yesterday = from_columns(meta["yesterday"], {name: _read(files[f"{name}.parquet"]) for name in YESTERDAY})
    return model


def _unpack_baseline(model: Model, files: Mapping[str, bytes], meta: Mapping[str, Any]) -> None:
    baseline: Baseline = model.baseline
    tokens, principals = pq.read_table(io.BytesIO(files["tokens.parquet"])), _read(files["principals.parquet"])
    for vocabulary, name in ((baseline.dimensions, "dimensions"), (baseline.groups, "groups")):
        vocabulary.codes(meta[name])
    baseline.accounts.codes(meta["accounts"])
    rows = zip(*(principals[name] for name in Member.__slots__), strict=True)
    model.members = {member.principal: member for member in (Member(*row) for row in rows)}
    baseline.principals.codes(list(model.members))
    texts: list[Texts] = [tokens[name].cast(pa.large_string()).combine_chunks() for name in ("token", "level")]
    baseline.restore_tokens([(texts[0], texts[1])])
    baseline.stratum, baseline.group = principals["stratum"], principals["group"]
    baseline.account = principals["home"]
    baseline.first_day, baseline.last_day = principals["first_day"], principals["last_day"]
    baseline.active_days = principals["active_days"]
    baseline.resize()
    pairs, cells, recent = (_read(files[f"{name}.parquet"]) for name in ("pairs", "cells", "recent"))
    keep = baseline.room.keep
    baseline.pairs.key, baseline.pairs.hours = keep(pairs["key"]), keep(pairs["hours"])
    baseline.pairs.total = keep(pairs["total"].astype(np.int32))
    flagged = np.flatnonzero(pairs["flagged_until"])
    until = pairs["flagged_until"][flagged].tolist()
    baseline.pairs.flagged = dict(zip(pairs["key"][flagged].tolist(), until, strict=True))
    at = cells["principal"], cells["dimension"]
    baseline.hours[at], baseline.total[at], baseline.settled_hours[at] = (
        cells[name] for name in ("hours", "total", "settled_hours")
    )
    for circle in range(4):
        baseline.firsts[circle][at] = cells[f"firsts_{circle}"]
    baseline.recent_key, baseline.recent = keep(recent["key"]), keep(recent["firsts"])


def _sample(model: Model) -> bytes:
    hours = model.sample.hours
    whole = {name: getattr(hours, name) for name in Hours.__slots__ if name != "values"}
    return _parquet(known=model.sample.known, **whole, **_columns("value", hours.values))


def _unpack_hours(model: Model, sample: Mapping[str, Any], timetable: Mapping[str, Any]) -> None:
    """What detectors learn from."""
    whole = {name: sample[name] for name in Hours.__slots__ if name != "values"}
    model.sample.known = sample["known"]
    model.sample.hours = check_hours(Hours(**whole, values=_matrix(sample, "value")))
    model.timetable.key, model.timetable.hours = timetable["key"], timetable["hours"]
    model.timetable.sums, model.timetable.squares = _matrix(timetable, "sum"), _matrix(timetable, "square")


def _history(model: Model) -> bytes:
    days = model.history.days
    return _parquet(
        day=np.concatenate([np.full(len(r.total), r.day) for r in days]) if days else np.empty(0, dtype=np.int64),
        **{
            name: np.concatenate([getattr(r, name) for r in days]) if days else np.empty(0)
            for name in ("total", "largest", "suspect", "acts", "week")
        },
    )


def _maxima(model: Model) -> bytes:
    """A row a detector and principal-day, in order of day and detector."""
    found = [
        (record.day, name, maxima)
        for record in model.history.days
        for name, maxima in record.detectors.items()
        if len(maxima.score)
    ]
    return _parquet(
        day=np.concatenate([np.full(len(m.score), day) for day, _, m in found]) if found else np.empty(0, np.int64),
        detector=[name for _, name, m in found for _ in range(len(m.score))],
        score=np.concatenate([m.score for *_, m in found]) if found else np.empty(0),
        suspect=np.concatenate([m.suspect for *_, m in found]) if found else np.empty(0, dtype=bool),
    )


def _unpack_history(model: Model, files: Mapping[str, bytes], days: list[list[int]]) -> None:
    table, maxima = _read(files["history.parquet"]), _read(files["maxima.parquet"])
    detector = np.array(maxima["detector"], dtype=object)
    for day, principal_days in days:
        rows, of_day = table["day"] == day, maxima["day"] == day
        model.history.days.append(
            DayRecord(
                day,
                principal_days,
                table["total"][rows],
                table["largest"][rows],
                table["suspect"][rows].astype(bool),
                {name: _maxima_of(maxima, of_day & (detector == name)) for name in model.detectors},
                table["acts"][rows],
                table["week"][rows],
            )
        )


def _maxima_of(table: Mapping[str, Any], rows: Any) -> Maxima:
    return Maxima(table["score"][rows], table["suspect"][rows].astype(bool))


def _check(files: Mapping[str, bytes], key: TrustIn) -> None:
    if MANIFEST not in files:
        raise BundleError("the model has no manifest; run `oddtrail train` to fit a new model")
    signed = read_manifest(files[MANIFEST], key)
    if signed["format"] != FORMAT:
        raise BundleError(f"the model has format {signed['format']}, this version reads {FORMAT}; run `oddtrail train`")
    lacking = sorted(_FILES - set(signed["files"]))
    if lacking:
        raise BundleError(
            f"the model lacks {lacking[0]}: another version made it; run `oddtrail train` to fit a new one"
        )
    for name, digest in signed["files"].items():
        if hash_file(files.get(name, b"")) != digest:
            raise BundleError(f"the model's file {name} is missing or changed; run `oddtrail train` to fit a new model")
    unknown = set(files) - set(signed["files"]) - {MANIFEST}
    if unknown:
        raise BundleError(f"the model has a file nobody signed: {sorted(unknown)[0]}; remove it")


def _columns(prefix: str, matrix: Any) -> dict[str, Any]:
    return {f"{prefix}_{column:02d}": matrix[:, column] for column in range(matrix.shape[1])}


def _matrix(table: Mapping[str, Any], prefix: str) -> Any:
    columns = [table[name] for name in sorted(table) if name.startswith(f"{prefix}_")]
    return np.column_stack(columns) if columns else np.empty((0, 0))


def _parquet(**columns: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, compression="zstd", row_group_size=ROWS)
    return out.getvalue()


def _read(content: bytes) -> dict[str, Any]:
    table = pq.read_table(io.BytesIO(content))
    return {name: _array(table[name]) for name in table.column_names}


def _array(column: Any) -> Any:
    if pa.types.is_string(column.type) or pa.types.is_null(column.type):
        return column.to_pylist()
    return column.to_numpy().copy()
