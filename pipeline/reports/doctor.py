"""What the data cannot show, and what to do about it: no alert means little where nothing was looked at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

import duckdb

from features.times.day import midnight
from pipeline.connection import connect
from pipeline.render.plural import plural
from pipeline.reports.silence import HOUR, silences
from pipeline.settings import Settings
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import Store

Level = Literal["ok", "note", "warning"]

ENOUGH_DAYS = 28
"""Days of history after which nothing is borrowed only because it is short."""
FEW_DAYS = 7
SILENCES_TOLD = 5
STALE_DAYS = 9
"""Days between a model and the newest event; a first training leaves a week to the first scoring."""
TIMELY = "NOT list_has_any(flags, ['future', 'past'])"
"""SQL: the event's own time can be believed."""


class Finding(NamedTuple):
    """One thing that was looked at."""

    check: str
    level: Level
    """`warning`: attacks can go unseen because of it. `note`: worth knowing."""
    found: str
    do: str
    """What to do; empty where there is nothing to do."""


@dataclass(frozen=True)
class Patient:
    """What the checks look at."""

    connection: duckdb.DuckDBPyConnection
    """Holds the view `events`."""
    store: Store
    settings: Settings
    now: datetime

    def rows(self, sql: str) -> list[Any]:
        """Rows of a query over `events`."""
        return self.connection.execute(sql).fetchall()


def diagnose(store: Store, settings: Settings, now: datetime) -> list[Finding]:
    """Look at everything; warnings first, then notes, then what is fine."""
    with connect(settings.threads, settings.memory) as connection:
        store.events.view(connection)
        patient = Patient(connection, store, settings, now)
        [(events,)] = patient.rows("SELECT count(*) FROM events")
        if not events:
            empty = Finding("events", "warning", "The store holds no event.", "Run `oddtrail ingest PATH`.")
            return [empty, *set_aside(patient)]
        found = [finding for check in CHECKS for finding in check(patient)]
    return sorted(found, key=lambda finding: ("warning", "note", "ok").index(finding.level))


def history(patient: Patient) -> Iterator[Finding]:
    """How much there is to learn from, and whether it is still coming."""
    [(last, days, accounts, principals)] = patient.rows(
        "SELECT epoch(max(event_time)), count(DISTINCT date_trunc('day', event_time)), count(DISTINCT account), "
        f"count(DISTINCT principal) FROM events WHERE {TIMELY}"
    )
    found = f"{plural(days, 'day')} of {plural(accounts, 'account')} and {plural(principals, 'principal')}."
    if days < FEW_DAYS:
        yield Finding(
            "history", "warning", found, f"Ingest older files: under {FEW_DAYS} days, peers and priors decide."
        )
    elif days < ENOUGH_DAYS:
        yield Finding(
            "history", "note", found, f"Ingest older files if there are any: {ENOUGH_DAYS} days and more are best."
        )
    else:
        yield Finding("history", "ok", found, "")
    if last is not None:
        age = patient.now.timestamp() - last
        if age > timedelta(days=1).total_seconds():
            hours = age / 3600
            yield Finding(
                "freshness",
                "note",
                f"The newest event is {hours / 24:.0f} days old."
                if hours > 48
                else f"The newest event is {hours:.0f} h old.",
                "Sync and ingest again to look at what came since; to look at the past, name a time with --until.",
            )


def data_events(patient: Patient) -> Iterator[Finding]:
    """Reads and writes of objects are recorded only where a trail asks for data events."""
    without = [
        account
        for account, data in patient.rows(
            "SELECT account, count(*) FILTER (category = 'Data') FROM events GROUP BY account ORDER BY account"
        )
        if not data
    ]
    if without:
        yield Finding(
            "data events",
            "warning",
            f"None in {_several(without, 'account')}: reading objects and tables or running functions is unseen.",
            "Turn data events on in the trail for the buckets and tables that matter.",
        )
    else:
        yield Finding("data events", "ok", "Every account has them.", "")


