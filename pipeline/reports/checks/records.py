"""Records that cannot be believed or read: clocks, malformed records, actions that nobody knows."""

from collections.abc import Iterator
from datetime import timedelta

from pipeline.reports.checks.finding import TIMELY, Finding, Patient
from pipeline.words.words import to_say


def check_clock(patient: Patient) -> Iterator[Finding]:
    """How late records come, and whether their clocks can be believed."""
    words = patient.words
    [(half, most, guessed)] = patient.rows(
        "SELECT quantile_cont(lag, 0.5), quantile_cont(lag, 0.99), avg((lag = 300)::INT) FROM "
        f"(SELECT epoch(delivered_at) - epoch(event_time) AS lag FROM events WHERE {TIMELY})"
    )
    if half is None:
        return
    check = to_say("delivery")
    if guessed > 0.99:
        found = words.say(
            "File names say nothing about when they were delivered; 5 minutes after the call are assumed."
        )
        do = words.say("Keep the names CloudTrail gives its files in S3 to have true detection times.")
        yield Finding(check, "note", found, do)
    elif timedelta(seconds=most) > patient.settings.lateness:
        found = words.say(
            "1 event in 100 comes {late} min after the call or later; hours close after {lateness} min.",
            late=f"{most / 60:.0f}",
            lateness=f"{patient.settings.lateness.total_seconds() / 60:.0f}",
        )
        longer = f"ODDTRAIL_LATENESS={most / 60 + 1:.0f}m"
        do = words.say("Late events are scored when they come; {setting} would wait for them.", setting=longer)
        yield Finding(check, "note", found, do)
    else:
        found = words.say(
            "Half within {half} min of the call, 99% within {most} min.",
            half=f"{half / 60:.0f}",
            most=f"{most / 60:.0f}",
        )
        yield Finding(check, "ok", found, "")
    [(future, past)] = patient.rows(
        "SELECT count(*) FILTER (list_contains(flags, 'future')), count(*) FILTER (list_contains(flags, 'past')) "
        "FROM events"
    )
    if future or past:
        found = words.say_many(
            future,
            "{n} event lies in the future, {past} before there was AWS; they are kept, not learned from.",
            "{n} events lie in the future, {past} before there was AWS; they are kept, not learned from.",
            past=f"{past:,}",
        )
        do = words.say("Look at where those files come from: CloudTrail's own clock does not do this.")
        yield Finding(to_say("clock"), "note", found, do)


def check_records(patient: Patient) -> Iterator[Finding]:
    """Records that had to be repaired or set aside, by account and principal: an attacker can cause them."""
    words = patient.words
    repaired = patient.rows(
        "SELECT account, principal_name, count(*) FROM events WHERE list_contains(flags, 'repaired') "
        "GROUP BY ALL ORDER BY 3 DESC, 1, 2 LIMIT 10"
    )
    for account, name, count in repaired:
        found = words.say_many(
            count,
            "{n} malformed record of {name} in {account}, repaired and scored.",
            "{n} malformed records of {name} in {account}, repaired and scored.",
            name=name,
            account=account,
        )
        do = words.say("Read them: free text that breaks readers is seldom an accident.")
        yield Finding(to_say("repaired"), "note", found, do)
    aside = list(check_set_aside(patient))
    yield from aside
    if not repaired and not aside:
        yield Finding(to_say("records"), "ok", words.say("Every record could be read."), "")


def check_set_aside(patient: Patient) -> Iterator[Finding]:
    """Records of which no event could be made."""
    words = patient.words
    patient.store.events.view_asides(patient.connection, "set_aside", patient.left_out)
    aside = patient.rows(
        "SELECT account, principal, reason, count(*) FROM set_aside GROUP BY ALL ORDER BY 4 DESC, 1, 2, 3 LIMIT 10"
    )
    for account, principal, reason, count in aside:
        found = words.say_many(
            count,
            "{n} record of {name} in {account}: {why}.",
            "{n} records of {name} in {account}: {why}.",
            name=principal or words.say("nobody named"),
            account=account or words.say("no account"),
            why=reason,
        )
        folder = patient.store.home / "set_aside"
        do = words.say("Their bytes are kept below {folder}; nothing in them was scored.", folder=folder)
        yield Finding(to_say("set aside"), "warning", found, do)


def check_access_levels(patient: Patient) -> Iterator[Finding]:
    """Calls that no IAM action is known for have their access level guessed by their verb."""
    words = patient.words
    [(share,)] = patient.rows("SELECT avg((level_source = 'verb')::INT) FROM events")
    if share and share > 0.02:
        common = patient.rows(
            "SELECT action FROM events WHERE level_source = 'verb' GROUP BY action "
            "ORDER BY count(*) DESC, action LIMIT 3"
        )
        found = words.say(
            "The access level of {share} of the calls is guessed from their verb: {actions} and others.",
            share=f"{share:.1%}",
            actions=", ".join(action for (action,) in common),
        )
        do = words.say("Update oddtrail: newer versions know newer actions.")
        yield Finding(to_say("access levels"), "note", found, do)
