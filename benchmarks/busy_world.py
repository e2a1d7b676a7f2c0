"""A made world of a busy deployment, day by day: millions of calls by thousands of principals, with habits that recur.

A principal has habits: a call with its region, tool and pool of resources, the k-th about as often as 1/k, so that the
rare ones come up for the first time weeks later. Roles of a job share their calls, principals of an account its
networks. A small share of a day is off habit, resources come and go, people stay at home on weekends, and a few
principals are new each day. What a habit is, is a hash of who and which, so nothing has to be kept.

A day is made as *atoms*: calls of one kind by one principal in one hour. Activity is their sum, events are their calls,
so that both say the same.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.activity.statements import prelude

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

TIMEZONE, LATENESS = "UTC", 15
ACCOUNTS, REGIONS = 8, ("us-east-1", "eu-west-1", "ap-northeast-2", "us-west-2", "eu-central-1")
JOBS, JOB_ACTIONS, ACTIONS = 24, 120, 2_000
PLACES, RESOURCES = 6_000, 400_000
TYPES = ("bucket", "role", "key", "instance", "secret", "table", "function", "parameter")
AGENTS = ("aws-cli", "boto3", "terraform", "aws-sdk-java", "aws-sdk-go", "console", "service:cloudformation")
PEOPLE_SHARE, CI_SHARE = 0.12, 0.02
OFF_HABIT, NEW_RESOURCE, LATE, DENIED, FAILED = 0.003, 0.03, 0.001, 0.006, 0.015
NEWCOMERS: Final = 0.003
"""Part of the principals that are new each day after the first."""
ATOMS_A_PRINCIPAL: Final = 390
INTRUDED: Final = 0.001
"""Part of the principals in whose name, on a day, somebody else looks around for an hour."""
MOST_PRINCIPALS: Final = 100_000
"""Of a world, ever."""
_FRESH = 1 << 40
_LEVELS = ("list", "read", "write", "tagging", "permissions")


def uniform(*parts: Any) -> Floats:
    """In [0, 1), the same for the same parts; arrays of one shape and numbers.

    >>> bool(0 <= uniform(1, 2) < 1), bool(uniform(1, 2) == uniform(1, 2)), bool(uniform(1, 2) == uniform(2, 1))
    (True, True, False)
    """
    state: Any = np.uint64(0x9E3779B97F4A7C15)
    with np.errstate(over="ignore"):
        for part in parts:
            state = (state ^ np.asarray(part, dtype=np.int64).astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(29))) * np.uint64(0x94D049BB133111EB)
            state = state ^ (state >> np.uint64(32))
    return np.asarray(state >> np.uint64(11), dtype=np.float64) / 2.0**53


def zipf(u: Floats, most: Any) -> Ints:
    """Ranks from 0 to `most` - 1, the k-th about as often as 1/k.

    >>> zipf(np.array([0.0, 0.999]), 1000).tolist()
    [0, 993]
    """
    out: Ints = np.minimum(np.exp(u * np.log(np.asarray(most) + 1.0)).astype(np.int64), most) - 1
    return out


@dataclass
class World:
    """Who there is, and what everybody does by habit.

    Parameters
    ----------
    principals
        On the first day.
    days
        Days that will be made; newcomers are spread over them.
    first
        The first of them.
    calls
        About so many a day.
    number
        Of several worlds beside each other: each has accounts, principals and resources of its own, while networks,
        actions and the names of roles are everybody's.
    accounts
        Of the world; eight at most.
    """

    principals: int
    days: int
    first: date
    calls: int
    seed: int = 1
    number: int = 0
    accounts: int = ACCOUNTS
    connection: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)

    def __post_init__(self) -> None:
        newcomers = round(NEWCOMERS * self.principals)
        self._who = np.arange(self.principals + newcomers * (self.days - 1), dtype=np.int64)
        self._since = np.maximum((self._who - self.principals) // max(newcomers, 1) + 1, 0)
        kind = uniform(self.seed, 1, self._who)
        self._person, self._ci = kind < PEOPLE_SHARE, kind > 1 - CI_SHARE
        self._job = (uniform(self.seed, 2, self._who) * JOBS).astype(np.int64)
        self._account = (uniform(self.seed, 3, self._who) * self.accounts).astype(np.int64)
        rank = np.argsort(np.argsort(uniform(self.seed, 4, self._who)))
        self._weight = (rank + 20.0) ** -0.9
        self._habits = (6 + 120 * (self._weight / self._weight.max()) ** 0.4).astype(np.int64)
        self._actions = _actions()
        self.connection.execute("SET timezone = 'UTC'")
        self.connection.execute(prelude(TIMEZONE, LATENESS))
        self.connection.register("who_rows", self._described())
        self.connection.register("action_rows", self._named())
        self.connection.execute(
            "CREATE TEMP TABLE whos AS FROM who_rows; CREATE TEMP TABLE actions AS FROM action_rows"
        )
        self.connection.execute(_PLACES)

    def day(self, number: int) -> None:
        """Make a day's atoms, as the temporary table `atoms` of the connection."""
        self.connection.register("drawn", self._drawn(number))
        day = datetime.fromordinal(self.first.toordinal() + number).replace(tzinfo=UTC)
        chosen = {"day": day, "number": number, "apart": self.number << 50}
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE atoms AS {_ATOMS}", chosen)
        self.connection.unregister("drawn")

    def _drawn(self, number: int) -> pa.Table:
        """A day's atoms as numbers, a row each."""
        random = np.random.default_rng([self.seed, number])
        who, hour = self._active(random, number)
        rows, fresh_day = len(who), number + 1
        nth = zipf(random.random(rows), self._habits[who])
        # off habit: something of the job or, less often, anything at all
        intruded = (uniform(self.seed, 21, who, number) < INTRUDED) & (hour == who % 24)
        off = random.random(rows) < np.where(intruded, 0.5, OFF_HABIT)
        nth = np.where(off, _FRESH * fresh_day + random.integers(0, 1 << 30, rows), nth)
        ranks = zipf(uniform(self.seed, 5, who, nth), JOB_ACTIONS)
        job = np.where(off & (random.random(rows) < 0.3), random.integers(0, JOBS, rows), self._job[who])
        what = zipf(uniform(self.seed, 6, job, ranks), ACTIONS)
        instances = np.where(self._person[who], 1, 1 + (self._habits[who] // 20))
        instance = (random.random(rows) * instances).astype(np.int64)
        travels = self._person[who] & (uniform(self.seed, 7, who, number) < 0.02)
        place = zipf(uniform(self.seed, 8, self._account[who], who % 7, instance), PLACES)
        place = np.where(self._person[who], zipf(uniform(self.seed, 9, who, hour > 17), PLACES), place)
        strange = off & (random.random(rows) < np.where(intruded, 0.7, 0.005))
        away = (uniform(self.seed, 22, who, number) * PLACES).astype(np.int64)
        place = np.where(travels | strange, away, place)
        pool = zipf(random.random(rows), 8 + self._habits[who])
        thing = zipf(uniform(self.seed, 10, np.where(pool % 3 == 0, -1 - self._job[who], who), nth, pool), RESOURCES)
        fresh = random.random(rows) < NEW_RESOURCE
        thing = np.where(fresh, _FRESH * fresh_day + random.integers(0, 1 << 30, rows), thing)
        touches = uniform(self.seed, 11, what) < 0.6
        troubled = uniform(self.seed, 12, who, nth) < 0.02
        luck = np.where(troubled, random.random(rows) * 0.04, random.random(rows))
        error = np.where(luck < DENIED, 1, np.where(luck < DENIED + FAILED, 2, 0))
        second = (random.random(rows) * 3600).astype(np.int64)
        calls = np.minimum(np.floor((1.0 - random.random(rows)) ** -0.75), 4_000).astype(np.int64)
        calls = _scaled(calls, self.calls)
        late = random.random(rows) < LATE
        columns: dict[str, Any] = {
            "atom": np.arange(rows),
            "who": who + self.number * MOST_PRINCIPALS,
            "hour": hour,
            "what": what,
            "agent": (uniform(self.seed, 13, who, nth % 4) ** 2 * len(AGENTS)).astype(np.int64),
            "region": (uniform(self.seed, 14, self._account[who], who % 5, nth % 3) ** 2 * 5).astype(np.int64),
            "instance": instance,
            "place": place,
            "thing": np.where(touches, thing, -1),
            "error": error,
            "fact": np.where(random.random(rows) < 2e-5, 1, np.where(random.random(rows) < 1e-5, 2, 0)),
            "second": second,
            "span": np.where(late | (calls == 1), 0, ((3599 - second) * random.random(rows)).astype(np.int64)),
            "calls": calls,
            "delay": np.where(late, 3600 + random.integers(0, 40_000, rows), random.integers(120, 480, rows)),
        }
        return pa.table(columns)

    def _active(self, random: np.random.Generator, number: int) -> tuple[Ints, Ints]:
        """Principal and hour of each atom of a day, in that order."""
        hours = np.arange(24)
        there = self._since <= number
        weekend = (self.first.toordinal() + number) % 7 in (6, 0)  # the ordinal of a Sunday is a multiple of seven
        shift = (uniform(self.seed, 15, self._who) * 9).astype(np.int64)[:, None]
        office = ((hours - 7 - shift) % 24 < 10) * (0.1 if weekend else 2.0)
        nightly = (uniform(self.seed, 16, self._who[:, None], hours) < 0.3) * 2.5
        always = 0.8 + 0.4 * uniform(self.seed, 17, self._who[:, None], hours)
        of_machine = np.where((uniform(self.seed, 18, self._who) < 0.4)[:, None], nightly, always)
        rate = np.where(self._person[:, None], office, of_machine) * (self._weight * there)[:, None]
        rate *= ATOMS_A_PRINCIPAL * self.principals / (self._weight[: self.principals].sum() * 24)
        counts = random.poisson(rate)
        cell = np.repeat(np.arange(counts.size), counts.ravel())
        return cell // 24, cell % 24

    def _described(self) -> pa.Table:
        """A row a principal, with what its records say of it."""
        rows = []
        for who, job, account, person, ci in zip(
            *(each.tolist() for each in (self._who, self._job, self._account, self._person, self._ci)), strict=True
        ):
            number, known = f"{111111111111 * (account + 1) + self.number}", who + self.number * MOST_PRINCIPALS
            name = f"product{who % 60}-prod-job{job}-role" if not person else f"AWSReservedSSO_Set{job % 6}_0a1b2c3d"
            shown = f"person{known}" if person else f"{name}-{known}" if ci else name
            identity = f"role/{number}/AROA{known:08d}"
            rows.append(
                {
                    "who": known,
                    "account": number,
                    "principal": f"idc/person{known}" if person else f"ci/{known}" if ci else identity,
                    "principal_name": shown,
                    "kind": "human" if person else "ci" if ci else "workload",
                    "identity": identity,
                    "identity_arn": f"arn:aws:iam::{number}:role/{name}-{known}",
                    "identity_name": name,
                    "permission_set": f"Set{job % 6}" if person else "",
                }
            )
        return pa.Table.from_pylist(rows)

    def _named(self) -> pa.Table:
        order = np.argsort(uniform(self.seed, 19, np.arange(len(self._actions))))[:ACTIONS]
        rows = [self._actions[place] for place in order.tolist()]
        types = (uniform(self.seed, 20, np.arange(len(rows))) * len(TYPES)).astype(np.int64).tolist()
        names, levels = zip(*rows, strict=True)
        return pa.table({"what": range(len(rows)), "action": names, "level": levels, "type": [TYPES[t] for t in types]})


def _scaled(calls: Ints, wanted: int) -> Ints:
    """Calls of the atoms, more or fewer of them so that they add up to about as many as wanted."""
    extra = max(wanted - len(calls), 0) / max(int(calls.sum()) - len(calls), 1)
    out: Ints = 1 + np.floor((calls - 1) * extra + 0.5).astype(np.int64)
    return out


def _actions() -> list[tuple[str, str]]:
    """Actions that there are, with their levels, in the order of the file."""
    file = Path(__file__).parents[1] / "pipeline" / "data" / "iam_actions.json"
    services: dict[str, dict[str, str]] = json.loads(file.read_text())["services"]
    return [
        (f"{service}:{name}", level)
        for service, levels in services.items()
        for level in _LEVELS
        for name in levels.get(level, "").split()
    ]


_PLACES = f"""
CREATE TEMP TABLE places AS
SELECT CAST(place AS BIGINT) AS place, '20.' || place // 256 || '.' || place % 256 || '.0/24' AS prefix,
    ['DE', 'KR', 'US', 'BR', 'AU'][1 + place % 5] AS country, CAST(64500 + place % 40 AS BIGINT) AS asn,
    CAST((place * 7) % 170 - 85 AS DOUBLE) AS latitude, CAST((place * 11) % 350 - 175 AS DOUBLE) AS longitude
FROM range({PLACES}) AS made(place)
"""
_ATOMS = f"""
SELECT atom, w.account, w.principal, w.who, hour, a.action, a.level,
    a.level IN ('write', 'tagging', 'permissions') AS write,
    'ASIA' || w.who || '-' || instance || '-' || $number || '-' || shift || strftime(begun, '/%Y-%m-%dT%H:%M:%SZ')
        AS session, begun AS session_start,
    {list(REGIONS)}[1 + region] AS region, p.prefix, 'public' AS address_kind, {list(AGENTS)}[1 + agent] AS agent,
    ['', 'denied', 'validation'][1 + error] AS error, known_day(first + wait, first) AS known_on,
    CASE fact WHEN 1 THEN 'fact:login_mfa' WHEN 2 THEN 'exposure:cidr:0.0.0.0/0'
        ELSE CASE WHEN thing < 0 THEN '' ELSE a.type || ':' || (thing + $apart) END END AS resource,
    p.country, p.asn, p.latitude, p.longitude, calls, span, wait, first, first + to_seconds(span) AS last,
    tick_of(first + wait) AS tick
FROM (
    SELECT * EXCLUDE (hour), hour // 6 AS shift, $day + to_hours(hour // 6 * 6) AS begun,
        $day + to_hours(hour) AS hour, $day + to_seconds(hour * 3600 + second) AS first, to_seconds(delay) AS wait
    FROM drawn
) JOIN whos AS w USING (who) JOIN actions AS a USING (what) JOIN places AS p USING (place)
"""
