"""Activity of the day that is judged, grown tick by tick: a tick costs what came in it, not what the day holds.

The tables are those of `pipeline.detect.activity`, kept in memory for the day. Of what a tick brings only the tokens
are made, and only those hours are counted again that grew or that closed.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple, Protocol

import pyarrow as pa

from features.activity.dimensions import DIMENSIONS
from features.activity.hourly import HOURLY
from features.activity.off_host import spots
from features.activity.statements import PARTIAL_PLACES, PRINCIPALS, joint, touched, whole_places
from features.activity.tokens import ACTIVE, LONG, TOKENS, long_sql, more_sql
from features.times.day import date_of
from features.times.instant import HOUR, MINUTE, moment_of
from models.population import CLOSE_MINUTES
from pipeline.alerts.evidence import Reasoned, find_showing
from pipeline.detect.activity import CLOSED, UNSCORED, Activity, Delivered
from pipeline.stores.parquet.view import instant

_COLUMNS: Final = (
    "event_id", "shared_event_id", "file", "account", "principal", "event_time", "delivered_at", "session", "action",
    "level", "write", "region", "prefix", "address_kind", "agent", "error", "resources", "made", "exposures", "facts",
    "identity", "identity_arn", "identity_account", "kind", "identity_type", "principal_name", "identity_name",
    "permission_set", "rule", "country", "city", "asn", "organisation", "network", "latitude", "longitude",
)  # fmt: skip
"""What activity is made of."""
_NAMED: Final = ", ".join(_COLUMNS)
_TWIN: Final = "CASE WHEN shared_event_id IS NOT NULL THEN hash(principal, shared_event_id) END"
_TAKEN: Final = f"SELECT hash(event_id) AS id, {_TWIN} AS twin, $day AS day FROM {{rows}}"
"""What is remembered of events that were taken in."""
GROWN_BY: Final = "now"
"""Name of the table of events by which the day grew the last time."""
_ADDED: Final = "INSERT INTO {table} BY NAME SELECT * FROM ({rows}) ANTI JOIN {table} USING ({keys})"
"""Add what came for the first time."""
_WHO: Final = "principal, identity, identity_arn, identity_account, account"
_REOPENED: Final = f"""
SELECT DISTINCT hour FROM new_joint WHERE tick > hour + INTERVAL 1 HOUR + INTERVAL {CLOSE_MINUTES} MINUTE
"""
"""Hours that were closed and got more: what came is compared with the others of its hour as well."""
_SPOT: Final = "principal, session, prefix, address_kind"
_OTHERS_MET: Final = """
FROM met_elsewhere UNION ALL SELECT prefix, address_kind, tick FROM day_spots ANTI JOIN moved USING (session)
WHERE (prefix, address_kind) IN (SELECT (prefix, address_kind) FROM day_spots SEMI JOIN moved USING (session))
"""
"""Since when other workloads' sessions were at the places of the sessions `moved`: all that is asked of the others, so
that none of their rows is read."""
_MORE: Final = more_sql(DIMENSIONS.values()).replace("met_elsewhere", "met_now")
_LONG_NOW: Final = f"CREATE OR REPLACE TEMP VIEW long AS\n{long_sql(DIMENSIONS.values(), more='more_now')}"


MOST_AT_ONCE: Final = 500_000
"""Events that are taken in at once beside a day that is under way; more than that is read with the day, from disk."""


class BacklogError(Exception):
    """More landed than is taken in at once: begin again, with a replay."""


class Came(NamedTuple):
    """What came since the last time."""

    delivered: Delivered
    """Tokens of it, new to the day or not; and every row of the hours that grew or closed."""
    principals: frozenset[str]
    """Of whom anything came, keys."""


class Grows(Protocol):
    """A day that grows: in this process (`Arriving`), or in several (`pipeline.detect.shards`)."""

    tables: tuple[str, str]
    """Names of the tables that hold all that came of the day."""

    def take(self, files: Sequence[str]) -> int:
        """Take in the events of some files."""
        ...

    def grow(self, since: int, until: int, *, even_nothing: bool = False) -> Came | None:
        """Let the day grow by what came by a tick."""
        ...

    def find_showing(self, reasoned: Sequence[Reasoned]) -> set[str]:
        """Of whom one came the last time that shows a reason."""
        ...

    def end(self) -> Delivered:
        """All that came of the day; the next one begins."""
        ...


class Arriving:
    """The model's day as it arrives, in the tables of an activity that holds what came of it until now.

    Parameters
    ----------
    activity
        Of events by tick; its view `counted` is made again by whoever gives files.
    day
        The day, in days since 1970.
    """

    tables: tuple[str, str] = ("day_joint", "day_touched")
    """Names of the tables that hold all that came of the day."""

    def __init__(self, activity: Activity, day: int) -> None:
        self._activity, self._connection = activity, activity.connection
        self._run(
            f"CREATE OR REPLACE TEMP TABLE waiting AS SELECT {_NAMED} FROM every_counted WHERE delivered_at > $until",
            {"until": activity.until},
        )
        self._run(f"CREATE OR REPLACE TEMP TABLE taken AS {_TAKEN.format(rows='every_counted')}", {"day": day})
        self._none: pa.Table | None = None
        """What no hour closes as."""
        activity.take(date_of(day))
        for name in ("joint", "touched"):
            self._run(f"ALTER TABLE {name} RENAME TO came_{name}")
        self._begin(day)

    def take(self, files: Sequence[str]) -> int:
        """Take in the events of some files from the view `counted`; return how many were not there before.

        The view need not hold what was taken in before, as long as nothing that lands is of before yesterday.

        Raises
        ------
        BacklogError
            They hold more than `MOST_AT_ONCE`; nothing was taken in.
        """
        [(landed,)] = self._run(
            f"CREATE OR REPLACE TEMP TABLE now AS SELECT {_NAMED} FROM counted "
            "WHERE file IN (SELECT unnest($files)) AND known_day(delivered_at, event_time) >= $known LIMIT $most",
            {"files": list(files), "known": date_of(self._day + 1), "most": MOST_AT_ONCE + 1},  # earlier is history
        ).fetchall()
        if landed > MOST_AT_ONCE:
            raise BacklogError
        self._run(
            "DELETE FROM now WHERE hash(event_id) IN "
            "(SELECT id FROM taken SEMI JOIN (SELECT hash(event_id) AS id FROM now) USING (id))"
        )
        self._settle_twins()
        self._run("INSERT INTO waiting SELECT * FROM now")
        self._run(f"INSERT INTO taken {_TAKEN.format(rows='now')}", {"day": self._day})
        [(count,)] = self._run("SELECT count(*) FROM now").fetchall()
        return int(count)

    def _settle_twins(self) -> None:
        """Leave of what lands, and of what waits, the earliest of a principal's twins from two accounts."""
        [(twins,)] = self._run("SELECT count(shared_event_id) FROM now").fetchall()
        if twins:
            self._run(
                "CREATE OR REPLACE TEMP TABLE beaten AS SELECT waiting.event_id, principal, shared_event_id "
                "FROM waiting JOIN now USING (principal, shared_event_id) "
                "WHERE (now.delivered_at, now.event_id) < (waiting.delivered_at, waiting.event_id)"
            )
            self._run("DELETE FROM waiting WHERE event_id IN (SELECT event_id FROM beaten)")
            self._run(
                f"DELETE FROM now WHERE {_TWIN} IN (SELECT twin FROM taken WHERE twin IS NOT NULL) "
                "AND (principal, shared_event_id) NOT IN (SELECT (principal, shared_event_id) FROM beaten)"
            )

    def grow(self, since: int, until: int, *, even_nothing: bool = False) -> Came | None:
        """Let the day grow by what came by a tick; none where nothing did and no hour closed.

        Parameters
        ----------
        since, until
            The last tick that was looked at and the one it is now, microseconds since 1970.
        even_nothing
            Return what is empty rather than none.
        """
        now = {"until": moment_of(until), "known": date_of(self._day + 1)}
        self._run(
            "CREATE OR REPLACE TEMP TABLE now AS SELECT * FROM waiting "
            "WHERE tick_of(delivered_at) <= $until AND known_day(delivered_at, event_time) = $known",
            now,
        )
        closed = self._find_closed(since, until)
        came = f"SELECT count(*) > 0 OR {bool(closed)} AS came FROM now"
        [(found,)] = self._run(f"SELECT bool_or(came) FROM {self._activity.everywhere(came)}").fetchall()
        if not found and not even_nothing:
            return None
        self._run(
            "DELETE FROM waiting WHERE tick_of(delivered_at) <= $until "
            "AND known_day(delivered_at, event_time) = $known",
            now,
        )
        self._run("CREATE OR REPLACE TEMP VIEW counted AS SELECT * FROM now")
        self._describe_newcomers()
        scored = f"principal NOT IN (SELECT principal FROM members WHERE kind IN {UNSCORED})"
        for name, statement in (("joint", joint(by_tick=True)), ("touched", touched(by_tick=True))):
            self._run(f"CREATE OR REPLACE TEMP TABLE new_{name} AS SELECT * FROM ({statement}) WHERE {scored}")
            self._run(f"INSERT INTO day_{name} SELECT * FROM new_{name}")
        self._meet()
        self._show_moved()
        self._run(
            f"CREATE OR REPLACE TEMP TABLE more_now AS SELECT * FROM ({_MORE}) WHERE tick > $since",
            {"since": moment_of(since)},
        )
        self._show("new")
        self._run(_LONG_NOW)
        tokens, active = self._table(TOKENS), self._table(f"SELECT * FROM ({ACTIVE}) WHERE false")
        of_all = self._activity.everywhere(_REOPENED)
        reopened = [hour for (hour,) in self._run(f"SELECT DISTINCT hour FROM {of_all}").fetchall()]
        came_of = [hour for (hour,) in self._run("SELECT DISTINCT hour FROM new_joint").fetchall()]
        self._choose("grown", [*closed, *reopened], came_of)  # all of an hour that is compared, else of who came
        found = Delivered(tokens, active, self._table(HOURLY), self._close(since, until, reopened))
        who = self._run("SELECT DISTINCT principal FROM new_joint").fetchall()
        return Came(found, frozenset(str(principal) for (principal,) in who))

    def find_showing(self, reasoned: Sequence[Reasoned]) -> set[str]:
        """Keys of the principals of whom one came the last time that shows a reason of theirs, or may."""
        return find_showing(self._connection, GROWN_BY, reasoned)

    def end(self) -> Delivered:
        """All that came of the day; the next one begins."""
        self._show("day")
        self._run(LONG)
        day = Delivered(*(self._table(statement) for statement in (TOKENS, ACTIVE, HOURLY, CLOSED)))
        for name in ("joint", "touched"):
            self._run(
                f"CREATE OR REPLACE TEMP TABLE came_{name} AS SELECT * FROM every_{name} WHERE known_on = $known "
                f"AND principal NOT IN (SELECT principal FROM members WHERE kind IN {UNSCORED})",
                {"known": date_of(self._day + 2)},
            )
        self._begin(self._day + 1)
        return day

    def _begin(self, day: int) -> None:
        """Let the day's tables be what came of it, in `came_joint` and `came_touched`."""
        self._day = day
        for name in ("joint", "touched"):
            self._run(f"DROP TABLE IF EXISTS day_{name}; ALTER TABLE came_{name} RENAME TO day_{name}")
            self._run(f"DELETE FROM every_{name} WHERE known_on <= $known", {"known": date_of(day + 1)})
        self._run(f"CREATE OR REPLACE TEMP TABLE day_spots AS {spots('day_joint')}")
        self._activity.meet("FROM day_spots")
        self._run("DELETE FROM taken WHERE day < $day", {"day": day - 1})

    def _find_closed(self, since: int, until: int) -> list[Any]:
        """Hours that closed after a tick and by another: they are compared with their population."""
        last = CLOSE_MINUTES * MINUTE + HOUR
        hours = range(-(-(since + 1 - last) // HOUR), (until - last) // HOUR + 1)
        if not hours:
            return []
        wanted = {"first": moment_of(hours[0] * HOUR), "last": moment_of(hours[-1] * HOUR)}
        found = self._run("SELECT DISTINCT hour FROM day_joint WHERE hour BETWEEN $first AND $last", wanted)
        return [hour for (hour,) in found.fetchall()]

    def _close(self, since: int, until: int, reopened: list[Any]) -> pa.Table:
        """The hours that closed as they stood then, and of those that were and got more, the principals that came."""
        hours = self._find_closed(since, until)  # again: one that came and closed at once was not there before
        if self._none is not None and not hours and not reopened:
            return self._none
        self._choose("closed", hours, reopened)
        found = self._table(CLOSED)
        self._none = found.slice(0, 0)
        return found

    def _describe_newcomers(self) -> None:
        """Add who and what place came for the first time."""
        [(added,)] = self._run(_ADDED.format(table="principals", rows=PRINCIPALS, keys=_WHO)).fetchall()
        if added:
            self._activity.name_members()
        places = whole_places(self._activity.everywhere(PARTIAL_PLACES))
        self._run(_ADDED.format(table="places", rows=places, keys="prefix, address_kind"))

    def _meet(self) -> None:
        """Add where workloads' sessions were met for the first time."""
        new = f"SELECT * FROM ({spots('new_joint')}) ANTI JOIN day_spots USING ({_SPOT})"
        self._run(f"CREATE OR REPLACE TEMP TABLE new_spots AS {new}")
        self._run("INSERT INTO day_spots FROM new_spots")
        self._activity.meet("FROM new_spots", more=True)

    def _show_moved(self) -> None:
        """Let `joint` be all of the workloads' sessions of which more came and that were at more than one place."""
        [(count,)] = self._run(
            "CREATE OR REPLACE TEMP TABLE moved AS SELECT session FROM day_spots SEMI JOIN new_joint USING (session) "
            "GROUP BY session HAVING count(*) > 1"
        ).fetchall()
        whole = "FROM day_joint SEMI JOIN moved USING (session)" if count else "FROM new_joint WHERE false"
        self._run(f"CREATE OR REPLACE TEMP VIEW joint AS {whole}")
        self._run(f"CREATE OR REPLACE TEMP VIEW met_now AS {_OTHERS_MET}")

    def _choose(self, which: str, whole: Collection[Any], came_of: Collection[Any]) -> None:
        """Let `joint` and `touched` be all of some hours, and of others the rows of principals of whom more came.

        A branch an hour, by a constant: so the parts of the day's tables that hold no row of it are passed over.
        """
        others = sorted(set(came_of) - set(whole))
        for name in ("joint", "touched"):
            rows = [f"SELECT * FROM day_{name} WHERE hour = {instant(hour)}" for hour in sorted(set(whole))]
            rows += [
                f"SELECT * FROM day_{name} WHERE hour = {instant(hour)} AND principal IN "
                f"(SELECT principal FROM new_joint WHERE hour = {instant(hour)})"
                for hour in others
            ]
            nothing = f"SELECT * FROM day_{name} WHERE false"
            self._run(f"CREATE OR REPLACE TEMP TABLE {which}_{name} AS {' UNION ALL '.join(rows) or nothing}")
        self._show(which)

    def _show(self, which: str) -> None:
        """Let `joint` and `touched` be all of the day, what is new of it, or the hours that grew."""
        for name in ("joint", "touched"):
            self._run(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {which}_{name}")

    def _run(self, statement: str, values: dict[str, Any] | None = None) -> Any:
        return self._connection.execute(statement, values) if values else self._connection.execute(statement)

    def _table(self, statement: str) -> pa.Table:
        table: pa.Table = self._connection.sql(statement).to_arrow_table()
        return table
