"""Seconds and peak memory of a day's activity and vectors: 8 million events, from Parquet, on two cores.

    .venv/bin/python benchmarks/activity_speed.py [--events 8000000] [--threads 2] [--memory 1GB] [--json]

The day is made first, with long tails everywhere (who calls, what, from where, on which resource), and thrown away
afterwards. It is measured in a process of its own, through the same view and statements as the product uses.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from features.activity import catalogue
from features.activity import statements as activity
from features.normalise.event import EVENT
from pipeline.stores.parquet.view import events_sql

PRINCIPALS, ACTIONS, PREFIXES, RESOURCES = 2_500, 2_000, 3_000, 400_000
MOST_SECONDS, MOST_BYTES = 15.0, 2_000_000_000
LEAST = {"principals": 2_000, "joint": 500_000, "touched": 300_000}

# `zipf(u, n)`: a rank from 0 to n - 1, the k-th about as often as 1/k. `u(x, y)`: uniform in [0, 1) by hash.
_MACROS = """
CREATE MACRO u(x, salt) AS (hash(concat(x, salt)) >> 11) / 9007199254740992.0;
CREATE MACRO zipf(x, salt, n) AS CAST(floor(exp(u(x, salt) * ln(n + 1))) - 1 AS BIGINT);
CREATE MACRO one_of(x, salt, names) AS names[1 + CAST(floor(u(x, salt) * len(names)) AS BIGINT)];
"""
_DAY = f"""
WITH drawn AS (
    SELECT i, zipf(i, 'who', {PRINCIPALS}) AS who, zipf(i, 'nth', 10) AS nth,
        CAST(86400 * pow(sin(pi() * u(i, 'when') / 2), 2) AS BIGINT) AS second
    FROM range(?) AS made(i)
), habits AS (
    SELECT *, zipf(concat(who, '-', nth), 'action', {ACTIONS}) AS what, second // 14400 AS shift,
        zipf(concat(who, '-', zipf(i, 'place', 2)), 'prefix', {PREFIXES}) AS place,
        zipf(concat(who, '-', zipf(i, 'thing', 5)), 'resource', {RESOURCES}) AS thing
    FROM drawn
), events AS (
    SELECT 'event-' || i AS event_id, NULL::VARCHAR AS shared_event_id,
        TIMESTAMPTZ '2025-03-03 00:00:00+00' + to_seconds(second) AS event_time,
        TIMESTAMPTZ '2025-03-03 00:05:00+00' + to_seconds(second + CAST(u(i, 'delay') * 300 AS BIGINT)) AS delivered_at,
        '111111111111' AS account, 'Management' AS category,
        one_of(concat(who, '-', nth % 3), 'region', ['', 'us-east-1', 'eu-west-1', 'ap-northeast-2']) AS region,
        'service' || what % 150 AS service, 'service' || what % 150 || ':Action' || what AS action,
        one_of(what, 'level', ['list', 'read', 'read', 'write', 'tagging', 'permissions']) AS level,
        u(what, 'level') >= 0.5 AS write,
        CASE WHEN u(i, 'error') < 0.03 THEN one_of(i, 'family', ['denied', 'throttle', 'probe']) ELSE '' END AS error,
        'role/111111111111/AROA' || who AS principal, 'role-' || who AS principal_name, 'workload' AS kind,
        'role/111111111111/AROA' || who AS identity, 'AssumedRole' AS identity_type,
        concat('ASIA', who, '-', shift, '-', nth % 2) AS session,
        TIMESTAMPTZ '2025-03-03 00:00:00+00' + to_hours(CAST(4 * shift AS BIGINT)) AS session_start,
        'public' AS address_kind, '10.' || place // 256 || '.' || place % 256 || '.0/24' AS prefix,
        one_of(place, 'country', ['DE', 'KR', 'US', 'BR', 'AU']) AS country, 64500 + place % 40 AS asn,
        180 * u(place, 'latitude') - 90 AS latitude, 360 * u(place, 'longitude') - 180 AS longitude,
        one_of(concat(who, '-', nth % 2), 'agent', ['aws-cli', 'boto3', 'terraform', 'service:eks']) AS agent,
        CASE WHEN u(what, 'touches') < 0.6 THEN [one_of(what, 'type', ['bucket', 'role', 'key', 'instance', 'secret'])
            || ':' || thing] ELSE [] END AS resources
    FROM habits
)
"""
_BLANK = {
    "string": "''",
    "bool": "false",
    "int32": "0",
    "int64": "0",
    "double": "NULL::DOUBLE",
    "timestamp": "NULL::TIMESTAMPTZ",
    "strings": "[]::VARCHAR[]",
    "binary": "''::BLOB",
}


def make_day(path: Path, events: int) -> None:
    """Write one account's day of events, in order of time, with every column of the schema."""
    with duckdb.connect() as connection:
        connection.execute(_MACROS)
        made = {row[0] for row in connection.execute(f"DESCRIBE {_DAY} SELECT * FROM events", [events]).fetchall()}
        columns = ", ".join(c.name if c.name in made else f"{_BLANK[c.type]} AS {c.name}" for c in EVENT)
        connection.execute(
            f"COPY ({_DAY} SELECT {columns} FROM events ORDER BY event_time) TO '{path}' (FORMAT parquet)", [events]
        )


