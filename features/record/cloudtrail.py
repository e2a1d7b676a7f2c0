"""What CloudTrail may send: one typed record. Free-form objects stay bytes until somebody needs a part of them.

Fields CloudTrail may omit have a default; fields nobody reads are not declared, so that decoding skips them.
Source: CloudTrail user guide, "CloudTrail record contents", up to eventVersion 1.11.
"""

import msgspec

ABSENT = msgspec.Raw(b"")
"""Stands in a record for a free-form field it does not have; this very object, so that `is` tells it."""


class Record(msgspec.Struct, rename="camel", gc=False):
    """One CloudTrail record as delivered.

    >>> decode_record(b'{"eventName": "ListUsers", "readOnly": true, "eventID": "e"}').event_name
    'ListUsers'
    """

    event_version: str | None = None
    event_time: str | None = None
    event_source: str | None = None
    event_name: str | None = None
    event_type: str | None = None
    event_category: str | None = None
    event_id: str | None = msgspec.field(default=None, name="eventID")
    shared_event_id: str | None = msgspec.field(default=None, name="sharedEventID")
    aws_region: str | None = None
    source_ip_address: str | None = msgspec.field(default=None, name="sourceIPAddress")
    user_agent: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    read_only: bool | None = None
    recipient_account_id: str | None = None
    vpc_endpoint_id: str | None = None
    user_identity: msgspec.Raw = ABSENT
    request_parameters: msgspec.Raw = ABSENT
    response_elements: msgspec.Raw = ABSENT
    additional_event_data: msgspec.Raw = ABSENT
    resources: msgspec.Raw = ABSENT
    addendum: msgspec.Raw = ABSENT
    tls_details: msgspec.Raw = ABSENT
    service_event_details: msgspec.Raw = ABSENT


class Issuer(msgspec.Struct, rename="camel", gc=False):
    """Who issued a temporary credential: `sessionContext.sessionIssuer`."""

    type: str = ""
    principal_id: str = ""
    arn: str = ""
    account_id: str = ""
    user_name: str = ""


class SessionAttributes(msgspec.Struct, rename="camel", gc=False):
    """`sessionContext.attributes`; CloudTrail writes the boolean as text."""

    creation_date: str = ""
    mfa_authenticated: str = ""


class Federation(msgspec.Struct, rename="camel", gc=False):
    """`sessionContext.webIdFederationData`: the OIDC provider, and what it said about the caller."""

    federated_provider: str = ""
    attributes: dict[str, str] = {}


class SessionContext(msgspec.Struct, rename="camel", gc=False):
    """How a temporary credential came to be."""

    session_issuer: Issuer = msgspec.field(default_factory=Issuer)
    attributes: SessionAttributes = msgspec.field(default_factory=SessionAttributes)
    web_id_federation_data: Federation = msgspec.field(default_factory=Federation)
    source_identity: str = ""
    ec2_role_delivery: str = ""
    assumed_root: bool | str = ""
    """True for a session of sts:AssumeRoot; seen as text and as a boolean."""


class OnBehalfOf(msgspec.Struct, rename="camel", gc=False):
    """The Identity Center user a call was made for."""

    user_id: str = ""
    identity_store_arn: str = ""


class Scope(msgspec.Struct, rename="camel", gc=False):
    """`inScopeOf`: the function, task or instance a credential was issued to."""

    issuer_type: str = ""
    credentials_issued_to: str = ""


class UserIdentity(msgspec.Struct, rename="camel", gc=False):
    """`userIdentity`: who made the request. Which fields are filled depends on `type`.

    Source: CloudTrail user guide, "CloudTrail userIdentity element".
    """

    type: str = ""
    principal_id: str = ""
    arn: str = ""
    account_id: str = ""
    access_key_id: str = ""
    credential_id: str = ""
    """Names the credential where no access key does: a bearer token's, a service-specific key's."""
    user_name: str = ""
    invoked_by: str = ""
    identity_provider: str = ""
    session_context: SessionContext = msgspec.field(default_factory=SessionContext)
    on_behalf_of: OnBehalfOf = msgspec.field(default_factory=OnBehalfOf)
    in_scope_of: Scope = msgspec.field(default_factory=Scope)


class Addendum(msgspec.Struct, rename="camel", gc=False):
    """Why a record came late, or which earlier record it corrects."""

    reason: str = ""
    original_event_id: str = msgspec.field(default="", name="originalEventID")


decode_record = msgspec.json.Decoder(Record).decode
decode_user_identity = msgspec.json.Decoder(UserIdentity).decode
decode_addendum = msgspec.json.Decoder(Addendum).decode
