"""Who called: identity, actor and session of a record, and the principal that is scored.

*identity* is the role or user in its account and survives sessions; *actor* is the person behind a single-sign-on role,
the pipeline behind a CI role; *session* is the credential. The principal is the actor where one is known, else the
identity. People are one principal across accounts only by an Identity Center role path or `onBehalfOf`: both are set by
AWS. Names that a caller chooses never leave their role, or a thief could borrow a colleague's history.
The resolver sees one record. Source of the table: CloudTrail user guide, "userIdentity element".
"""

import re
from typing import Final, NamedTuple

from features.instant import read_instant
from features.record import Identity
from features.session_name import NO_SESSION, SessionClass, classify

SSO_PATH: Final = "/aws-reserved/sso.amazonaws.com/"
SERVICE_PATH: Final = "/aws-service-role/"
LONGEST = 256
_PERMISSION_SET = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{8,}")
_MACHINES = """
    agent api app application automation backup batch bot cd ci cicd circleci cron daemon deploy deployer deployment
    etl exporter github gitlab jenkins job monitoring pipeline robot scanner service ses smtp srv svc sync terraform
"""
_MACHINE = frozenset(_MACHINES.split())
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_CI_PROVIDERS = (
    "token.actions.githubusercontent.com",
    "gitlab",
    "circleci",
    "bitbucket",
    "buildkite",
    "app.terraform.io",
)
_SUBJECT = re.compile(r"(?:repo|project_path|organization|workspace):([^:]+(?:/[^:]+)*)")


class Principal(NamedTuple):
    """A caller as kept; strings are empty where nothing is known, `actor` is None."""

    principal: str
    principal_name: str
    kind: str
    rule: str
    identity: str
    identity_type: str
    identity_arn: str
    identity_name: str
    identity_account: str
    permission_set: str
    actor: str | None
    session: str
    session_class: str
    session_start: int | None
    """Microseconds since 1970."""
    mfa: bool | None
    invoked_by: str


def _cut(text: str) -> str:
    return text[:LONGEST]


def _name_of(arn: str) -> str:
    return _cut(arn.rpartition("/")[2] or arn.rpartition(":")[2])


def _partition(identity: Identity) -> str:
    part = identity.arn.split(":", 2)
    return part[1] if len(part) > 2 and part[0] == "arn" else "aws"


def is_machine_name(name: str) -> bool:
    """Whether a user's name is plainly a machine's.

    >>> is_machine_name("svc-backup"), is_machine_name("serviceman"), is_machine_name("ann.deployer-ci")
    (True, False, True)
    """
    return any(word.lower() in _MACHINE for word in _WORD.findall(name))


def resolve(identity: Identity, event_source: str = "", account: str = "") -> Principal:
    """Who a record's `userIdentity` is.

    Parameters
    ----------
    identity
        As decoded; of type "" when the record has none.
    event_source
        Names the service when nothing else does.
    account
        The account that received the record.

    Examples
    --------
    >>> arn = "arn:aws:iam::1:user/ann"
    >>> ann = Identity(type="IAMUser", principal_id="AIDA1", arn=arn, account_id="1", user_name="ann")
    >>> resolve(ann)[:4]
    ('user/1/AIDA1', 'ann', 'human', 'iam_user')
    """
    rule = _RULES.get(identity.type, _unknown)
    found = rule(identity, event_source, account or identity.account_id)
    attributes = identity.session_context.attributes
    start = (
        attributes.creation_date
        if identity.session_context.session_issuer.principal_id or attributes.creation_date
        else ""
    )
    key = _cut(identity.access_key_id)
    mfa = {"true": True, "false": False}.get(attributes.mfa_authenticated.lower())
    return found._replace(
        session=f"{key}/{start}" if key and start else key or start,
        session_start=read_instant(start) if start else None,
        mfa=mfa,
        invoked_by=_cut(identity.invoked_by),
    )


def is_contextual(identity: Identity) -> bool:
    """Whether the answer depends on the record's event source or account."""
    if identity.type == "AWSService":
        return not identity.invoked_by
    return not identity.account_id or identity.type in ("AWSAccount", "")


def _made(
    identity: Identity,
    key: str,
    name: str,
    kind: str,
    rule: str,
    arn: str,
    account: str,
    *,
    actor: str | None = None,
    identity_name: str = "",
    permission_set: str = "",
    session_class: SessionClass = NO_SESSION,
) -> Principal:
    return Principal(
        _cut(actor or key),
        _cut(name),
        kind,
        rule,
        _cut(key),
        _cut(identity.type),
        _cut(arn),
        _cut(identity_name or _name_of(arn)),
        _cut(account),
        _cut(permission_set),
        _cut(actor) if actor else None,
        "",
        session_class.name,
        None,
        None,
        "",
    )


