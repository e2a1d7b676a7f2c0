"""By whose credentials a day was odd, read from activity, and who handed them out, from events (`models.hands`,
`models.openers`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from features.times.day import date_of, day_bounds
from features.times.instant import MINUTE, moment_of, read_instant
from features.times.tick import tick_of
from models.baseline import Baseline
from models.hands import Hands
from models.model import Model
from models.population import CLOSE_MINUTES
from models.standing import Key, Standing
from pipeline.alerts.sessions import ShowIssued, find_openings, keep_issuing, lead_back
from pipeline.alerts.story import read_key
from pipeline.detect.activity import MOST_SESSIONS, Activity, Showing

ISSUING: Final = "issuing"
"""Table of the events that handed out keys lately."""
TOLD_AFTER: Final = CLOSE_MINUTES * MINUTE
"""After a session was opened, until the record of that has come as well, microseconds."""
Opening: TypeAlias = Mapping[str, Any]
"""An event that handed out a key."""
_ROLE, _ELSEWHERE = "role/", "xacct"
"""How the keys of roles begin, and of who called from another account."""


class HandsOfDay:
    """Finds hands of the day that a model judges; of it only what came by a standing's tick counts.

    Parameters
    ----------
    activity
        With a row a tick; the view `events` of its connection holds those that handed out keys.
    model
        That judges.
    show_issued
        Makes that view, where it is not always there (`pipeline.alerts.sessions.find_openings`).
    """

    def __init__(self, activity: Activity, model: Model, show_issued: ShowIssued | None = None) -> None:
        self.tables = "joint", "touched"
        """Names of the day's tables."""
        self._activity = activity
        self._connection, self._zone = activity.connection, ZoneInfo(activity.timezone)
        self._model, self._show = model, show_issued
        self._day = 0
        self._sessions: dict[tuple[Key, int, int], list[Showing]] = {}
        """Of standings of the model's day, by ledger, tick and first day."""
        self._before: dict[Key, list[Showing]] = {}
        """Of the day before, as each ledger of it stood when that day ended: its tables are gone."""

    def find(self, standing: Standing, others: frozenset[str]) -> Hands:
        """The credentials of a standing, and who handed out those and some others, as of its tick."""
        if self._day != self._model.day:
            self._begin()
        principal, by = self._model.baseline.principals.values[standing.principal], moment_of(standing.tick)
        showing = self._list_sessions(standing, principal, by)
        keys = frozenset(filter(None, (read_key(session) for session, _ in showing)))
        start, end = day_bounds(standing.day, self._zone)[0], day_bounds(self._model.day, self._zone)[1]
        asked = {key for key in keys | others if "/" not in key}  # a principal's name is no key
        is_kept = self._show is None and standing.day >= self._day - 1
        openings = find_openings(self._connection, asked, start, end, self._show, ISSUING if is_kept else "events")
        chains = {key: list(lead_back(key, openings, by)) for key in asked}
        handed_by = {
            key: frozenset(read_key(row["session"]) or row["principal"] for row in chains[key]) for key in asked
        }
        openers = {session: self._find_opener(principal, chains.get(read_key(session), [])) for session, _ in showing}
        return Hands(
            keys | {principal},
            handed_by,
            self._judge_by_openers(standing, showing, openers),
            self._find_told_by(standing, principal, showing, chains),
        )

    def _find_told_by(
        self, standing: Standing, principal: str, showing: Sequence[Showing], chains: Mapping[str, Sequence[Opening]]
    ) -> int:
        """The tick by which it is told who opened its sessions of a role, where one is so young that it may not be yet.

        Of who calls from another account of the deployment, the record of that account says who it is, and that may
        come after the one of the account that was called.
        """
        if not principal.startswith(_ROLE):
            return 0
        untold = (session for session, _ in showing if not self._is_told(chains.get(read_key(session), ())))
        began = (read_instant(session.partition("/")[2]) for session in untold)
        told_by = max((tick_of(start + TOLD_AFTER) for start in began if start is not None), default=0)
        return told_by if told_by > standing.tick else 0

    def _is_told(self, chain: Sequence[Opening]) -> bool:
        """Whether the events that led to a session say who opened it."""
        if not chain:
            return False
        kind, _, rest = chain[0]["principal"].partition("/")
        return kind != _ELSEWHERE or self._model.baseline.accounts.get(rest.partition("/")[0]) < 0

    def _find_opener(self, principal: str, chain: Sequence[Opening]) -> str:
        """The person who opened a session, by the events that led to it; "" where nobody did who has a past."""
        opener = chain[0]["principal"] if chain and chain[0]["kind"] == "human" else ""
        return opener if opener != principal and opener in self._model.members else ""

    def _judge_by_openers(
        self, standing: Standing, showing: Sequence[Showing], openers: Mapping[str, str]
    ) -> Standing | None:
        """The standing by the habits of who opened sessions as well, in what only such sessions showed."""
        people = set(filter(None, openers.values()))
        if not people or standing.since or len(showing) >= MOST_SESSIONS:
            return None
        otherwise = {value for session, shown in showing if not openers[session] for value in shown}
        theirs = {
            one: {value for session, shown in showing if openers[session] == one for value in shown} - otherwise
            for one in people
        }
        return self._model.judge_by_openers(standing, theirs)

    def _begin(self) -> None:
        before, self._day = self._day, self._model.day
        asked = sorted(self._sessions, key=lambda each: each[1]) if before == self._day - 1 else []
        self._before = {key: self._sessions[key, tick, first] for key, tick, first in asked if key[0] == before}
        self._sessions.clear()
        if self._show is None:  # all events are there, of weeks: those of the day and the one before are kept apart
            start, end = day_bounds(self._day - 1, self._zone)[0], day_bounds(self._day, self._zone)[1]
            keep_issuing(self._connection, ISSUING, start, end)

    def _list_sessions(self, standing: Standing, principal: str, by: datetime) -> list[Showing]:
        """Sessions that showed what is odd; what a tick knows never changes, so it is looked up once."""
        asked = standing.key, standing.tick, standing.first_day
        if asked not in self._sessions:
            odd = list(_list_values(standing, self._model.baseline))
            shown = self._activity.list_sessions(self.tables, odd, principal, by, date_of(standing.day))
            self._sessions[asked] = join_showings(self._before.get(standing.key, []), shown)
        return self._sessions[asked]


def join_showings(before: Iterable[Showing], after: Iterable[Showing]) -> list[Showing]:
    """Sessions with the values that they showed in two parts of a day.

    >>> join_showings([("a", (("agent", "curl"),))], [("b", ()), ("a", (("region", "eu-west-1"),))])
    [('a', (('agent', 'curl'), ('region', 'eu-west-1'))), ('b', ())]
    """
    joined: dict[str, dict[tuple[str, str], None]] = {}
    for session, shown in (*before, *after):
        joined.setdefault(session, {}).update(dict.fromkeys(shown))
    return [(session, tuple(shown)) for session, shown in joined.items()]


def _list_values(standing: Standing, baseline: Baseline) -> Iterable[tuple[str, str]]:
    for entry, _ in standing.contributions:
        yield baseline.token(entry.token)
