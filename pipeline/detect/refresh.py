"""Bring the activity of a home up to date: rewrite account-days that changed or are damaged.

What was fetched of an account-day stays where it has more calls than the home's own events (`pipeline.stores.fetched`).
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

import duckdb
import pyarrow as pa

from features.activity.statements import COUNTED, STATEMENTS, prelude
from pipeline.stores.fetched import Fetched, count_hours, put_fetched, read_fetched
from pipeline.stores.home import Store

_FAMILY = "activity"
"""Of the settings that say of which events activity was made."""


def refresh_activity(
    store: Store, connection: duckdb.DuckDBPyConnection, *, timezone: str, lateness_minutes: int, now: datetime
) -> int:
    """Rewrite stale account-days of activity; return how many.

    Parameters
    ----------
    store
        The home's.
    connection
        To compute with; the temporary views `events` and `counted` are made in it.
    timezone, lateness_minutes
        The deployment's; activity made with others is stale, and so is that of other statements.
    now
        When it is written.
    """
    connection.execute("SET timezone = 'UTC'")
    connection.execute(prelude(timezone, lateness_minutes))
    store.activity.forget_damaged(now=now)
    there, fetched = set(store.activity.days()), read_fetched(store.state)
    held = store.events.days()
    store.state.forget_days(_FAMILY, but=held)  # a day that was pruned is not looked at again
    pruned = store.events.pruned_before()
    written, meaning = 0, hashlib.sha256("".join((COUNTED, *STATEMENTS.values())).encode()).hexdigest()
    with ThreadPoolExecutor(1) as beside:
        made: _Made | None = None
        for account, day in held:
            if pruned and day < pruned and (account, day) in there:
                continue  # what came after a day was pruned would stand for all of it
            setting = f"{_FAMILY}/{account}/{day}"
            made_of = f"{timezone} {lateness_minutes} {meaning}\n{store.events.version(account, day)}"
            fingerprint = hashlib.sha256(made_of.encode()).hexdigest()[:32]
            if (account, day) in there and store.state.setting(setting) == fingerprint:
                continue
            since = datetime(day.year, day.month, day.day, tzinfo=UTC)
            store.events.view(connection, since, since + timedelta(days=1), accounts=[account])
            connection.execute(COUNTED)
            counting = beside.submit(_count, connection)
            _keep(store, made, now)
            made = _Made(account, day, setting, fingerprint, counting.result(), fetched.get((account, day)))
            written += not made.fetched_stands
        _keep(store, made, now)
    return written


def count_again(store: Store, account: str, day: date) -> None:
    """Have the home's own events of an account-day counted the next time, whatever is known of them."""
    store.state.put_setting(f"{_FAMILY}/{account}/{day}", None)


@dataclass(frozen=True)
class _Made:
    """Tables of an account-day that are not written yet; the next one's are counted while they are."""

    account: str
    day: date
    setting: str
    fingerprint: str
    tables: dict[str, pa.Table]
    fetched: Fetched | None
    """The same account-day as others counted it."""

    @cached_property
    def beside(self) -> Fetched | None:
        """That, held against these tables."""
        return self.fetched.hold_against(count_hours(self.tables["joint"])) if self.fetched else None

    @property
    def fetched_stands(self) -> bool:
        """Whether what was fetched is there, and has more calls."""
        return bool(self.fetched and self.fetched.stands and self.beside and self.beside.stands)


def _count(connection: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    return {name: connection.sql(statement).to_arrow_table() for name, statement in STATEMENTS.items()}


def _keep(store: Store, made: _Made | None, now: datetime) -> None:
    if made is None:
        return
    if not made.fetched_stands:
        store.activity.write(made.account, made.day, made.tables, now)
    if made.beside is not None:
        again = made.beside.stands and not made.fetched_stands  # it has more now, and is not here: to be fetched again
        put_fetched(store.state, made.account, made.day, None if again else made.beside)
    store.state.put_setting(made.setting, made.fingerprint)