def measure(path: Path, threads: int, memory: str) -> dict[str, float]:
    """Run the product's statements over a day; returns rows and seconds of each table, and peak memory in bytes."""
    out: dict[str, float] = {}
    connection = duckdb.connect(config={"threads": threads, "memory_limit": memory})
    connection.execute(f"SET TimeZone = 'UTC'; SET temp_directory = '{path.parent}'")
    connection.execute(events_sql([str(path)]))
    connection.execute(activity.prelude("UTC", 15))
    connection.execute(catalogue.prelude("UTC"))
    connection.execute(activity.COUNTED)
    statements = {
        "joint": activity.joint(),
        "touched": activity.touched(),
        "principals": activity.PRINCIPALS,
        "places": activity.PLACES,
        "sessions": activity.SESSIONS,
        "vectors": catalogue.VECTORS,
    }
    for name, statement in statements.items():
        start = time.perf_counter()
        connection.execute(f"CREATE TEMP TABLE {name} AS {statement}")
        out[f"{name}_seconds"] = round(time.perf_counter() - start, 2)
        (out[name],) = connection.execute(f"SELECT count(*) FROM {name}").fetchone() or (0,)
    out["seconds"] = round(sum(out[f"{name}_seconds"] for name in statements), 2)
    out["peak_bytes"] = peak_bytes()
    return out


def peak_bytes() -> int:
    """Most memory this process had resident; not `ru_maxrss` on Linux, where a child's starts at its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def measured_apart(path: Path, threads: int, memory: str) -> dict[str, float]:
    """`measure` in a process of its own, so that making the day costs it nothing."""
    command = [sys.executable, __file__, "--measure", str(path), "--threads", str(threads), "--memory", memory]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    out: dict[str, float] = json.loads(done.stdout)
    return out


def verdict(result: dict[str, float]) -> str:
    """What was measured, against what is asked."""
    rows = ", ".join(f"{result[name]:,.0f} {name} in {result[f'{name}_seconds']:.1f} s" for name in _TABLES)
    passed = result["seconds"] <= MOST_SECONDS and result["peak_bytes"] <= MOST_BYTES
    return (
        f"{rows}\n{result['seconds']:.1f} s (at most {MOST_SECONDS:.0f}), "
        f"peak {result['peak_bytes'] / 1e9:.2f} GB (at most {MOST_BYTES / 1e9:.0f}): {'kept' if passed else 'NOT kept'}"
    )


_TABLES = ("joint", "touched", "principals", "places", "sessions", "vectors")


def main() -> int:
    """Make a day, measure it, say so; 1 when a bound is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=8_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="1GB", help="DuckDB's limit; what is over it goes to disk")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.threads, options.memory)))
        return 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "day.parquet"
        make_day(path, options.events)
        result = measured_apart(path, options.threads, options.memory)
    print(json.dumps(result) if options.json else verdict(result))
    if options.events >= 8_000_000:
        assert all(result[name] >= least for name, least in LEAST.items()), f"the day is too easy: {result}"
    return int(result["seconds"] > MOST_SECONDS or result["peak_bytes"] > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
