"""Records that cannot be believed or read: clocks, malformed records, actions that nobody knows."""

from collections.abc import Iterator
from datetime import timedelta

from pipeline.reports.checks.finding import TIMELY, Finding, Patient
from pipeline.text.plural import agree, plural


def check_clock(patient: Patient) -> Iterator[Finding]:
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
            f"{plural(future, 'event')} {agree(future, 'lies', 'lie')} in the future, {past:,} before there was AWS; "
            "they are kept, not learned from.",
            "Look at where those files come from: CloudTrail's own clock does not do this.",
        )


def check_records(patient: Patient) -> Iterator[Finding]:
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
    aside = list(check_set_aside(patient))
    yield from aside
    if not repaired and not aside:
        yield Finding("records", "ok", "Every record could be read.", "")


def check_set_aside(patient: Patient) -> Iterator[Finding]:
    """Records of which no event could be made."""
    patient.store.events.view_asides(patient.connection, "set_aside", patient.left_out)
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


def check_access_levels(patient: Patient) -> Iterator[Finding]:
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
