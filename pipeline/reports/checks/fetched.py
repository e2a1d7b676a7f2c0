"""What is learnt of activity that others made, without its events."""

from collections.abc import Iterator
from datetime import date

from pipeline.reports.checks.finding import Finding, Patient, name_some
from pipeline.words.words import to_say


def check_fetched(patient: Patient) -> Iterator[Finding]:
    """Which days are known by activity alone, and which no side has whole."""
    words, check = patient.words, to_say("fetched activity")
    places: dict[str, list[date]] = {}
    for (_, day), one in patient.fetched.items():
        if one.stands:
            places.setdefault(one.place, []).append(day)
    for place, days in sorted(places.items()):
        found = words.say_many(
            len(days),
            "The activity of {n} account-day from {first} to {last} was fetched from {place}: it is learnt, and its "
            "events can be neither shown nor searched here.",
            "The activity of {n} account-days from {first} to {last} was fetched from {place}: it is learnt, and their "
            "events can be neither shown nor searched here.",
            first=min(days),
            last=max(days),
            place=place,
        )
        yield Finding(check, "ok", found, "")
    torn = {f"{account}/{day}": one.lacks for (account, day), one in patient.fetched.items() if one.lacks}
    if torn:
        found = words.say_many(
            sum(torn.values()),
            "At least {n} call of {which} is not learnt: neither the events here nor what was fetched are whole.",
            "At least {n} calls of {which} are not learnt: neither the events here nor what was fetched are whole.",
            which=name_some([*torn], words),
        )
        do = words.say(
            "Ingest the log files of those days, or run `oddtrail spark-backfill` over them again; then "
            "`oddtrail train`."
        )
        yield Finding(check, "note", found, do)
