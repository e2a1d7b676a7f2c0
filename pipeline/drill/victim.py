"""In whose name a drill is played: a principal that the deployment knows well, as its own records show it."""

from dataclasses import dataclass
from datetime import UTC, timedelta
from random import Random
from typing import Any, Final

import duckdb
import msgspec

from pipeline.connection import connect
from pipeline.detect.planted import HABITS
from pipeline.errors import OddtrailError
from pipeline.settings import Settings
from pipeline.simulate.techniques import Technique
from pipeline.stores.home import Store

LOOKED_BACK: Final = timedelta(days=28)
"""Of activity, back from its newest day."""
LEAST_DAYS: Final = 5
"""Days on which a victim was active: somebody with habits of its own."""


class NoVictimError(OddtrailError):
    """Nobody can be played."""


@dataclass(frozen=True, slots=True)
class Victim:
    """A principal, and the newest record of it that is like most of its records."""

    principal: str
    """Key of it."""
    name: str
    kind: str
    record: dict[str, Any]
    """As CloudTrail delivered it: identity, account, region, place and tool are taken from it."""


class Victims:
    """The principals of a home that can be played.

    Raises
    ------
    NoVictimError
        Nobody has history enough.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        days = [day for _, day in store.activity.days()]
        newest = max(days, default=None)
        if newest is None:
            raise NoVictimError(
                "nothing was learnt yet, and a drill needs a principal with habits: run `oddtrail train`"
            )
        with connect(settings.threads, settings.memory) as connection:
            store.activity.view(connection, since=newest - LOOKED_BACK)
            self._known = _read_known(connection)
        if not self._known:
            raise NoVictimError(
                f"nobody was active on {LEAST_DAYS} days of the last {LOOKED_BACK.days} from a network of its own: "
                "ingest more history, and run `oddtrail train`"
            )

    def choose(
        self, technique: Technique, choice: Random, wanted: str = "", but: frozenset[str] = frozenset()
    ) -> Victim:
        """The principal that is wanted, or one of those whose credentials the technique steals.

        Parameters
        ----------
        wanted
            Key or name of a principal; empty for anybody.
        but
            Keys of principals that are not to be chosen, while there are others.
        """
        if wanted:
            pool = [one for one in self._known if wanted in (one["principal"], one["name"])]
            if not pool:
                some = ", ".join(sorted({str(one["name"])[:60] for one in self._known})[:5])
                raise NoVictimError(
                    f"{wanted[:80]!r} is no principal that was active on {LEAST_DAYS} days of the last "
                    f"{LOOKED_BACK.days}: give a key or a name, as in {some}"
                )
        else:
            machine = technique.via in ("machine", "instance")
            alike = [one for one in self._known if technique.via == "any" or (one["kind"] == "workload") is machine]
            pool = alike or self._known
            pool = [one for one in pool if one["principal"] not in but] or pool
        for one in choice.sample(pool, len(pool)):
            record = self._find_record(one)
            if record is not None:
                return Victim(one["principal"], one["name"], one["kind"], record)
        raise NoVictimError("the records of its principals are gone: ingest newer log files")

    def _find_record(self, one: dict[str, Any]) -> dict[str, Any] | None:
        """The newest record that is like most of a principal's own; None where none is kept."""
        seen = one["last"].replace(tzinfo=UTC) if one["last"].tzinfo is None else one["last"]
        with connect(self._settings.threads, self._settings.memory) as connection:
            self._store.events.view(
                connection, seen - LOOKED_BACK, seen + timedelta(seconds=1), accounts=[one["account"]]
            )
            found = connection.execute(
                "SELECT event_id, event_time FROM events WHERE principal = $principal AND region = $region "
                "AND agent = $agent AND error = '' ORDER BY event_time DESC, event_id LIMIT 20",
                {name: one[name] for name in ("principal", "region", "agent")},
            ).fetchall()
        raws = self._store.events.get([event_id for event_id, _ in found], seen - LOOKED_BACK, None, [one["account"]])
        for event_id, _ in found:
            record = _decode(raws.get(event_id, b""))
            if record is not None:
                return record
        return None


def _read_known(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """From where, with what and in which account each principal with habits mostly calls, in order."""
    connection.execute(
        "CREATE TEMP TABLE known AS SELECT principal, arg_min(kind, delivered) AS kind, "
        "arg_min(principal_name, delivered) AS name, max(last) AS last FROM principals GROUP BY principal"
    )
    rows = connection.sql(
        f"""SELECT * FROM ({HABITS}) JOIN known USING (principal)
        JOIN (SELECT principal, count(DISTINCT date_trunc('day', hour)) AS days FROM joint GROUP BY principal)
        USING (principal) WHERE days >= {LEAST_DAYS} AND kind IN ('human', 'workload', 'ci') ORDER BY principal"""
    ).to_arrow_table()
    return list(rows.to_pylist())


def _decode(raw: bytes) -> dict[str, Any] | None:
    """A record that a caller made by itself; None for any other."""
    try:
        record: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    identity = record.get("userIdentity")
    own = isinstance(identity, dict) and not identity.get("invokedBy")
    return record if own and isinstance(record.get("recipientAccountId"), str) else None
