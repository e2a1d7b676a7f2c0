"""What the trail does not show: days, calls, regions and hours that are missing, and places nobody knows."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pipeline.reports.checks.finding import TIMELY, Finding, Patient, name_accounts
from pipeline.reports.integrity_words import tell_integrity
from pipeline.reports.silence import HOUR, find_silences
from pipeline.stores.waits import find_waits
from pipeline.words.words import to_say

ENOUGH_DAYS = 28
"""Days of history after which nothing is borrowed only because it is short."""
FEW_DAYS = 7
SILENCES_TOLD = 5
FINDINGS_TOLD = timedelta(days=35)
"""How long a finding of digests is told."""


def check_history(patient: Patient) -> Iterator[Finding]:
    """How much there is to learn from, and whether it is still coming."""
    words, check = patient.words, to_say("history")
    [(last, seen, of, principals)] = patient.rows(
        "SELECT epoch(max(event_time)), list(DISTINCT CAST(event_time AS DATE)), list(DISTINCT account), "
        f"count(DISTINCT principal) FROM events WHERE {TIMELY}"
    )
    fetched = {key for key, one in patient.fetched.items() if one.stands}
    days = len({*(seen or ()), *(day for _, day in fetched)})
    accounts = len({*(of or ()), *(account for account, _ in fetched)})
    about = {
        "days": words.say_many(days, "{n} day", "{n} days"),
        "accounts": words.say_many(accounts, "{n} account", "{n} accounts"),
        "principals": words.say_many(principals, "{n} principal", "{n} principals"),
    }
    found = (
        words.say(
            "{days} of {accounts}; events of {principals} on {seen} of them.",
            seen=words.say_many(len(seen or ()), "{n} day", "{n} days"),
            **about,
        )
        if fetched
        else words.say("{days} of {accounts} and {principals}.", **about)
    )
    if days < FEW_DAYS:
        do = words.say("Ingest older files: under {least} days, peers and priors decide.", least=FEW_DAYS)
        yield Finding(check, "warning", found, do)
    elif days < ENOUGH_DAYS:
        do = words.say("Ingest older files if there are any: {least} days and more are best.", least=ENOUGH_DAYS)
        yield Finding(check, "note", found, do)
    else:
        yield Finding(check, "ok", found, "")
    if last is not None:
        age = patient.now.timestamp() - last
        if age > timedelta(days=1).total_seconds():
            hours = age / 3600
            found = (
                words.say("The newest event is {age} days old.", age=f"{hours / 24:.0f}")
                if hours > 48
                else words.say("The newest event is {age} h old.", age=f"{hours:.0f}")
            )
            do = words.say(
                "Sync and ingest again to look at what came since; to look at the past, name a time with --until."
            )
            yield Finding(to_say("freshness"), "note", found, do)


def check_data_events(patient: Patient) -> Iterator[Finding]:
    """Reads and writes of objects are recorded only where a trail asks for data events."""
    words, check = patient.words, to_say("data events")
    without = [
        account
        for account, data in patient.rows(
            "SELECT account, count(*) FILTER (category = 'Data') FROM events GROUP BY account ORDER BY account"
        )
        if not data
    ]
    if without:
        found = words.say(
            "None in {accounts}: reading objects and tables or running functions is unseen.",
            accounts=name_accounts(without, words),
        )
        do = words.say("Turn data events on in the trail for the buckets and tables that matter.")
        yield Finding(check, "warning", found, do)
    else:
        yield Finding(check, "ok", words.say("Every account has them."), "")


def check_regions(patient: Patient) -> Iterator[Finding]:
    """A trail of one region, or one without global services, sees half."""
    words, check = patient.words, to_say("regions")
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
        accounts = name_accounts(narrow, words)
        found = (
            words.say(
                "At most one region in {accounts}, while others have up to {most}: stolen keys are often tried "
                "elsewhere.",
                accounts=accounts,
                most=most,
            )
            if most > 1
            else words.say(
                "At most one region in {accounts}: stolen keys are often tried elsewhere.", accounts=accounts
            )
        )
        do = words.say(
            "Check that the trail is multi-region (`aws cloudtrail describe-trails`) and every region was synced."
        )
        yield Finding(check, "warning", found, do)
    blind = [account for account, (_, glob) in regions.items() if not glob]
    if blind:
        found = words.say(
            "No IAM, STS or sign-in events in {accounts}: new keys and role changes go unseen.",
            accounts=name_accounts(blind, words),
        )
        do = words.say("Include global service events in the trail, and sync its us-east-1 folder.")
        yield Finding(to_say("global services"), "warning", found, do)
    if not narrow and not blind:
        found = words.say_many(
            most,
            "Up to {n} region an account, global services included.",
            "Up to {n} regions an account, global services included.",
        )
        yield Finding(check, "ok", found, "")


def check_silences(patient: Patient) -> Iterator[Finding]:
    """Hours without events in which an account usually has many."""
    words, check = patient.words, to_say("gaps")
    counts: dict[str, dict[datetime, int]] = {}
    for account, hour, count in patient.rows(
        "SELECT account, epoch(date_trunc('hour', event_time))::BIGINT, count(*) FROM events "
        f"WHERE {TIMELY} GROUP BY ALL"
    ):
        counts.setdefault(account, {})[datetime.fromtimestamp(hour, patient.now.tzinfo)] = count
    for (account, _), one in patient.fetched.items():  # what was learnt without its events is no silence
        if one.stands and account in counts:
            counts[account].update(one.list_hours())
    silent = [(silence, account) for account in sorted(counts) for silence in find_silences(counts[account].items())]
    for silence, account in sorted(silent, key=lambda pair: -pair[0].expected)[:SILENCES_TOLD]:
        found = words.say_many(
            round(silence.expected),
            "Account {account} is silent for {hours} h from {time} UTC, where about {n} event is usual.",
            "Account {account} is silent for {hours} h from {time} UTC, where about {n} events are usual.",
            account=account,
            hours=f"{(silence.end - silence.start) / HOUR:.0f}",
            time=f"{silence.start:%Y-%m-%d %H:%M}",
        )
        do = words.say(
            "Sync that day again; if nothing is in the bucket, look for StopLogging and for changes of the trail."
        )
        yield Finding(check, "warning", found, do)
    if len(silent) > SILENCES_TOLD:
        more = words.say_many(len(silent) - SILENCES_TOLD, "{n} more silence.", "{n} more silences.")
        yield Finding(check, "warning", more, words.say("See them with --json."))
    if not silent:
        yield Finding(check, "ok", words.say("No account is silent where it usually speaks."), "")


def check_digests(patient: Patient) -> Iterator[Finding]:
    """Whether what came is what CloudTrail says that it delivered."""
    words, check = patient.words, to_say("digests")
    digests = patient.store.digest_files
    told = [one for one in digests.findings(patient.now - FINDINGS_TOLD) if not one.cleared]
    for one in told[-SILENCES_TOLD:]:
        found = words.say("Told on {day}: {what}", day=f"{one.at:%Y-%m-%d}", what=tell_integrity(one.text, words))
        yield Finding(check, "warning", found, words.say("Do what it says."))
    if len(told) > SILENCES_TOLD:
        more = words.say_many(len(told) - SILENCES_TOLD, "{n} more finding.", "{n} more findings.")
        yield Finding(check, "warning", more, words.say("See {file}.", file="operations.jsonl"))
    waits = find_waits(patient.store.state, patient.now, patient.now + HOUR)
    if waits:
        found = words.say("What is missing is not known: {why}", why=waits)
        yield Finding(check, "warning", found, words.say("Have that source read again."))
    elif not told and digests.has_any():
        yield Finding(check, "ok", words.say("What came is what CloudTrail's digests list."), "")


def check_places(patient: Patient) -> Iterator[Finding]:
    """Without attribution a foreign country looks like home."""
    words, check = patient.words, to_say("places")
    [(public, country, asn)] = patient.rows(
        "SELECT count(*), count(*) FILTER (country <> ''), count(*) FILTER (asn <> 0) FROM events "
        "WHERE address_kind = 'public'"
    )
    if not public:
        yield Finding(check, "ok", words.say("No call came from a public address."), "")
        return
    unknown = {to_say("country"): 1 - country / public, to_say("network operator"): 1 - asn / public}
    missing = [(words.find(name), f"{share:.0%}") for name, share in unknown.items() if share > 0.1]
    if not missing:
        yield Finding(check, "ok", words.say("Country and network of public addresses are known."), "")
        return
    (name, share), *others = missing
    found = (
        words.say(
            "Of the calls from public addresses, the {name} of {share} and the {other} of {of} is unknown.",
            name=name, share=share, other=others[0][0], of=others[0][1],
        )
        if others
        else words.say("Of the calls from public addresses, the {name} of {share} is unknown.", name=name, share=share)
    )  # fmt: skip
    do = words.say("Run `oddtrail geoip install`, or name databases with --geoip; then ingest into a new home.")
    yield Finding(check, "warning" if max(unknown.values()) > 0.5 else "note", found, do)
