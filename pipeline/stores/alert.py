"""The alert: one revision of what an analyst opens, as it is written, read and published.

`docs/alert.schema.json` is made of these types (`scripts/make_alert_schema.py`). Whoever changes a field's name, type
or meaning raises `VERSION`; a new field with a default does not.
"""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct, to_builtins

VERSION: Final = 2
"""Version of the alerts that are written. 2: severity says how much harm is done besides how rare the day is, and
evidence leaves out what is usual for the kind."""

LATE_MINUTES: Final = 180
"""Minutes from a call to its delivery from which an alert is worded as late; CloudTrail promises no more than 15."""

Severity = Literal["critical", "high", "medium", "low", "major", "minor", "warning"]
"""The last three, and low for what was hardly rare, are of version 1."""
Held = Literal["evidence", "score", "others", "budget", "drill"]
"""Why an alert was not raised."""


class AlertReason(Struct, frozen=True, kw_only=True):
    """One of the things that make an alert odd, as an analyst reads it."""

    feature: Annotated[
        str,
        Meta(
            description="Detector that speaks: surprise, exposure, facts, own_past or population. The last two count "
            "events of an hour; the others say that a value was there."
        ),
    ]
    dimension: Annotated[
        str,
        Meta(description="What the value is: write, read, country, asn, resource:bucket, …; for counts, the count."),
    ]
    value: Annotated[str, Meta(description="The value that is odd, such as an action; for counts, the count again.")]
    typical: Annotated[
        float,
        Meta(description="Share of the principal's active hours that held the value, 0 to 1; of counts, the expected."),
    ]
    actual: Annotated[float, Meta(description="1 for a value that is there; for counts, the events of the hour.")]
    nats: Annotated[
        float,
        Meta(
            description="Evidence: natural logarithm of how many times likelier an attacker is to do this than the "
            "principal. Higher is stranger."
        ),
    ]
    text: Annotated[str, Meta(description="A sentence: what is odd, what is usual, how often it is there now.")]
    hour: Annotated[
        datetime | None,
        Meta(description="Start of the hour in which it was first seen; of a count, the hour that is counted."),
    ] = None


class Influencer(Struct, frozen=True, kw_only=True):
    """Values of one field without whose events a good part of the evidence would not be there."""

    field: Annotated[
        str,
        Meta(
            description="Field, by its name in the Elastic Common Schema: event.action, source.address, cloud.region, "
            "user_agent.name or cloud.account.id."
        ),
    ]
    values: Annotated[tuple[str, ...], Meta(description="Its values, the one with the largest share first.")]
    share: Annotated[float, Meta(description="Part of the reasons' nats that the first value carries, 0 to 1.")]


class AlertLine(Struct, frozen=True, kw_only=True):
    """A line of an alert's story: a session, or calls of it that differ only in what they touch."""

    time: Annotated[datetime, Meta(tz=True, description="When the first of its calls was made.")]
    until: Annotated[
        datetime | None, Meta(description="When the last was made; null where there is one, or it is a session.")
    ] = None
    text: Annotated[str, Meta(description="What an analyst reads.")]
    calls: Annotated[int, Meta(ge=0, description="Calls that it stands for; 0 for a session.")] = 0
    denied: Annotated[bool, Meta(description="They were denied.")] = False
    opens: Annotated[bool, Meta(description="It opens a session: who, from where and with what.")] = False


class AlertOpener(Struct, frozen=True, kw_only=True):
    """Who opened a session: the call that handed its access key out."""

    principal_name: Annotated[str, Meta(description="Short name of whoever called.")]
    principal_kind: Annotated[str, Meta(description="Kind of it, as of the alert's own principal.")]
    identity: Annotated[str, Meta(description="Its ARN.")]
    access_key: Annotated[str, Meta(description="Access key id it used; empty when none.")]
    session_name: Annotated[str, Meta(description="Name of its session; empty when none.")]
    action: Annotated[str, Meta(description="What it called, such as sts:AssumeRole.")]
    time: Annotated[datetime, Meta(tz=True, description="When.")]
    address: Annotated[str, Meta(description="Source address.")]
    agent: Annotated[str, Meta(description="User agent as delivered, cut at 300 characters.")]
    event_id: Annotated[str, Meta(description="Id of the event.")]


