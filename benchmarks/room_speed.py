"""What a step and a bundle cost where a model is larger than its memory: `python -m benchmarks.room_speed`.

    python -m benchmarks.room_speed [--pairs 50000000] [--rows 500000] [--limit 500000000] [--out DIR] [--json FILE]

Makes a baseline of so many pairs in files below DIR, of 20,000 principals in 200 groups and 20 accounts with half as
many values, and judges and learns a day of so many tokens by it, one in ten of them new. The process may have LIMIT
bytes more of its own than before the step (`RLIMIT_DATA`); it fails where it needs more. Told are seconds, once with
all files written out and dropped from memory before, so that all is read from disk, and once with them as the step
before left them. Then the model is published as a bundle and let go of, and opened twice.
"""

import argparse
import ctypes
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.own_memory import Watched, find_maps, look
from benchmarks.report import commit
from models.baseline import SEPARATOR, ActiveRows, Baseline, Ints, TokenRows, pair_key
from models.circles import Circles
from models.groups import Member
from models.model import Model
from models.priors import AttackPriors
from models.rates import FirstRates
from models.room import Room
from models.surprise import score_tokens
from models.traits import Traits
from pipeline.datafiles import read_attack_priors
from pipeline.detect.mapped import make_room
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.reading import BundleInfo
from pipeline.watch.memory import give_back

PRIORS: Final = AttackPriors.from_dict(read_attack_priors())
PRINCIPALS: Final = 20_000
GROUPS: Final = 200
ACCOUNTS: Final = 20
KINDS: Final = ("resource:bucket", "resource:object", "resource:table", "prefix", "agent")
DAY: Final = 100
ACTIONS: Final = 2_000
"""Values that are actions."""
_DONTNEED: Final = 4
"""MADV_DONTNEED of Linux: the pages of a map are no longer this process's."""


def make_baseline(room: Room, pairs: int) -> Baseline:
    """A baseline of so many pairs, each principal's being values of its account and actions."""
    baseline, values, codes = Baseline(DAY, room), pairs // 2, np.arange(PRINCIPALS)
    names = [f"p{code}" for code in codes.tolist()]
    groups, accounts = ([f"{code // (PRINCIPALS // parts)}" for code in codes.tolist()] for parts in (GROUPS, ACCOUNTS))
    baseline.enrol_all(names, ["role"] * PRINCIPALS, groups, accounts)
    number = np.arange(values)
    kind = pa.array(["read", *KINDS]).take(pa.array(np.where(number < ACTIONS, 0, number % len(KINDS) + 1)))
    words: list[Any] = [kind.cast(pa.large_string()), pa.array(number).cast(pa.large_string())]
    words.append(pa.scalar(SEPARATOR, pa.large_string()))
    none = pa.array([""], pa.large_string()).take(pa.array(np.zeros(values, dtype=np.int8)))
    baseline.restore_tokens([(pc.binary_join_element_wise(*words), none)])
    draw, each, own = np.random.default_rng(1), pairs // PRINCIPALS, values // ACCOUNTS
    keys = room.column(np.int64, each * PRINCIPALS)
    for code in codes.tolist():
        step = own // each
        token = code // (PRINCIPALS // ACCOUNTS) * own + np.arange(each) * step + draw.integers(0, step, each)
        keys.append(pair_key(np.full(each, code), token))
    held = baseline.pairs
    held.key = keys.close()
    held.hours, held.total = room.zeros(len(held.key), np.float64), room.zeros(len(held.key), np.int32)
    held.hours += 1.0
    held.total += 1
    baseline.first_day[:], baseline.last_day[:] = DAY - 30, DAY - 1
    return baseline


def a_day(baseline: Baseline, rows: int, seed: int) -> tuple[TokenRows, ActiveRows]:
    """Tokens of a day in the order in which they came, most of them the principal's habits."""
    draw, zero = np.random.default_rng(seed), np.zeros(rows, dtype=np.int64)
    key = baseline.pairs.key[draw.integers(0, len(baseline.pairs.key), rows)]
    new = draw.random(rows) < 0.1
    key[new] = pair_key(key[new] >> 32, draw.integers(0, len(baseline.tokens), int(new.sum())))
    key = draw.permutation(np.unique(key))
    zero, every = zero[: len(key)], np.arange(PRINCIPALS)
    tokens = TokenRows(key >> 32, key & 0xFFFFFFFF, zero + baseline.day, zero + 1, zero, zero + baseline.day * 24, zero)
    none: Ints = np.zeros(PRINCIPALS, dtype=np.int64)
    return tokens, ActiveRows(every, none, none + baseline.day, none + 8)


