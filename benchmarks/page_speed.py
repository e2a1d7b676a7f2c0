"""Seconds that each page of `oddtrail serve` takes, beside what is asked of it.

    python -m benchmarks.page_speed [--principals 250] [--calls 800000] [--alerts 100000] [--home DIR]
    python -m benchmarks.page_speed --principals 2500 --calls 8000000        # what is asked: several minutes

Makes a home: activity of 28 days, events of the newest, hours that a model called strange, and alerts of a year. The
first two days are made (`benchmarks.busy_world`), and the others are the second again with its times moved, so habits
recur and nothing is new. What `serve` prepares beside the page is prepared first, and its seconds are told apart. Then
each page is asked `--times` times by one who waits; the first and the best are told, on the clock, with the CPU of the
best. 300 ms are asked for up to 100,000 alerts, and 1 s beyond. Then all are asked `--again` times more, of a principal
and an alert after the other, and memory is told: the most that preparing took, what is left of it, what the pages took,
and how much that grew. Exits 1 where the best of a page takes longer.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import pyarrow as pa
from starlette.types import ASGIApp

from benchmarks.activity_speed import peak_bytes
from benchmarks.busy_home import midnight, write_activity, write_events
from benchmarks.busy_world import World
from benchmarks.step_speed import forget_peak, resident_bytes
from features.activity.statements import STATEMENTS
from features.times.instant import micros
from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.page.links import link
from pipeline.reports.activity_days import last_days
from pipeline.reports.principal_days import view_sums
from pipeline.reports.principal_sums import SOURCES
from pipeline.settings import Settings
from pipeline.stores.alert import Alert
from pipeline.stores.home import Store, open_store
from pipeline.stores.jsonl.alerts import AlertsJsonl
from pipeline.stores.parquet.hour_scores import SCHEMA
from tests.builders import an_alert
from tests.pipeline.page.asking import ask

FIRST: Final = date(2026, 3, 1)
DAYS: Final = 28
MANY_ALERTS: Final = 100_000
MOST_SECONDS, MOST_SECONDS_OF_MANY = 0.3, 1.0


def make_home(folder: Path, principals: int, calls: int, alerts: int) -> None:
    """Make the home."""
    world = World(principals, DAYS, FIRST, calls, connection=duckdb.connect(config={"threads": 1}))
    with open_store(folder) as store:
        for number in (0, 1):
            write_activity(world, store, number)
        for number in range(2, DAYS):
            move_activity(store, FIRST + timedelta(days=1), FIRST + timedelta(days=number))
        start = midnight(world, DAYS - 1)
        write_events(world, store, DAYS - 1, start, start + timedelta(days=1))
        keys = list_busiest(store)
        store.hour_scores.put(FIRST + timedelta(days=DAYS - 1), make_scores(keys, start + timedelta(hours=9)))
    AlertsJsonl(folder / "alerts.jsonl").append(make_alerts(alerts, [key for key, _ in keys]))


def move_activity(store: Store, source: date, day: date) -> None:
    """Write a day's activity again as another day's, its times moved."""
    days = (day - source).days
    for account in sorted({account for account, known in store.activity.days() if known == source}):
        with duckdb.connect(config={"threads": 1}) as reading:
            store.activity.view(reading, since=source, until=source + timedelta(days=1), accounts=[account])
            tables = {kind: reading.sql(_move(reading, kind, days)).to_arrow_table() for kind in STATEMENTS}
        store.activity.write(account, day, tables, datetime.now(UTC))


def _move(reading: duckdb.DuckDBPyConnection, kind: str, days: int) -> str:
    moved = [
        f"CAST({name} + INTERVAL {days} DAY AS {type_}) AS {name}"
        for name, type_, *_ in reading.execute(f"DESCRIBE {kind}").fetchall()
        if type_ == "DATE" or type_.startswith("TIMESTAMP")
    ]
    return f"SELECT * REPLACE ({', '.join(moved)}) FROM {kind}"


def list_busiest(store: Store) -> list[tuple[str, str]]:
    """Key and kind of the principals, the busiest of the second day first."""
    with duckdb.connect() as reading:
        store.activity.view(reading, since=FIRST + timedelta(days=1), until=FIRST + timedelta(days=2))
        sql = "SELECT principal, min(kind) FROM principals GROUP BY 1 ORDER BY sum(calls) DESC, 1"
        return reading.execute(sql).fetchall()


def make_scores(keys: list[tuple[str, str]], hour: datetime) -> pa.Table:
    """An hour of each principal that a model called strange."""
    measure = {"measure": "calls", "typical": 2.0, "actual": 40.0, "share": 1.0}
    rows = [
        {
            "principal": key, "principal_name": key, "principal_kind": kind, "day": hour.date(), "hour": hour,
            "scored_at": hour + timedelta(hours=1), "model": "population", "raw_score": 9.0,
            "record_score": 25.0 + number % 70, "measures": [measure],
        }
        for number, (key, kind) in enumerate(keys)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def make_alerts(count: int, keys: list[str]) -> Iterator[Alert]:
    """Alerts of a year that ends with the newest day, a third of them raised."""
    last = FIRST + timedelta(days=DAYS - 1)
    for number in range(count):
        key, raised = keys[number % len(keys)], number % 3 == 0
        yield an_alert(
            f"{number:032x}", day=last - timedelta(days=number % 365), record_score=40 + number % 60, raised=raised,
            held_because=None if raised else "budget", principal_key=key, principal_name=key,
        )  # fmt: skip


def list_addresses(home: Home, number: int = 0) -> dict[str, str]:
    """By what is told: an address of each page, and searches that find nothing and much.

    Of the principal that is so many behind the busiest, and an alert of it.
    """
    with home.open() as store:
        busiest = list_busiest(store)[number][0]
        with home.connect() as reading:
            store.events.view(reading)
            event_id, at = reading.execute("SELECT event_id, event_time FROM events LIMIT 1").fetchall()[0]
    alert = f"{number:032x}"
    return {
        "/": "/", "/ of an older day": link("/", day=FIRST), "/busy": "/busy", "/where": "/where", "/days": "/days",
        "/held": "/held", "/model": "/model", "/native": "/native", "/population": "/population",
        "/alert": link("/alert", id=alert), "/events": link("/events", id=alert),
        "/principal, the busiest": link("/principal", id=busiest), "/unlike": link("/unlike", id=busiest),
        "/event": link("/event", id=event_id, at=micros(at)),
        "/search, a principal": link("/search", q=busiest), "/search, a call": link("/search", q="iam:CreateAccessKey"),
        "/search, nobody": link("/search", q="nobody-at-all"),
    }  # fmt: skip


def tell_reads(home: Home) -> str:
    """How many files a principal's page opens and rows it takes, of how many in all: what grows with a deployment."""
    with home.open() as store, home.connect() as connection:
        key = list_busiest(store)[0][0]
        first, last = last_days(store, home.settings, DAYS)
        files = view_sums(connection, store, home.settings, first, last)
        taken = every = 0
        for one in SOURCES:
            whose = "what" if one == "had" else "prefix" if one == "places" else "principal"
            sql = f"SELECT count(*) FILTER ({whose} = $key), count(*) FROM sum_{one}"
            [(own, rows)] = connection.execute(sql, {"key": key}).fetchall()
            taken, every = taken + own, every + rows
    return f"a principal's page: {files} files, {taken:,} rows of {every:,}\n"