class AlertSession(Struct, frozen=True, kw_only=True):
    """A credential that made some of the calls: what to stop."""

    access_key: Annotated[str, Meta(description="Access key id; empty when none.")]
    session_name: Annotated[str, Meta(description="Name that whoever opened the session gave it; empty when none.")]
    identity: Annotated[str, Meta(description="ARN of the role or user.")]
    account: Annotated[str, Meta(description="Account that was called first.")]
    started: Annotated[
        datetime | None, Meta(description="When a temporary credential was issued; null for long-lived keys.")
    ]
    mfa: Annotated[bool | None, Meta(description="MFA on the session; null where records do not say.")]
    agents: Annotated[
        tuple[str, ...], Meta(description="User agents as delivered, at most 3, the most frequent first.")
    ]
    addresses: Annotated[tuple[str, ...], Meta(description="Source addresses, at most 5, the most frequent first.")]
    calls: Annotated[int, Meta(description="Its calls that hold anything odd.")]
    issued_keys: Annotated[tuple[str, ...], Meta(description="Access keys that these calls handed out, at most 10.")]
    opened_by: Annotated[
        tuple[AlertOpener, ...],
        Meta(description="Who opened the session, then who opened that one's, at most 3; empty where it is not known."),
    ] = ()


class AlertHarm(Struct, frozen=True, kw_only=True):
    """A kind of harm that the calls do, or would have done."""

    kind: Annotated[
        str,
        Meta(
            description="logging_off, organization_left, destroyed, exposed, persistence, off_host, rights, admin, "
            "compute, mail, models, secrets, data, deleted, commands, no_mfa or root."
        ),
    ]
    tried: Annotated[bool, Meta(description="None of the calls succeeded.")]
    calls: Annotated[int, Meta(description="Calls of this kind; those that succeeded, where any did.")]
    actions: Annotated[tuple[str, ...], Meta(description="Their actions, at most 20, as are the lists below.")] = ()
    resources: Annotated[tuple[str, ...], Meta(description="Tokens type:name of what they touched.")] = ()
    exposures: Annotated[tuple[str, ...], Meta(description="To whom they open something.")] = ()
    issued_keys: Annotated[tuple[str, ...], Meta(description="Access keys they handed out.")] = ()
    regions: Annotated[tuple[str, ...], Meta(description="Regions called.")] = ()


class AlertScores(Struct, frozen=True, kw_only=True):
    """Record scores of the models side by side; those of vectors are the largest of the day's closed hours."""

    incident: Annotated[float, Meta(ge=0, le=100, description="Of the sum of evidence: the alert's record score.")]
    forest: Annotated[float | None, Meta(description="Of the isolation forest; null where no hour had closed.")] = None
    population: Annotated[
        float | None, Meta(description="Of the hour's measures against the group and the hour of the week.")
    ] = None
    pyod: Annotated[float | None, Meta(description="Of PyOD's detector, where one is named.")] = None


class AlertMeasure(Struct, frozen=True, kw_only=True):
    """A measure that made an hour strange to a model of vectors."""

    model: Annotated[str, Meta(description="forest, population or pyod:NAME.")]
    measure: Annotated[str, Meta(description="What was measured: calls, regions, data_reads, hour_of_week and others.")]
    typical: Annotated[float, Meta(description="What was expected; of hour_of_week, a share of the group's hours.")]
    actual: Annotated[float, Meta(description="What was seen; of hour_of_week, hours since Monday began.")]
    share: Annotated[float, Meta(description="Part of what all measures are to blame for, 0 to 1.")]
    text: Annotated[str, Meta(description="What an analyst reads.")]
    hour: Annotated[datetime, Meta(tz=True, description="Start of the hour that was measured.")]