def step(baseline: Baseline, traits: Traits, rows: TokenRows, active: ActiveRows) -> dict[str, float]:
    """Judge and learn a day; seconds of each, by the clock."""
    began, told = time.monotonic(), dict[str, float]()

    def note(name: str) -> None:
        nonlocal began
        told[name] = round(time.monotonic() - began, 2)
        began = time.monotonic()

    circles = Circles(baseline)
    note("who knows what")
    items = score_tokens(baseline, circles, FirstRates(baseline), traits, rows)
    note("judging")
    circle = circles.of(rows.principal, rows.token)
    del circles
    baseline.learn(baseline.day + 1, rows, active, circle)
    note("learning")
    return told | {"items": len(items)}


def drop_files(folder: Path) -> None:
    """Write all files out, and let none of them be in memory."""
    library = ctypes.CDLL(None, use_errno=True)
    for begin, end in find_maps(str(folder)):  # what is mapped stays in memory
        library.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), _DONTNEED)
    for name in os.listdir("/proc/self/fd"):
        try:
            deleted = os.readlink(f"/proc/self/fd/{name}").startswith(str(folder))
        except OSError:
            continue
        if deleted:
            os.fsync(int(name))
            os.posix_fadvise(int(name), 0, 0, os.POSIX_FADV_DONTNEED)


def read_bytes() -> int:
    """Bytes that this process had read from disk so far."""
    return int(Path("/proc/self/io").read_text().partition("\nread_bytes:")[2].split()[0])


def make_model(baseline: Baseline) -> Model:
    """A model that knows nothing but a baseline."""
    model, names = Model(baseline.day, PRIORS), baseline.principals.values
    model.baseline = baseline
    baseline.total += 1.0  # whoever does something for the first time does it in an hour
    model.members = {name: Member(name, "workload", "AssumedRole", name, "", f"{name}-account") for name in names}
    return model


def publish_and_open(folder: Path, held: list[Model], watched: Watched) -> list[dict[str, Any]]:
    """Publish the one model that is held, let go of it and open it twice; what each took."""
    bundles, told, published = Bundles(folder / "home"), list[dict[str, Any]](), list[BundleInfo]()

    def note(name: str, do: Callable[[], object]) -> None:
        give_back()
        own, began = look("self", str(folder)).own, time.monotonic()
        watched.begin()
        do()
        seconds, most = time.monotonic() - began, watched.end()
        give_back()
        kept = look("self", str(folder)).own - own
        told.append({"what": name, "seconds": round(seconds, 2), "own": max(most.own - own, 0), "kept": max(kept, 0)})

    note("publishing", lambda: published.append(bundles.publish(held[0])))
    held.clear()
    for name in ("opening", "opening another"):
        note(name, lambda: held.append(bundles.load(published[0], PRIORS, make_room(folder))))
    assert [model.id() for model in held] == [published[0].model_id] * 2
    return told


def measure(folder: Path, pairs: int, rows: int, limit: int) -> dict[str, Any]:
    """Make the baseline, step twice, publish and open."""
    baseline = make_baseline(make_room(folder, 1 << 20), pairs)
    traits = Traits(PRIORS)
    traits.refresh(baseline)
    steps = []
    with Watched(folder) as watched:
        held = int(Path("/proc/self/status").read_text().partition("VmData:")[2].split()[0]) * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (held + limit, resource.RLIM_INFINITY))
        for cold in (True, False):
            tokens, active = a_day(baseline, rows, seed=int(cold))
            if cold:
                drop_files(folder)
            own = look("self", str(folder)).own
            watched.begin()
            read = read_bytes()
            seconds = step(baseline, traits, tokens, active)
            most = watched.end()
            steps.append(
                {
                    "cold": cold,
                    "seconds": seconds,
                    "own": max(most.own - own, 0),
                    "files": most.files,
                    "read": read_bytes() - read,
                }
            )
        told = {"pairs": len(baseline.pairs.key), "tokens": len(baseline.tokens), "principals": PRINCIPALS}
        models = [make_model(baseline)]
        del baseline
        bundle = publish_and_open(folder, models, watched)
    files = [path.stat().st_size for path in (folder / "home/models").glob("*/*")]
    told |= {"rows": rows, "limit": limit}
    return told | {"steps": steps, "bundle": bundle, "bytes": sum(files), "files": len(files)}


def main() -> int:
    """Measure, and say so."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=50_000_000)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--limit", type=int, default=500_000_000)
    parser.add_argument("--out", type=Path, help="files are below this folder")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    with TemporaryDirectory(dir=options.out) as folder:
        told = measure(Path(folder).resolve(), options.pairs, options.rows, options.limit)
    told |= {"commit": commit(), "run_at": f"{datetime.now(UTC):%Y-%m-%d}"}
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