def measure(app: ASGIApp, address: str, times: int) -> tuple[int, float, float, float]:
    """The status, and the seconds of the first, of the best, and of CPU of the best."""
    took: list[tuple[float, float]] = []
    status = 0
    for _ in range(times):
        clock, cpu = time.perf_counter(), time.process_time()
        status = ask(app, address).status
        took.append((time.perf_counter() - clock, time.process_time() - cpu))
    best = min(took)
    return status, took[0][0], best[0], best[1]


def main(argv: list[str] | None = None) -> int:
    """Make the home if it is not there, ask, print the table; 1 where a page takes longer than is asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--principals", type=int, default=250)
    parser.add_argument("--calls", type=int, default=800_000, help="a day")
    parser.add_argument("--alerts", type=int, default=MANY_ALERTS)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--again", type=int, default=20, help="times that all pages are asked to see memory grow")
    parser.add_argument("--home", type=Path, help="where the home is kept; one that is there is taken as it is")
    given = parser.parse_args(argv)
    most = MOST_SECONDS if given.alerts <= MANY_ALERTS else MOST_SECONDS_OF_MANY
    with TemporaryDirectory() as folder:
        path = given.home or Path(folder) / "home"
        if not path.exists():
            make_home(path, given.principals, given.calls, given.alerts)
        home = Home(Settings(home=path))
        started = time.perf_counter()
        home.prepare()
        print(f"prepared beside the page, once: {time.perf_counter() - started:.1f} s")
        print(f"most memory of it: {peak_bytes() / 1e6:.0f} MB, of which {resident_bytes() / 1e6:.0f} MB are left\n")
        forget_peak()
        print(tell_reads(home))
        app = make_app(home, Access())
        print("| page | status | first, s | best, s | CPU of the best, s | asked, s |\n|---|---|---|---|---|---|")
        slow = []
        for name, address in list_addresses(home).items():
            status, first, best, cpu = measure(app, address, given.times)
            print(f"| {name} | {status} | {first:.3f} | {best:.3f} | {cpu:.3f} | {most} |", flush=True)
            slow += [name] if best > most or status != 200 else []
        before = resident_bytes()
        for number in range(given.again):
            for address in list_addresses(home, number).values():
                ask(app, address)
    grown = (resident_bytes() - before) / 1e6
    print(f"\nmost memory of the pages: {peak_bytes() / 1e6:.0f} MB; asked {given.again} times more, {grown:+.0f} MB")
    print(f"slower than asked, or not answered: {', '.join(slow)}" if slow else "every page is as quick as asked")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
