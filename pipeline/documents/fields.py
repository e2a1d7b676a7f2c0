"""Every field of a document that can be searched: its name, its type, what it means. Nothing else is ever mapped.

`template.py` makes mappings of it, for the types that an engine has; `docs/documents.md` shows it to people. What a
document holds beside these fields is kept in it and cannot be searched.
"""

from typing import Final, Literal, NamedTuple

FieldType = Literal[
    "keyword", "text", "keyword and text", "date", "instant", "boolean", "long", "integer", "double", "ip", "geo",
    "flat", "kept", "nested", "user", "user name", "text and keyword", "alias of timestamp",
]  # fmt: skip
"""`keyword`: a whole text; `text`: its words; `geo`: a point; `flat`: an object of any shape, leaf by leaf; `kept`: not
searched. The rest is of alerts: `instant`, a date as OpenSearch's anomaly detection has it; `nested`, objects that are
searched one by one; `user` and what stands in it, which is nested and by words where that plugin wants it so."""


class Field(NamedTuple):
    """A field."""

    name: str
    type: FieldType
    meaning: str
    longest: int = 1_024
    """Characters of a keyword that can be searched; longer ones are kept."""


LONG: Final = 8_191
"""Characters that fit a term of 32,766 bytes whatever they are."""
FREE_FORM: Final = "aws.cloudtrail.flattened"
"""The field of everything that a request and its answer hold."""
_SEED: Final = (
    Field("@timestamp", "date", "When the call happened."),
    Field("@id", "keyword", "CloudWatch's id of the log event; without one, the event's id."),
    Field("@owner", "keyword", "Account of the log group; without one, the account of the event."),
    Field("@log_group", "keyword", "Log group it came through."),
    Field("@log_stream", "keyword", "Log stream it came through."),
    Field("@message", "kept", "The record as delivered, without secrets, at most 512 KiB."),
)
_GEO_INFO: Final = (
    Field("geoInfo.continent.code", "keyword", "Continent, two letters."),
    Field("geoInfo.continent.geoname_id", "long", "The same in GeoNames."),
    Field("geoInfo.continent.names.en", "keyword", "Its name."),
    Field("geoInfo.country.iso_code", "keyword", "Country, ISO 3166 alpha-2."),
    Field("geoInfo.country.geoname_id", "long", "The same in GeoNames."),
    Field("geoInfo.country.names.en", "keyword", "Its name."),
    Field("geoInfo.registered_country.iso_code", "keyword", "Country that the network is registered in."),
    Field("geoInfo.registered_country.geoname_id", "long", "The same in GeoNames."),
    Field("geoInfo.registered_country.names.en", "keyword", "Its name."),
    Field("geoInfo.subdivisions.iso_code", "keyword", "Regions, from the largest down."),
    Field("geoInfo.subdivisions.geoname_id", "long", "The same in GeoNames."),
    Field("geoInfo.subdivisions.names.en", "keyword", "Their names."),
    Field("geoInfo.city.geoname_id", "long", "City in GeoNames."),
    Field("geoInfo.city.names.en", "keyword", "Its name."),
    Field("geoInfo.postal.code", "keyword", "Postal code."),
    Field("geoInfo.location.latitude", "double", "Degrees."),
    Field("geoInfo.location.longitude", "double", "Degrees."),
    Field("geoInfo.location.accuracy_radius", "long", "Kilometres around it that the address lies in."),
    Field("geoInfo.location.time_zone", "keyword", "Time zone, as in Europe/Berlin."),
)
_ECS: Final = (
    Field("ecs.version", "keyword", "Version of ECS that the names are of."),
    Field(
        "event.id", "keyword", "CloudTrail's eventID; a hash of the record where it has none. Also the document's id."
    ),
    Field("event.kind", "keyword", "Always `event`."),
    Field("event.module", "keyword", "Always `aws`."),
    Field("event.dataset", "keyword", "Always `aws.cloudtrail`."),
    Field("event.provider", "keyword", "eventSource."),
    Field("event.action", "keyword", "eventName."),
    Field("event.category", "keyword", "ECS's category of the action: iam, authentication, file, database …"),
    Field("event.type", "keyword", "ECS's type of the action: creation, change, deletion, access, info …"),
    Field("event.outcome", "keyword", "success or failure."),
    Field("event.created", "date", "When CloudTrail delivered it; five minutes after the call where nothing says."),
    Field("event.ingested", "date", "When it was indexed."),
    Field("error.code", "keyword", "Code of the error."),
    Field("error.message", "text", "Message of the error."),
    Field("cloud.provider", "keyword", "Always `aws`."),
    Field("cloud.region", "keyword", "Region that was called; absent for global services."),
    Field(
        "cloud.account.id", "keyword", "Account that received the call. Elastic's integration has the caller's here."
    ),
    Field("source.address", "keyword", "sourceIPAddress: an address, a service's host name, `AWS Internal`."),
    Field("source.ip", "ip", "The address, where it is one."),
    Field("source.geo.continent_name", "keyword", "Continent."),
    Field("source.geo.country_iso_code", "keyword", "Country, ISO 3166 alpha-2."),
    Field("source.geo.country_name", "keyword", "Its name."),
    Field("source.geo.region_iso_code", "keyword", "Region, ISO 3166-2."),
    Field("source.geo.region_name", "keyword", "Its name."),
    Field("source.geo.city_name", "keyword", "City."),
    Field("source.geo.location", "geo", "Where it lies."),
    Field("source.as.number", "long", "Autonomous system."),
    Field("source.as.organization.name", "keyword", "Who runs it."),
    Field("user.id", "keyword", "userIdentity.principalId."),
    Field("user.name", "keyword", "Name of the role or user that called."),
    Field("user.entity.id", "keyword", "ARN of the role or user that called."),
    Field("user.target.id", "keyword", "Id of the user that the call is about."),
    Field("user.target.name", "keyword", "Name of the user that the call is about."),
    Field("user.changes.name", "keyword", "New name of the user that the call is about."),
    Field("group.id", "keyword", "Id of the group that the call is about."),
    Field("group.name", "keyword", "Name of the group that the call is about."),
    Field("related.user", "keyword", "Every name of a user in the event."),
    Field("related.ip", "ip", "Every address in the event."),
    Field("user_agent.original", "keyword", "userAgent."),
    Field("user_agent.name", "keyword", "Family of the tool, without version."),
    Field("user_agent.version", "keyword", "Version of the tool."),
    Field("user_agent.os.name", "keyword", "Operating system, as far as it says."),
    Field("user_agent.os.version", "keyword", "Its version."),
    Field("tls.version", "keyword", "Version of TLS, as in 1.3."),
    Field("tls.version_protocol", "keyword", "Always `tls`."),
    Field("tls.cipher", "keyword", "Cipher suite."),
    Field("tls.client.server_name", "keyword", "Host name that the caller asked for."),
    Field("threat.enrichments.indicator.ip", "ip", "Address that somebody else knows something of; only on demand."),
    Field("threat.enrichments.indicator.type", "keyword", "ipv4-addr or ipv6-addr."),
    Field("threat.enrichments.indicator.provider", "keyword", "Who knows it."),
    Field("threat.enrichments.indicator.description", "text", "What is known."),
    Field("threat.enrichments.indicator.reference", "keyword", "Where a person can read more."),
    Field("threat.enrichments.matched.field", "keyword", "The field that the address stands in."),
    Field("threat.enrichments.matched.atomic", "keyword", "The address once more."),
)
_CLOUDTRAIL: Final = (
    Field("aws.s3.bucket.name", "keyword", "Bucket of the delivering object."),
    Field("aws.s3.object.key", "keyword", "Key of the delivering object."),
    Field("aws.cloudtrail.event_version", "keyword", "eventVersion."),
    Field("aws.cloudtrail.event_type", "keyword", "eventType."),
    Field("aws.cloudtrail.event_category", "keyword", "eventCategory."),
    Field("aws.cloudtrail.api_version", "keyword", "apiVersion."),
    Field("aws.cloudtrail.recipient_account_id", "keyword", "recipientAccountId."),
    Field("aws.cloudtrail.vpc_endpoint_id", "keyword", "vpcEndpointId."),
    Field("aws.cloudtrail.request_id", "keyword", "requestID."),
    Field("aws.cloudtrail.shared_event_id", "keyword", "sharedEventID, which two accounts' records of one call share."),
    Field("aws.cloudtrail.session_credential_from_console", "keyword", "sessionCredentialFromConsole."),
    Field("aws.cloudtrail.error_code", "keyword", "errorCode."),
    Field("aws.cloudtrail.error_message", "keyword", "errorMessage.", LONG),
    Field("aws.cloudtrail.read_only", "boolean", "readOnly."),
    Field("aws.cloudtrail.management_event", "keyword", "managementEvent."),
    Field("aws.cloudtrail.user_identity.type", "keyword", "userIdentity.type."),
    Field("aws.cloudtrail.user_identity.arn", "keyword", "userIdentity.arn."),
    Field("aws.cloudtrail.user_identity.access_key_id", "keyword", "userIdentity.accessKeyId."),
    Field("aws.cloudtrail.user_identity.invoked_by", "keyword", "userIdentity.invokedBy."),
    Field("aws.cloudtrail.user_identity.session_context.mfa_authenticated", "keyword", "true or false, as a text."),
    Field("aws.cloudtrail.user_identity.session_context.creation_date", "date", "When the session began."),
    Field("aws.cloudtrail.user_identity.session_context.session_issuer.type", "keyword", "Role or Root, say."),
    Field("aws.cloudtrail.user_identity.session_context.session_issuer.principal_id", "keyword", "Id of the role."),
    Field("aws.cloudtrail.user_identity.session_context.session_issuer.arn", "keyword", "ARN of the role."),
    Field("aws.cloudtrail.user_identity.session_context.session_issuer.account_id", "keyword", "Account of the role."),
    Field("aws.cloudtrail.resources.arn", "keyword", "ARNs of the record's own list of resources, at most 100."),
    Field("aws.cloudtrail.resources.account_id", "keyword", "Their accounts."),
    Field("aws.cloudtrail.resources.type", "keyword", "Their types."),
    Field(
        FREE_FORM,
        "flat",
        "request_parameters, response_elements, additional_eventdata and service_event_details, leaf by leaf.",
        LONG,
    ),
    Field("aws.cloudtrail.request_parameters", "keyword and text", "The request as one text; only on demand.", LONG),
    Field("aws.cloudtrail.response_elements", "keyword and text", "The response as one text; only on demand.", LONG),
    Field("aws.cloudtrail.additional_eventdata", "keyword and text", "The same of additionalEventData.", LONG),
    Field("aws.cloudtrail.service_event_details", "keyword and text", "The same of serviceEventDetails.", LONG),
    Field("aws.cloudtrail.console_login.additional_eventdata.login_to", "keyword", "Where a sign-in led to."),
    Field("aws.cloudtrail.console_login.additional_eventdata.mfa_used", "boolean", "Whether it took a second factor."),
    Field("aws.cloudtrail.console_login.additional_eventdata.mobile_version", "boolean", "Whether on a telephone."),
)
_OURS: Final = (
    Field("oddtrail.principal", "keyword", "Who is scored: one key that outlives sessions."),
    Field("oddtrail.principal_name", "keyword", "The name an analyst knows the principal by."),
    Field("oddtrail.kind", "keyword", "human, workload, ci, aws_service, external, root or anonymous."),
    Field("oddtrail.rule", "keyword", "The rule that told the principal."),
    Field("oddtrail.identity", "keyword", "Role or user in its account."),
    Field("oddtrail.permission_set", "keyword", "Permission set of Identity Center."),
    Field("oddtrail.actor", "keyword", "The person or pipeline behind the identity."),
    Field("oddtrail.session", "keyword", "Credential: access key id, and `/` and start of a temporary one."),
    Field("oddtrail.session_name", "keyword", "Name that the session was given."),
    Field("oddtrail.session_class", "keyword", "What kind of name that is."),
    Field("oddtrail.mfa", "boolean", "Whether with a second factor, where the record says."),
    Field("oddtrail.address_kind", "keyword", "public, private, vpc_endpoint, aws_service, aws_internal or invalid."),
    Field("oddtrail.prefix", "keyword", "Network of the address: /24 or /48 of a public one."),
    Field("oddtrail.network", "keyword", "Name of an own network."),
    Field("oddtrail.agent", "keyword", "Family of the tool; `service:NAME` where a service called."),
    Field("oddtrail.action", "keyword", "`service:EventName`, versions of the API removed."),
    Field("oddtrail.service", "keyword", "eventSource without `.amazonaws.com`."),
    Field("oddtrail.level", "keyword", "list, read, write, tagging or permissions."),
    Field("oddtrail.tactic", "keyword", "ATT&CK tactic that the action is known for."),
    Field("oddtrail.write", "boolean", "Whether the action changes something."),
    Field("oddtrail.error", "keyword", "denied, credential, probe, conflict, validation, throttle or failed."),
    Field("oddtrail.resources", "keyword", "What was touched, `type:name`, at most 20."),
    Field("oddtrail.exposures", "keyword", "What is opened to the outside: `account:…`, `cidr:…`, `principal:*` …"),
    Field(
        "oddtrail.facts", "keyword", "root, login_failed, login_no_mfa, logging_off, credential_given, port_opened …"
    ),
    Field("oddtrail.vpc_endpoint", "keyword", "VPC endpoint it came through."),
    Field("oddtrail.issued_key", "keyword", "Access key id that the response handed out."),
    Field("oddtrail.patches", "keyword", "Id of the event that this one corrects."),
    Field("oddtrail.flags", "keyword", "What is odd about it: future, cut, unsearchable, message_cut, refused …"),
    Field("oddtrail.file", "keyword", "First 16 digits of the SHA-256 of the delivering file."),
    Field("oddtrail.position", "long", "Index of the record in its file."),
)
EVENT_FIELDS: Final = (*_SEED, *_GEO_INFO, *_ECS, *_CLOUDTRAIL, *_OURS)
"""Fields of the indices of events, and of quarantine."""
