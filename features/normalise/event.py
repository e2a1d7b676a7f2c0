"""What we keep of a CloudTrail record: one typed, documented row an event.

Declared without PyArrow, so that the Lambda's door can load it; `pipeline.stores.parquet.schema` makes Arrow of it.
"""

from typing import Literal, NamedTuple

ColumnType = Literal["string", "bool", "int32", "int64", "double", "timestamp", "strings", "binary"]
"""`timestamp` is microseconds UTC; `strings` is a list of strings."""


class Column(NamedTuple):
    """One column of the event schema."""

    name: str
    type: ColumnType
    ecs: str | None
    """The Elastic Common Schema name, where ECS has one."""
    meaning: str


EVENT: tuple[Column, ...] = (
    # what happened, when
    Column(
        "event_id",
        "string",
        "event.id",
        "CloudTrail's eventID, or `sha256:` and the hash of the canonical record; `~` and a hash after it where an "
        "earlier record of the day says something else under it.",
    ),
    Column("shared_event_id", "string", None, "Links the two records of one cross-account call; null elsewhere."),
    Column("event_time", "timestamp", "@timestamp", "When the call happened, UTC, whole seconds."),
    Column(
        "delivered_at",
        "timestamp",
        "event.ingested",
        "When CloudTrail delivered it: the time in the S3 key, else event time + 5 min.",
    ),
    Column("account", "string", "cloud.account.id", "The account that received the call and the record."),
    Column(
        "region",
        "string",
        "cloud.region",
        "Region called; empty for global services, whose region means nothing.",
    ),
    Column("category", "string", None, "Management, Data or NetworkActivity."),
    Column("service", "string", "event.provider", "Event source without `.amazonaws.com`."),
    Column("action", "string", "event.action", "`service:EventName`, API version suffixes removed."),
    Column("level", "string", None, "Access level: list, read, write, tagging or permissions."),
    Column("write", "bool", None, "The action changes something (write, tagging, permissions)."),
    Column("level_source", "string", None, "Where the level comes from: iam, alias, read_only or verb."),
    Column("tactic", "string", "threat.tactic.name", "ATT&CK tactic the action is known for; empty when none."),
    Column(
        "error",
        "string",
        None,
        "Error family: empty for success, else denied, credential, probe, conflict, validation, throttle, failed.",
    ),
    Column("error_code", "string", "error.code", "As delivered; null on success."),
    Column("error_message", "string", "error.message", "As delivered, cut at 1,024 characters."),
    # who
    Column(
        "principal",
        "string",
        "user.id",
        "Who is scored: the actor where known, else the identity. One key that outlives sessions.",
    ),
    Column("principal_name", "string", "user.name", "The name an analyst knows the principal by."),
    Column("kind", "string", None, "human, workload, ci, aws_service, external, root or anonymous."),
    Column("rule", "string", None, "The resolver's rule that decided."),
    Column("identity", "string", None, "Role or user in its account; survives sessions."),
    Column("identity_type", "string", None, "CloudTrail's userIdentity.type; empty when missing."),
    Column(
        "identity_arn",
        "string",
        "user.entity.id",
        "ARN of the role or user (the issuer's for a session), or a readable stand-in.",
    ),
    Column("identity_name", "string", "user.roles", "Role or user name without path."),
    Column("identity_account", "string", None, "Account the identity lives in."),
    Column("permission_set", "string", None, "Identity Center permission set; empty when none."),
    Column("actor", "string", None, "The person or pipeline behind the identity; null when unknown."),
    Column(
        "session",
        "string",
        None,
        "Credential: access key or credential id, and session start for temporary ones; empty when none.",
    ),
    Column(
        "session_class",
        "string",
        None,
        "Session name reduced to its class (EC2 instance, Lambda, ECS task, uuid, date, named …).",
    ),
    Column(
        "session_name",
        "string",
        None,
        "Name of the session as whoever opened it chose it, cut at 256 characters; empty when none, null in rows "
        "stored before there was this column.",
    ),
    Column(
        "session_start",
        "timestamp",
        None,
        "When the temporary credential was issued; null for long-lived keys.",
    ),
    Column("mfa", "bool", None, "MFA on the session or sign-in; null when the record does not say."),
    Column("invoked_by", "string", None, "AWS service that called on the principal's behalf; empty when none."),
    # from where, with what
    Column("address", "string", "source.address", "sourceIPAddress as delivered, cut at 256 characters."),
    Column("address_kind", "string", None, "public, private, vpc_endpoint, aws_service, aws_internal or invalid."),
    Column(
        "prefix",
        "string",
        None,
        "/24 or /48 of a public address, the address's network for private, else empty.",
    ),
    Column("country", "string", "source.geo.country_iso_code", "ISO 3166 alpha-2; empty when unknown."),
    Column("city", "string", "source.geo.city_name", "Empty when unknown."),
    Column("latitude", "double", "source.geo.location", "Degrees; null when unknown."),
    Column("longitude", "double", "source.geo.location", "Degrees; null when unknown."),
    Column("asn", "int64", "source.as.number", "Autonomous system; 0 when unknown."),
    Column(
        "organisation",
        "string",
        "source.as.organization.name",
        "Organisation of the ASN; empty when unknown.",
    ),
    Column("network", "string", None, "Name of an own network (office, VPN egress); empty when none."),
    Column("vpc_endpoint", "string", None, "VPC endpoint id; empty when none."),
    Column(
        "agent",
        "string",
        "user_agent.name",
        "Agent family without versions; `service:<name>` when an AWS service made the call.",
    ),
    Column("user_agent", "string", "user_agent.original", "As delivered, cut at 1,024 characters."),
    # what it touched
    Column("resources", "strings", None, "Tokens `type:name` of what was touched, at most 20."),
    Column(
        "made",
        "strings",
        None,
        "Those of `resources` that only the response names: what the call made. Activity leaves them out.",
    ),
    Column(
        "exposures",
        "strings",
        None,
        "What a call that succeeded opened to the outside: to `principal:*` (everybody), `account:…`, `org:…` (an "
        "organization or a unit of one), `grantee:…` (somebody of no known account), `cidr:…`, `identity_provider:…`; "
        "`public:…` (a database, cluster, broker … that the internet reaches), `policy:…` (an administrator's), "
        "`function_url:NONE`, `public_access_block:off`. At most 20.",
    ),
    Column(
        "facts",
        "strings",
        None,
        "Facts of the record itself: root, login_mfa, login_no_mfa, login_failed, logging_off (or watching, backups, "
        "versions), credential_given, port_opened (for administration, files or databases, to the internet), imds_v1.",
    ),
    Column(
        "patches",
        "string",
        None,
        "eventID of the original that an UPDATED_DATA addendum corrects; empty when none.",
    ),
    Column("issued_key", "string", None, "Access key id that the response handed out; empty when none."),
    Column("flags", "strings", None, "repaired, cross_account, future, past, updated, hashed_id, cut, shared_id …"),
    # evidence
    Column("file", "string", None, "SHA-256 of the delivering file's content, first 16 hex digits."),
    Column("position", "int32", None, "Index of the record in its file."),
    Column("raw", "binary", "event.original", "The record's bytes as delivered."),
)