class Alert(Struct, frozen=True, kw_only=True):
    """One revision of an alert: what a principal's day showed by the time a delivery came in.

    A later revision of the same alert says more, and stands in its place. Times are UTC, evidence is in nats.
    """

    version: Annotated[
        int, Meta(ge=1, description="Version of this document's fields. A line without one is of version 1.")
    ] = 1
    alert_id: Annotated[
        str,
        Meta(description="The same for every revision and every replay of a principal's day: 32 hexadecimal digits."),
    ]
    revision: Annotated[int, Meta(ge=1, description="Counts the revisions of an alert from 1 on; the highest speaks.")]
    day: Annotated[date, Meta(description="The day that is judged, in the deployment's time zone.")]
    account: Annotated[str, Meta(description="AWS account with most of the events, twelve digits.")]
    accounts: Annotated[tuple[str, ...], Meta(description="Every account with such events, the one with most first.")]
    principal: Annotated[
        str, Meta(description="ARN that made most of the calls, and the name of a person or pipeline that it lacks.")
    ]
    principal_key: Annotated[str, Meta(description="Key of the principal in the store; it outlives sessions.")]
    principal_name: Annotated[
        str, Meta(description="Short name: of the role, the user or the person behind a session.")
    ]
    principal_kind: Annotated[
        str, Meta(description="human, workload, ci, external, root or anonymous; AWS services are not judged.")
    ]
    identities: Annotated[tuple[str, ...], Meta(description="ARNs that made the calls, the one with most first.")]
    members: Annotated[
        tuple[str, ...],
        Meta(description="Names of other principals that share the change which this alert stands for."),
    ]
    window_start: Annotated[datetime, Meta(tz=True, description="Start of the first hour with a reason.")]
    window_end: Annotated[datetime, Meta(tz=True, description="End of the last hour with a reason, exclusive.")]
    detected_at: Annotated[
        datetime, Meta(tz=True, description="When the revision was decided, on the clock of deliveries: a tick's end.")
    ]
    record_score: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            description="How rare such a day is here, 0 to 100, higher is stranger: one day of a principal a day "
            "reaches 75 by chance, one in ten days 90.",
        ),
    ]
    raised: Annotated[bool, Meta(description="Whether it is shown; `held_because` says why not.")]
    severity: Annotated[
        Severity,
        Meta(
            description="How soon to look, by how rare the day is and how much harm is done: critical at once, high "
            "as a "
            "priority, medium not urgently, low when there is time. In version 1 a band of the record score: critical "
            "from 75 on, major 50, minor 25, warning 3, low 0."
        ),
    ]
    title: Annotated[str, Meta(description="One line: who did what, and from where.")]
    evidence: Annotated[
        float,
        Meta(
            description="Nats of the day: the sum of the reasons' nats and of `other`. Higher is stranger. In version "
            "1 "
            "less what is usual for the kind, so that it can be below zero."
        ),
    ]
    reasons: Annotated[tuple[AlertReason, ...], Meta(description="What is odd, the weightiest first; at most 12.")]
    other: Annotated[float, Meta(description="Nats of smaller reasons; in version 1 less what is usual for the kind.")]
    sessions: Annotated[
        tuple[AlertSession, ...],
        Meta(description="Credentials that made the calls, at most 5, the one that carries most evidence first."),
    ] = ()
    harms: Annotated[
        tuple[AlertHarm, ...],
        Meta(description="Kinds of harm, what was done before what was only tried, then what cannot wait first."),
    ] = ()
    held_because: Annotated[
        Held | None,
        Meta(
            description="Why it was not raised: evidence (less than an alert needs), score (below 75, where there is "
            "no "
            "budget), others (rarer days than the budget has room for are usual here), budget (it was used up) or "
            "drill (it was one, and is over)."
        ),
    ] = None
    story: Annotated[
        tuple[AlertLine, ...],
        Meta(description="What happened, as far as was delivered, for where the events are gone: at most 20 lines."),
    ] = ()
    influencers: Annotated[tuple[Influencer, ...], Meta(description="What carries the evidence, the strongest first.")]
    tactics: Annotated[tuple[str, ...], Meta(description="MITRE ATT&CK tactics of the odd actions, by name.")]
    techniques: Annotated[tuple[str, ...], Meta(description="MITRE ATT&CK techniques of the odd actions, by id.")]
    event_count: Annotated[int, Meta(ge=0, description="Events that hold anything odd.")]
    event_ids: Annotated[
        tuple[str, ...], Meta(description="Ids of those events, at most 100, those that weigh most first.")
    ]
    model_id: Annotated[str, Meta(description="Model that judged: the day it is of, and a digest of what it knows.")]
    related: Annotated[
        tuple[str, ...],
        Meta(
            description="Ids of other alerts of the same break-in that were raised: they show a network that hardly "
            "anybody else was seen in, or share a change. Each names the others; together they use up the budget once."
        ),
    ] = ()
    delay_minutes: Annotated[
        int,
        Meta(ge=0, description="Minutes from those events to when they came, the median: CloudTrail needs 5 to 15."),
    ] = 0
    late: Annotated[
        bool, Meta(description="Whether they came so late, from three hours on, that the alert has to say so.")
    ] = False
    drill: Annotated[
        str,
        Meta(
            description="Id of the drill that it is of: nobody did this, `oddtrail drill` made it up; empty otherwise."
        ),
    ] = ""
    scores: Annotated[
        AlertScores | None,
        Meta(description="Record scores of every model by `detected_at`; null in alerts of before there were any."),
    ] = None
    measures: Annotated[
        tuple[AlertMeasure, ...],
        Meta(
            description="What made the day's strangest hour strange to models that score it 50 or more: at most 3 each."
        ),
    ] = ()

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it: times as ISO 8601 text."""
        document: dict[str, Any] = to_builtins(self)
        return document
