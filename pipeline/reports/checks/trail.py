"""What the trail does not show: days, calls, regions and hours that are missing, and places nobody knows."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pipeline.reports.checks.finding import TIMELY, Finding, Patient, name_some
from pipeline.reports.silence import HOUR, find_silences
from pipeline.stores.waits import find_waits
from pipeline.text.plural import agree, plural

ENOUGH_DAYS = 28
"""Days of history after which nothing is borrowed only because it is short."""
FEW_DAYS = 7
SILENCES_TOLD = 5
FINDINGS_TOLD = timedelta(days=35)
"""How long a finding of digests is told."""


def check_history(patient: Patient) -> Iterator[Finding]:
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


def check_data_events(patient: Patient) -> Iterator[Finding]:
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
            f"None in {name_some(without, 'account')}: reading objects and tables or running functions is unseen.",
            "Turn data events on in the trail for the buckets and tables that matter.",
        )
    else:
        yield Finding("data events", "ok", "Every account has them.", "")


def check_regions(patient: Patient) -> Iterator[Finding]:
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
            f"At most one region in {name_some(narrow, 'account')}{beside}: stolen keys are often tried elsewhere.",
            "Check that the trail is multi-region (`aws cloudtrail describe-trails`) and every region was synced.",
        )
    blind = [account for account, (_, glob) in regions.items() if not glob]
    if blind:
        yield Finding(
            "global services",
            "warning",
            f"No IAM, STS or sign-in events in {name_some(blind, 'account')}: new keys and role changes go unseen.",
            "Include global service events in the trail, and sync its us-east-1 folder.",
        )
    if not narrow and not blind:
        yield Finding("regions", "ok", f"Up to {plural(most, 'region')} an account, global services included.", "")


def check_silences(patient: Patient) -> Iterator[Finding]:
    """Hours without events in which an account usually has many."""
    counts: dict[str, list[tuple[datetime, int]]] = {}
    for account, hour, count in patient.rows(
        "SELECT account, epoch(date_trunc('hour', event_time))::BIGINT, count(*) FROM events "
        f"WHERE {TIMELY} GROUP BY ALL"
    ):
        counts.setdefault(account, []).append((datetime.fromtimestamp(hour, patient.now.tzinfo), count))
    silent = [(silence, account) for account in sorted(counts) for silence in find_silences(counts[account])]
    for silence, account in sorted(silent, key=lambda pair: -pair[0].expected)[:SILENCES_TOLD]:
        hours, usual = (silence.end - silence.start) / HOUR, round(silence.expected)
        yield Finding(
            "gaps",
            "warning",
            f"Account {account} is silent for {hours:.0f} h from {silence.start:%Y-%m-%d %H:%M} UTC, where about "
            f"{plural(usual, 'event')} {agree(usual)} usual.",
            "Sync that day again; if nothing is in the bucket, look for StopLogging and for changes of the trail.",
        )
    if len(silent) > SILENCES_TOLD:
        yield Finding(
            "gaps", "warning", f"{plural(len(silent) - SILENCES_TOLD, 'more silence')}.", "See them with --json."
        )
    if not silent:
        yield Finding("gaps", "ok", "No account is silent where it usually speaks.", "")


def check_digests(patient: Patient) -> Iterator[Finding]:
    """Whether what came is what CloudTrail says that it delivered."""
    digests = patient.store.digest_files
    told = [one for one in digests.findings(patient.now - FINDINGS_TOLD) if not one.cleared]
    for one in told[-SILENCES_TOLD:]:
        yield Finding("digests", "warning", f"Told on {one.at:%Y-%m-%d}: {one.text}", "Do what it says.")
    if len(told) > SILENCES_TOLD:
        yield Finding(
            "digests", "warning", f"{plural(len(told) - SILENCES_TOLD, 'more finding')}.", "See operations.jsonl."
        )
    waits = find_waits(patient.store.state, patient.now, patient.now + HOUR)
    if waits:
        yield Finding("digests", "warning", f"What is missing is not known: {waits}", "Have that source read again.")
    elif not told and digests.has_any():
        yield Finding("digests", "ok", "What came is what CloudTrail's digests list.", "")


def check_places(patient: Patient) -> Iterator[Finding]:
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