def _root(identity: Identity, _source: str, account: str) -> Principal:
    owner = identity.account_id or account
    arn = identity.arn or f"arn:{_partition(identity)}:iam::{owner}:root"
    return _made(
        identity,
        f"root/{owner}",
        identity.user_name or f"root of {owner}",
        "root",
        "root",
        arn,
        owner,
        identity_name="root",
    )


def _user(identity: Identity, _source: str, account: str) -> Principal:
    owner = identity.account_id or account
    if not identity.principal_id and not identity.arn:  # a failed sign-in of a name nobody has
        name = identity.user_name or "unknown user"
        hidden = name == "HIDDEN_DUE_TO_SECURITY_REASONS"
        key = f"unknown/{owner}" if hidden else f"user/{owner}/name:{name}"
        return _made(identity, key, "unknown user" if hidden else name, "anonymous", "iam_user_without_id", key, owner)
    name = identity.user_name or _name_of(identity.arn)
    kind = "workload" if is_machine_name(name) else "human"
    key = f"user/{owner}/{identity.principal_id or identity.arn}"
    rule = "iam_user" if kind == "human" else "iam_user_of_a_machine"
    return _made(identity, key, name, kind, rule, identity.arn or key, owner, identity_name=name)


def _role(identity: Identity, _source: str, account: str) -> Principal:
    context, issuer = identity.session_context, identity.session_context.session_issuer
    role_id, _, session = identity.principal_id.partition(":")
    role_id = issuer.principal_id or role_id
    owner = issuer.account_id or identity.account_id or account
    role = issuer.user_name or _role_name(identity.arn)
    arn = issuer.arn or f"arn:{_partition(identity)}:iam::{owner}:role/{role}"
    session = session or identity.arn.rpartition("/")[2]
    key = f"role/{owner}/{role_id or role}"
    if SERVICE_PATH in arn:
        return _made(identity, key, role, "aws_service", "service_linked_role", arn, owner, identity_name=role)
    user = identity.on_behalf_of
    if user.user_id:
        actor = f"idc/{user.identity_store_arn}/{user.user_id}"
        return _made(
            identity,
            key,
            session or user.user_id,
            "human",
            "on_behalf_of",
            arn,
            owner,
            actor=actor,
            identity_name=role,
            permission_set=permission_set(role),
            session_class=classify(session, role, arn),
        )
    session_class = classify(session, role, arn, identity.in_scope_of.credentials_issued_to)
    if SSO_PATH in arn and _PERMISSION_SET.fullmatch(role) and session:
        return _made(
            identity,
            key,
            session,
            "human",
            "identity_center",
            arn,
            owner,
            actor=f"idc/{session}",
            identity_name=role,
            permission_set=permission_set(role),
            session_class=session_class,
        )
    if context.source_identity:
        actor = f"{key}/{context.source_identity}"
        kind = "ci" if session_class.kind == "ci" else "human"
        return _made(
            identity,
            key,
            context.source_identity,
            kind,
            "source_identity",
            arn,
            owner,
            actor=actor,
            identity_name=role,
            session_class=session_class,
        )
    provider = context.web_id_federation_data.federated_provider
    if provider and any(known in provider for known in _CI_PROVIDERS):
        subject = next(
            (v for k, v in sorted(context.web_id_federation_data.attributes.items()) if k.endswith(":sub")), ""
        )
        pipeline = _SUBJECT.search(subject)
        return _made(
            identity,
            key,
            pipeline[1] if pipeline else role,
            "ci",
            "oidc_pipeline",
            arn,
            owner,
            actor=f"{key}/{pipeline[1]}" if pipeline else None,
            identity_name=role,
            session_class=session_class,
        )
    if session_class.name == "email":  # within the role only: the caller chose the name
        return _made(
            identity,
            key,
            session,
            "human",
            "session_named_for_a_person",
            arn,
            owner,
            actor=f"{key}/{session}",
            identity_name=role,
            session_class=session_class,
        )
    kind = session_class.kind or "workload"
    rule = f"role_{session_class.name or 'without_session'}"
    return _made(identity, key, role, kind, rule, arn, owner, identity_name=role, session_class=session_class)


def permission_set(role: str) -> str:
    """Permission set of an Identity Center role, "" for other roles.

    >>> permission_set("AWSReservedSSO_Data_Engineer_0123456789abcdef")
    'Data_Engineer'
    """
    match = _PERMISSION_SET.fullmatch(role)
    return match[1] if match else ""


def _role_name(arn: str) -> str:
    """Role of `…:assumed-role/Role/session`, else the last part."""
    parts = arn.split("/")
    return _cut(parts[1] if len(parts) >= 3 and parts[0].endswith("assumed-role") else parts[-1])