def coverage(patient: Patient) -> Iterator[Finding]:
    """A trail of one region, or one without global services, sees half."""
    regions = {
        account: (int(seen), bool(glob))
        for account, seen, glob in patient.rows(
            "SELECT account, count(DISTINCT region) FILTER (region <> ''), "
            "bool_or(service IN ('iam', 'sts', 'signin')) FROM events GROUP BY account ORDER BY account"
        )
    }
    most = max(seen for seen, _ in regions.values())
    narrow = [account for account, (seen, _) in regions.items() if seen <= 1]
    if narrow:
        beside = f", while others have up to {most}" if most > 1 else ""
        yield Finding(
            "regions",
            "warning",
            f"At most one region in {_several(narrow, 'account')}{beside}: stolen keys are often tried elsewhere.",
            "Check that the trail is multi-region (`aws cloudtrail describe-trails`) and every region was synced.",
        )
    blind = [account for account, (_, glob) in regions.items() if not glob]
    if blind:
        yield Finding(
            "global services",
            "warning",
            f"No IAM, STS or sign-in events in {_several(blind, 'account')}: new keys and role changes go unseen.",
            "Include global service events in the trail, and sync its us-east-1 folder.",
        )
    if not narrow and not blind:
        yield Finding("regions", "ok", f"Up to {most} regions an account, global services included.", "")


def gaps(patient: Patient) -> Iterator[Finding]:
    """Hours without events in which an account usually has many."""
    counts: dict[str, list[tuple[datetime, int]]] = {}
    for account, hour, count in patient.rows(
        "SELECT account, epoch(date_trunc('hour', event_time))::BIGINT, count(*) FROM events "
        f"WHERE {TIMELY} GROUP BY ALL"
    ):
        counts.setdefault(account, []).append((datetime.fromtimestamp(hour, patient.now.tzinfo), count))
    silent = [(silence, account) for account in sorted(counts) for silence in silences(counts[account])]
    for silence, account in sorted(silent, key=lambda pair: -pair[0].expected)[:SILENCES_TOLD]:
        hours = (silence.end - silence.start) / HOUR
        yield Finding(
            "gaps",
            "warning",
            f"Account {account} is silent for {hours:.0f} h from {silence.start:%Y-%m-%d %H:%M} UTC, where about "
            f"{silence.expected:,.0f} events are usual.",
            "Sync that day again; if nothing is in the bucket, look for StopLogging and for changes of the trail.",
        )
    if len(silent) > SILENCES_TOLD:
        yield Finding("gaps", "warning", f"{len(silent) - SILENCES_TOLD} more silences.", "See them with --json.")
    if not silent:
        yield Finding("gaps", "ok", "No account is silent where it usually speaks.", "")


def places(patient: Patient) -> Iterator[Finding]:
    """Without attribution a foreign country looks like home."""
    [(public, country, asn)] = patient.rows(
        "SELECT count(*), count(*) FILTER (country <> ''), count(*) FILTER (asn <> 0) FROM events "
        "WHERE address_kind = 'public'"
    )
    if not public:
        yield Finding("places", "ok", "No call came from a public address.", "")
        return
    unknown = {"country": 1 - country / public, "network operator": 1 - asn / public}
    missing = [f"the {name} of {share:.0%}" for name, share in unknown.items() if share > 0.1]
    if missing:
        yield Finding(
            "places",
            "warning" if max(unknown.values()) > 0.5 else "note",
            f"Of the calls from public addresses, {' and '.join(missing)} is unknown.",
            "Run `oddtrail geoip install`, or name databases with --geoip; then ingest into a new home.",
        )
    else:
        yield Finding("places", "ok", "Country and network of public addresses are known.", "")


def clock(patient: Patient) -> Iterator[Finding]:
    """How late records come, and whether their clocks can be believed."""
    [(half, most, guessed)] = patient.rows(
        "SELECT quantile_cont(lag, 0.5), quantile_cont(lag, 0.99), avg((lag = 300)::INT) FROM "
        f"(SELECT epoch(delivered_at) - epoch(event_time) AS lag FROM events WHERE {TIMELY})"
    )
    if half is None:
        return
    if guessed > 0.99:
        yield Finding(
            "delivery",
            "note",
            "File names say nothing about when they were delivered; 5 minutes after the call are assumed.",
            "Keep the names CloudTrail gives its files in S3 to have true detection times.",
        )
    elif timedelta(seconds=most) > patient.settings.lateness:
        lateness = patient.settings.lateness.total_seconds() / 60
        yield Finding(
            "delivery",
            "note",
            f"1 event in 100 comes {most / 60:.0f} min after the call or later; hours close after {lateness:.0f} min.",
            f"Late events are scored when they come; ODDTRAIL_LATENESS={most / 60 + 1:.0f}m would wait for them.",
        )
    else:
        yield Finding(
            "delivery", "ok", f"Half within {half / 60:.0f} min of the call, 99% within {most / 60:.0f} min.", ""
        )
    [(future, past)] = patient.rows(
        "SELECT count(*) FILTER (list_contains(flags, 'future')), count(*) FILTER (list_contains(flags, 'past')) "
        "FROM events"
    )
    if future or past:
        yield Finding(
            "clock",
            "note",
            f"{future:,} events lie in the future, {past:,} before there was AWS; they are kept, not learned from.",
            "Look at where those files come from: CloudTrail's own clock does not do this.",
        )


