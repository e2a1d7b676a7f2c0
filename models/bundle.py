"""A model as files: Parquet and JSON only, hashed in a signed manifest and held against it before they are opened.

Nothing in a bundle is code. Detectors that are fitted (the forest) are not stored: they are refitted from the bundle's
history with the same seed, so a bundle survives an upgrade of the library and cannot carry a pickle. A large table is
several files (`models.tables`), and files are made and opened one after another.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from models.baseline import Baseline, find
from models.breadth import BUCKETS
from models.detectors.hours import Hours, check_hours
from models.groups import Member
from models.history import DayRecord, Maxima
from models.manifest import MANIFEST, hash_file, make_manifest
from models.model import Model
from models.priors import AttackPriors
from models.room import Room
from models.seal import BundleError, SignWith, TrustIn
from models.signed_files import SignedFiles
from models.tables import gather, name_file, read_column, write_columns, write_rows
from models.week import TABLES as WEEK
from models.week import from_columns as week_of
from models.week import to_columns as week_columns
from models.words import Texts
from models.yesterday import TABLES as YESTERDAY
from models.yesterday import from_columns, to_columns

PRINCIPALS = name_file("principals", 0)
"""The file of who a model knows, in its column `principal`."""
_META = "meta.json"
_TABLES = (
    "tokens", "principals", "pairs", "cells", "recent", "volume", "breadth", "sample", "timetable", "history", "maxima",
    *WEEK,
)  # fmt: skip
_FILES = frozenset({_META, *(name_file(table, 0) for table in _TABLES)})
NamedFiles = Iterator[tuple[str, bytes]]


def pack(model: Model, key: SignWith, beside: Iterable[tuple[str, bytes]] = (), note: Any = None) -> NamedFiles:
    """Names and contents of a model's files, made one after another; the last is a manifest signed by `key`.

    Parameters
    ----------
    beside
        Files that go with it and that `unpack` passes over.
    note
        What the manifest says beside, as JSON can hold it (`read_manifest`).
    """
    hashes = dict[str, str]()
    for files in (_pack(model), beside):
        for name, content in files:
            hashes[name] = hash_file(content)
            yield name, content
    yield MANIFEST, make_manifest(hashes, model.id(), key, note)


def _pack(model: Model) -> NamedFiles:
    yield from _pack_baseline(model)
    yield from write_columns(
        "volume",
        {"hours": model.volume.hours, **_columns("sum", model.volume.sums), **_columns("square", model.volume.squares)},
    )
    yield from write_columns(
        "breadth", {name: getattr(model.breadth, name).ravel() for name in ("hours", "sums", "squares")}
    )
    yield from write_columns("sample", _sample(model))
    yield from write_columns(
        "timetable",
        {
            "key": model.timetable.key,
            "hours": model.timetable.hours,
            **_columns("sum", model.timetable.sums),
            **_columns("square", model.timetable.squares),
        },
    )
    yield from write_columns("history", _history(model))
    yield from write_columns("maxima", _maxima(model))
    for tables in (week_columns(model.week), to_columns(model.yesterday) if model.yesterday else {}):
        for table, columns in tables.items():
            yield from write_columns(table, columns)
    meta = {
        "day": model.day,
        "learnt_days": model.learnt_days,
        "seed": model.seed,
        "detectors": list(model.detectors),
        "priors": model.traits.priors.version,
        "dimensions": model.baseline.dimensions.values,
        "groups": model.baseline.groups.values,
        "accounts": model.baseline.accounts.values,
        "days": [[record.day, record.principal_days] for record in model.history.days],
        "yesterday": model.yesterday.day if model.yesterday else None,
    }
    yield _META, json.dumps(meta).encode()


def _pack_baseline(model: Model) -> NamedFiles:
    """Files of what grows with values: of their arrays some rows are looked at together."""
    baseline, members = model.baseline, [model.members[name] for name in model.baseline.principals.values]
    pairs, level, levels = baseline.pairs, baseline.token_level, pa.array(baseline.levels.values, pa.large_string())
    flagged = np.array(sorted(pairs.flagged.items()), dtype=np.int64).reshape(-1, 2)

    def tokens_of(rows: slice) -> pa.Table:
        return pa.table({"token": _text(baseline.tokens.column(rows)), "level": _text(levels.take(level[rows]))})

    def pairs_of(rows: slice) -> pa.Table:
        key, until = pairs.key[rows], np.zeros(rows.stop - rows.start, dtype=np.int64)
        at, there = find(key, flagged[:, 0])
        until[at[there]] = flagged[there, 1]  # day until which a value is kept from peers; 0 when it never was flagged
        columns: dict[str, Any] = {
            "key": key,
            "hours": pairs.hours[rows],
            "total": pairs.total[rows].astype(np.float64),
        }
        return pa.table(columns | {"flagged_until": until})

    cells = np.flatnonzero(baseline.total)

    def cells_of(rows: slice) -> pa.Table:
        at = np.unravel_index(cells[rows], baseline.total.shape)
        columns: dict[str, Any] = {"principal": at[0], "dimension": at[1]}
        columns |= {name: getattr(baseline, name)[at] for name in ("hours", "total", "settled_hours")}
        return pa.table(columns | {f"firsts_{circle}": baseline.firsts[circle][at] for circle in range(4)})

    yield from write_rows("tokens", len(baseline.tokens), tokens_of)
    yield from write_columns(
        "principals",
        {
            **{name: [getattr(m, name) for m in members] for name in Member.__slots__},
            "stratum": baseline.stratum,
            "group": baseline.group,
            "home": baseline.account,
            "first_day": baseline.first_day,
            "last_day": baseline.last_day,
            "active_days": baseline.active_days,
        },
    )
    yield from write_rows("pairs", len(pairs.key), pairs_of)
    yield from write_rows("cells", len(cells), cells_of)
    yield from write_columns("recent", {"key": baseline.recent_key, "firsts": baseline.recent})


def _text(words: Texts) -> Texts:
    return words.cast(pa.string())


def unpack(files: Mapping[str, bytes], key: TrustIn, priors: AttackPriors, room: Room | None = None) -> Model:
    """The model of a bundle's files, each of which is asked for once and held against its signed hash as it comes.

    Parameters
    ----------
    files
        Contents by name; what it gives for a name may be read when it is asked for.
    room
        Where what is large of it lies; in memory where none is given.

    Raises
    ------
    BundleError
        The manifest is missing or not signed with the key, a file is missing, changed or unknown, or the bundle was
        made by another format or with other priors.
    """
    signed = SignedFiles(files, key, _FILES)
    try:
        model = _unpack(signed, priors, room)
    except BundleError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, pa.ArrowException) as error:
        raise BundleError(
            f"the model is not as this version writes it ({type(error).__name__}); run `oddtrail train` to fit another"
        ) from error
    signed.check_rest()
    return model


def _unpack(files: SignedFiles, priors: AttackPriors, room: Room | None) -> Model:
    meta = json.loads(files.read(_META))
    if meta["priors"] != priors.version:
        raise BundleError(
            f"the model was trained with attack priors {meta['priors']}, this version has {priors.version}; "
            "run `oddtrail train` to fit a new one"
        )
    model = Model(meta["day"], priors, meta["detectors"], meta["seed"], room)
    model.learnt_days = meta["learnt_days"]
    _unpack_baseline(model, files, meta)
    volume = files.columns("volume")
    model.volume.day = meta["day"]
    model.volume.hours = volume["hours"]
    model.volume.sums, model.volume.squares = _matrix(volume, "sum"), _matrix(volume, "square")
    model.breadth.day = meta["day"]
    for name, column in files.columns("breadth").items():
        setattr(model.breadth, name, column.reshape(-1, BUCKETS))
    model.week = week_of({table: files.columns(table) for table in WEEK})
    _unpack_hours(model, files.columns("sample"), files.columns("timetable"))
    _unpack_history(model, files, meta["days"])
    if meta.get("yesterday") is not None:  # bundles of before hold none
        model.yesterday = from_columns(meta["yesterday"], {table: files.columns(table) for table in YESTERDAY})
    return model


def _unpack_baseline(model: Model, files: SignedFiles, meta: Mapping[str, Any]) -> None:
    baseline: Baseline = model.baseline
    principals = files.columns("principals")
    for vocabulary, name in ((baseline.dimensions, "dimensions"), (baseline.groups, "groups")):
        vocabulary.codes(meta[name])
    baseline.accounts.codes(meta["accounts"])
    rows = zip(*(principals[name] for name in Member.__slots__), strict=True)
    model.members = {member.principal: member for member in (Member(*row) for row in rows)}
    baseline.principals.codes(list(model.members))
    baseline.restore_tokens(_texts(some) for some in files.rows("tokens"))
    baseline.stratum, baseline.group = principals["stratum"], principals["group"]
    baseline.account = principals["home"]
    baseline.first_day, baseline.last_day = principals["first_day"], principals["last_day"]
    baseline.active_days = principals["active_days"]
    baseline.resize()
    _unpack_pairs(baseline, files)
    for some in files.rows("cells"):
        cells = {name: read_column(some[name]) for name in some.column_names}
        at = cells["principal"], cells["dimension"]
        baseline.hours[at], baseline.total[at], baseline.settled_hours[at] = (
            cells[name] for name in ("hours", "total", "settled_hours")
        )
        for circle in range(4):
            baseline.firsts[circle][at] = cells[f"firsts_{circle}"]
    recent = gather(files.rows("recent"), baseline.room, key=np.int64, firsts=np.float64)
    baseline.recent_key, baseline.recent = recent["key"], recent["firsts"]


def _texts(some: pa.Table) -> tuple[Texts, Texts]:
    """Tokens and their access levels."""
    token, level = (some[name].cast(pa.large_string()).combine_chunks() for name in ("token", "level"))
    return token, level


def _unpack_pairs(baseline: Baseline, files: SignedFiles) -> None:
    held = baseline.pairs

    def note() -> Iterator[pa.Table]:
        for some in files.rows("pairs"):
            key, until = (some[name].to_numpy() for name in ("key", "flagged_until"))
            flagged = np.flatnonzero(until)
            held.flagged |= zip(key[flagged].tolist(), until[flagged].tolist(), strict=True)
            yield some

    columns = gather(note(), baseline.room, key=np.int64, hours=np.float64, total=np.int32)
    held.key, held.hours, held.total = columns["key"], columns["hours"], columns["total"]


def _sample(model: Model) -> dict[str, Any]:
    hours = model.sample.hours
    whole = {name: getattr(hours, name) for name in Hours.__slots__ if name != "values"}
    return {"known": model.sample.known, **whole, **_columns("value", hours.values)}


def _unpack_hours(model: Model, sample: Mapping[str, Any], timetable: Mapping[str, Any]) -> None:
    """What detectors learn from."""
    whole = {name: sample[name] for name in Hours.__slots__ if name != "values"}
    model.sample.known = sample["known"]
    model.sample.hours = check_hours(Hours(**whole, values=_matrix(sample, "value")))
    model.timetable.key, model.timetable.hours = timetable["key"], timetable["hours"]
    model.timetable.sums, model.timetable.squares = _matrix(timetable, "sum"), _matrix(timetable, "square")


def _history(model: Model) -> dict[str, Any]:
    days = model.history.days
    return {
        "day": np.concatenate([np.full(len(r.total), r.day) for r in days]) if days else np.empty(0, dtype=np.int64),
        **{
            name: np.concatenate([getattr(r, name) for r in days]) if days else np.empty(0)
            for name in ("total", "largest", "suspect", "acts", "week")
        },
    }


def _maxima(model: Model) -> dict[str, Any]:
    """A row a detector and principal-day, in order of day and detector."""
    found = [
        (record.day, name, maxima)
        for record in model.history.days
        for name, maxima in record.detectors.items()
        if len(maxima.score)
    ]
    return {
        "day": np.concatenate([np.full(len(m.score), day) for day, _, m in found]) if found else np.empty(0, np.int64),
        "detector": [name for _, name, m in found for _ in range(len(m.score))],
        "score": np.concatenate([m.score for *_, m in found]) if found else np.empty(0),
        "suspect": np.concatenate([m.suspect for *_, m in found]) if found else np.empty(0, dtype=bool),
    }


def _unpack_history(model: Model, files: SignedFiles, days: list[list[int]]) -> None:
    table, maxima = files.columns("history"), files.columns("maxima")
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


def _columns(prefix: str, matrix: Any) -> dict[str, Any]:
    return {f"{prefix}_{column:02d}": matrix[:, column] for column in range(matrix.shape[1])}


def _matrix(table: Mapping[str, Any], prefix: str) -> Any:
    columns = [table[name] for name in sorted(table) if name.startswith(f"{prefix}_")]
    return np.column_stack(columns) if columns else np.empty((0, 0))