def _federated(identity: Identity, _source: str, account: str) -> Principal:
    issuer = identity.session_context.session_issuer
    owner = identity.account_id or account
    name = _name_of(identity.arn) or identity.principal_id.partition(":")[2]
    key, arn = f"fed/{owner}/{name}", identity.arn
    if issuer.type == "Root":
        key, arn = f"root/{issuer.account_id or owner}", issuer.arn
    elif issuer.principal_id:
        key, arn = f"user/{issuer.account_id or owner}/{issuer.principal_id}", issuer.arn
    return _made(
        identity,
        key,
        name,
        "human",
        "federated_user",
        arn or key,
        owner,
        actor=f"fed/{owner}/{name}",
        identity_name=issuer.user_name or name,
    )


def _saml(identity: Identity, _source: str, account: str) -> Principal:
    provider = identity.identity_provider or identity.principal_id.partition(":")[0]
    name = identity.user_name or identity.principal_id.rpartition(":")[2]
    key = f"saml/{_name_of(provider)}/{name}"
    return _made(identity, key, name or "federated user", "human", "saml_user", key, account)


def _web(identity: Identity, _source: str, account: str) -> Principal:
    provider = identity.identity_provider
    name = identity.user_name or identity.principal_id.rpartition(":")[2]
    pipeline = _SUBJECT.search(identity.principal_id) or _SUBJECT.search(name)
    ci = any(known in provider for known in _CI_PROVIDERS)
    subject = pipeline[1] if ci and pipeline else name
    key = f"oidc/{provider.rpartition('oidc-provider/')[2] or provider}/{subject}"
    return _made(
        identity, key, subject or "web identity", "ci" if ci else "workload", "web_identity_user", key, account
    )


def _identity_center(identity: Identity, _source: str, account: str) -> Principal:
    user = identity.on_behalf_of
    if user.user_id:
        key = f"idc/{user.identity_store_arn}/{user.user_id}"
        return _made(identity, key, identity.user_name or user.user_id, "human", "identity_center_user", key, account)
    name = identity.user_name or identity.principal_id or "unknown"
    key = f"idc/{account}/{name}"
    return _made(identity, key, name, "human", "identity_center_user", key, account)


def _foreign(identity: Identity, _source: str, account: str) -> Principal:
    owner, name = identity.account_id, identity.principal_id.partition(":")[0]
    if not owner and (not identity.principal_id or identity.principal_id == "ANONYMOUS_PRINCIPAL"):
        return _made(
            identity, f"anonymous/{account}", "anonymous", "anonymous", "anonymous", f"anonymous/{account}", account
        )
    if owner.lower() in ("anonymous", "anonymous_principal"):
        return _made(
            identity, f"anonymous/{account}", "anonymous", "anonymous", "anonymous", f"anonymous/{account}", account
        )
    key = f"xacct/{owner}/{name or 'account'}"
    arn = identity.arn or f"arn:{_partition(identity)}:iam::{owner}:{name or 'root'}"
    return _made(
        identity, key, f"account {owner}" + (f" {name}" if name else ""), "external", "other_account", arn, owner
    )


def _service(identity: Identity, source: str, account: str) -> Principal:
    name = identity.invoked_by or source or "unknown"
    return _made(identity, f"svc/{name}", name, "aws_service", "aws_service", f"svc/{name}", account)


def _directory(identity: Identity, _source: str, account: str) -> Principal:
    name = identity.user_name or identity.principal_id or "unknown"
    key = f"dir/{account}/{name}"
    return _made(identity, key, name, "human", "directory", key, account)


def _unknown(identity: Identity, source: str, account: str) -> Principal:
    user = identity.on_behalf_of
    if user.user_id:
        return _identity_center(identity, source, account)
    if not identity.type:
        if identity.arn or identity.principal_id:
            return _made(
                identity,
                f"unknown/{account}",
                _name_of(identity.arn) or "unknown",
                "anonymous",
                "no_type",
                identity.arn or f"unknown/{account}",
                account,
            )
        return _service(identity, source, account)._replace(rule="no_identity")
    key = f"unknown/{account}"
    return _made(identity, key, identity.user_name or "unknown", "anonymous", "unknown", identity.arn or key, account)


_RULES: Final = {
    "Root": _root,
    "IAMUser": _user,
    "AssumedRole": _role,
    "Role": _role,
    "FederatedUser": _federated,
    "SAMLUser": _saml,
    "WebIdentityUser": _web,
    "IdentityCenterUser": _identity_center,
    "AWSAccount": _foreign,
    "AWSService": _service,
    "Directory": _directory,
    "Unknown": _unknown,
}
"""The rule of each `userIdentity.type`."""