def records(patient: Patient) -> Iterator[Finding]:
    """Records that had to be repaired or set aside, by account and principal: an attacker can cause them."""
    repaired = patient.rows(
        "SELECT account, principal_name, count(*) FROM events WHERE list_contains(flags, 'repaired') "
        "GROUP BY ALL ORDER BY 3 DESC, 1, 2 LIMIT 10"
    )
    for account, name, count in repaired:
        yield Finding(
            "repaired",
            "note",
            f"{plural(count, 'malformed record')} of {name} in {account}, repaired and scored.",
            "Read them: free text that breaks readers is seldom an accident.",
        )
    aside = list(set_aside(patient))
    yield from aside
    if not repaired and not aside:
        yield Finding("records", "ok", "Every record could be read.", "")


def set_aside(patient: Patient) -> Iterator[Finding]:
    """Records of which no event could be made."""
    patient.store.events.view_asides(patient.connection, "set_aside")
    aside = patient.rows(
        "SELECT account, principal, reason, count(*) FROM set_aside GROUP BY ALL ORDER BY 4 DESC, 1, 2, 3 LIMIT 10"
    )
    for account, principal, reason, count in aside:
        yield Finding(
            "set aside",
            "warning",
            f"{plural(count, 'record')} of {principal or 'nobody named'} in {account or 'no account'}: {reason}.",
            f"Their bytes are kept below {patient.store.home / 'set_aside'}; nothing in them was scored.",
        )


def unmatched(patient: Patient) -> Iterator[Finding]:
    """Calls that no IAM action is known for have their access level guessed by their verb."""
    [(share,)] = patient.rows("SELECT avg((level_source = 'verb')::INT) FROM events")
    if share and share > 0.02:
        common = patient.rows(
            "SELECT action FROM events WHERE level_source = 'verb' GROUP BY action "
            "ORDER BY count(*) DESC, action LIMIT 3"
        )
        yield Finding(
            "access levels",
            "note",
            f"The access level of {share:.1%} of the calls is guessed from their verb: "
            f"{', '.join(action for (action,) in common)} and others.",
            "Update oddtrail: newer versions know newer actions.",
        )


def learning(patient: Patient) -> Iterator[Finding]:
    """Whether something was learned, and how long ago."""
    bundles = Bundles(patient.settings.home).every()
    if not bundles:
        yield Finding("model", "note", "Nothing was learned yet.", "Run `oddtrail train`, then `oddtrail score`.")
        return
    [(newest,)] = patient.rows(f"SELECT epoch(max(event_time)) FROM events WHERE {TIMELY}")
    behind = (newest - midnight(bundles[-1].day, UTC).timestamp()) / 86_400 if newest else 0
    if behind > STALE_DAYS:
        found = f"The newest model judges from {bundles[-1].day} on, {behind:.0f} days before the newest event."
        yield Finding(
            "model", "note", found, "Run `oddtrail train` each night: what is new stays new until it is learned."
        )
    else:
        yield Finding("model", "ok", f"The newest judges from {bundles[-1].day} on.", "")


def alerts(patient: Patient) -> Iterator[Finding]:
    """Whether what was decided can all be read."""
    torn = patient.store.alerts.torn()
    if torn:
        yield Finding(
            "alerts",
            "note",
            f"{plural(torn, 'line')} of alerts.jsonl cannot be read; a crash tears one.",
            "Nothing: what they said is written again when those hours are scored again.",
        )


CHECKS: tuple[Callable[[Patient], Iterator[Finding]], ...] = (
    history,
    data_events,
    coverage,
    gaps,
    places,
    clock,
    records,
    unmatched,
    learning,
    alerts,
)


def _several(names: list[str], what: str) -> str:
    """A few names and how many more.

    >>> _several(["1", "2", "3", "4", "5"], "account")
    '5 accounts (1, 2, 3 and 2 more)'
    """
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{what} {shown}" if len(names) == 1 else f"{len(names)} {what}s ({shown})"
