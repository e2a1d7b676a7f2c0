"""Who called: identity, actor and session of a record, and the principal that is scored.

*identity* is the role or user in its account and survives sessions; *actor* is the person behind a single-sign-on role,
the pipeline behind a CI role; *session* is the credential. The principal is the actor where one is known, else the
identity. People are one principal across accounts only by an Identity Center role path or `onBehalfOf`: both are set by
AWS. Names that a caller chooses never leave their role, or a thief could borrow a colleague's history. Where Identity
Center names a person, that comes before `sourceIdentity`, which only the person's own sign-in could have set.
The resolver sees one record. Source: CloudTrail user guide, "userIdentity element".
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from features.call.kind import is_ci_provider, is_machine_name, is_peoples_role, permission_set, pipeline, subject
from features.call.session import LONGEST
from features.call.session_name import classify
from features.record.cloudtrail import Identity

RULES: Final[Mapping[str, str]] = {
    "root": "the root user of the account",
    "iam_user": "an IAM user",
    "iam_user_of_a_machine": "an IAM user whose name is a machine's",
    "iam_user_without_id": "somebody who signed in with a name the account does not know",
    "identity_center": "a person behind an Identity Center role, by the role's reserved path",
    "on_behalf_of": "the Identity Center user a role acts for",
    "source_identity": "a person or pipeline within a role, by the source identity of its session",
    "oidc_pipeline": "a pipeline within a role, by its OpenID provider",
    "oidc_workload": "a workload's role, by its OpenID provider",
    "service_linked_role": "a role that an AWS service owns",
    "runner": "a role that a CI runner assumes, by the session's name",
    "workload_session": "a role that a machine assumes, by the session's name",
    "email_session": "a role that people assume, by a mail address as the session's name",
    "mfa_session": "a role that a person assumed with a second factor",
    "peoples_role": "a role that people assume, by its name",
    "role": "a role of which nothing else is known",
    "federated_user": "a federated user of the account",
    "saml_user": "a SAML subject before it has a role",
    "web_identity_pipeline": "a pipeline before it has a role",
    "web_identity_workload": "a workload before it has a role",
    "web_identity_user": "a user of a web identity provider before it has a role",
    "identity_center_user": "an Identity Center user",
    "other_account": "somebody in an account that CloudTrail says no more about",
    "anonymous": "a caller without credentials",
    "aws_service": "an AWS service for itself",
    "directory": "a user of a directory",
    "no_identity": "an event of a service, without a caller",
    "unknown": "a caller CloudTrail does not name",
}
"""What each rule decided by, for analysts."""

_RESERVED: Final = ":role/aws-reserved/"
_SSO_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/aws-reserved/sso\.amazonaws\.com/(?:[a-z0-9-]+/)?[^/]+")
_SERVICE_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/aws-service-role/")
_HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
_ANONYMOUS: Final = ("ANONYMOUS_PRINCIPAL", "ANONYMOUS", "")
_EKS: Final = "oidc.eks."


class Principal(NamedTuple):
    """A caller as kept: the columns of the event schema. Texts are empty where nothing is known."""

    principal: str
    principal_name: str
    kind: str
    rule: str
    identity: str
    identity_type: str
    identity_arn: str
    identity_name: str
    identity_account: str
    permission_set: str = ""
    actor: str | None = None
    session_class: str = ""


def resolve(identity: Identity, source: str = "", account: str = "") -> Principal:
    """Who a record's `userIdentity` is: the same for everything in `lasting`, the event source and the account.

    Parameters
    ----------
    identity
        As decoded; of type "" when the record has none.
    source
        The record's event source, which names a service when nothing else does.
    account
        The account that received the record.

    Examples
    --------
    >>> arn = "arn:aws:iam::111111111111:user/ann"
    >>> ann = Identity(type="IAMUser", principal_id="AIDA1", arn=arn, account_id="111111111111", user_name="ann")
    >>> resolve(ann)[:4]
    ('user/111111111111/AIDA1', 'ann', 'human', 'iam_user')
    """
    owner = identity.account_id if identity.account_id.isdigit() else account or identity.account_id
    found = _BY_TYPE.get(identity.type, _unknown)(identity, source, owner)
    return found._replace(identity_type=identity.type[:LONGEST])


def lasting(identity: Identity) -> tuple[str, ...]:
    """The parts of an identity that outlive its session: where they are equal, `resolve` says the same.

    Where AWS says all of the role that issued the session, `_role` reads nothing else of the role, and of the session's
    name only the class, unless the role is reserved for people.
    """
    context, user = identity.session_context, identity.on_behalf_of
    issuer, federation, issued_to = context.session_issuer, context.web_id_federation_data, identity.in_scope_of
    granted = (
        user.user_id, user.identity_store_arn, context.source_identity, context.attributes.mfa_authenticated,
        federation.federated_provider, subject(federation.attributes) if federation.attributes else "",
        issuer.type, issuer.principal_id, issuer.arn, issuer.account_id, issuer.user_name,
    )  # fmt: skip
    if identity.type == "AssumedRole" and issuer.principal_id and issuer.arn and issuer.account_id and issuer.user_name:
        session = _session_name(identity)
        named = classify(session, issuer.user_name, issuer.arn, issued_to.credentials_issued_to)
        return (*granted, named.name, session if _RESERVED in issuer.arn else "")
    return (
        *granted, issued_to.credentials_issued_to, identity.type, identity.principal_id, identity.arn,
        identity.account_id, identity.user_name, identity.invoked_by, identity.identity_provider,
    )  # fmt: skip


def _session_name(identity: Identity) -> str:
    """Name of an assumed role's session: what follows the role's id, else what follows the role in its ARN."""
    named = identity.principal_id.partition(":")[2]
    if named:
        return named
    parts = identity.arn.split("/")
    return "/".join(parts[2:]) if parts[0].endswith(":assumed-role") else ""


def is_contextual(identity: Identity) -> bool:
    """Whether the answer depends on the record's event source or account."""
    if identity.type == "AWSService":
        return not identity.invoked_by
    return not identity.account_id or identity.type in ("AWSAccount", "")


def _cut(text: str) -> str:
    return text[:LONGEST]


def _last(arn: str) -> str:
    return arn.rpartition("/")[2] or arn.rpartition(":")[2]


def _partition(identity: Identity) -> str:
    part = identity.arn.split(":", 2)
    return part[1] if len(part) > 2 and part[0] == "arn" else "aws"


def _made(
    rule: str, kind: str, key: str, name: str, *, arn: str = "", role: str = "", account: str = "", actor: str = ""
) -> Principal:
    """A principal; what is not given is the key."""
    key = _cut(key)
    return Principal(
        principal=_cut(actor) or key,
        principal_name=_cut(name) or key,
        kind=kind,
        rule=rule,
        identity=key,
        identity_type="",
        identity_arn=_cut(arn) or key,
        identity_name=_cut(role) or _cut(_last(arn)) or key,
        identity_account=_cut(account),
        actor=_cut(actor) or None,
    )


def _root(identity: Identity, _source: str, owner: str) -> Principal:
    arn = identity.arn or f"arn:{_partition(identity)}:iam::{owner}:root"
    name = identity.user_name or f"root of {owner}"
    return _made("root", "root", f"root/{owner}", name, arn=arn, role="root", account=owner)


def _user(identity: Identity, _source: str, owner: str) -> Principal:
    if not identity.principal_id and not identity.arn:  # a failed sign-in
        if identity.user_name in (_HIDDEN, ""):
            return _made("iam_user_without_id", "anonymous", f"unknown/{owner}", "unknown user", account=owner)
        key = f"user/{owner}/name:{identity.user_name}"
        return _made("iam_user_without_id", "anonymous", key, identity.user_name, account=owner)
    name = identity.user_name or _last(identity.arn)
    machine = is_machine_name(name)
    return _made(
        "iam_user_of_a_machine" if machine else "iam_user",
        "workload" if machine else "human",
        f"user/{owner}/{identity.principal_id or identity.arn}",
        name,
        arn=identity.arn or f"arn:{_partition(identity)}:iam::{owner}:user/{name}",
        role=name,
        account=owner,
    )


def _role(identity: Identity, _source: str, owner: str) -> Principal:
    context, issuer = identity.session_context, identity.session_context.session_issuer
    role_id, session = identity.principal_id.partition(":")[0], _session_name(identity)
    owner = issuer.account_id or owner
    parts = identity.arn.split("/")
    assumed = parts[0].endswith(":assumed-role") and len(parts) > 1
    role = issuer.user_name or (parts[1] if assumed else _last(identity.arn))
    arn = issuer.arn or (
        f"arn:{_partition(identity)}:iam::{owner}:role/{role}" if assumed or not parts[0] else identity.arn
    )
    key = f"role/{owner}/{issuer.principal_id or role_id or role}"

    def made(rule: str, kind: str, name: str = "", actor: str = "", permissions: str = "") -> Principal:
        found = _made(rule, kind, key, name or role, arn=arn, role=role, account=owner, actor=actor)
        return found._replace(permission_set=permissions, session_class=session_class.name)

    session_class = classify(session, role, arn, identity.in_scope_of.credentials_issued_to)
    if _SERVICE_ROLE.match(arn):
        return made("service_linked_role", "aws_service")
    permissions = permission_set(role) if _SSO_ROLE.fullmatch(arn) else ""
    if permissions and session:
        return made("identity_center", "human", session, f"idc/{session}", permissions)
    user = identity.on_behalf_of
    if user.user_id:
        actor = f"idc/{user.identity_store_arn}/{user.user_id}"
        return made("on_behalf_of", "human", user.user_id, actor, permissions)
    if context.source_identity:
        machine = session_class.kind == "ci" or is_machine_name(context.source_identity)
        actor = f"{key}/{context.source_identity}"
        return made("source_identity", "ci" if machine else "human", context.source_identity, actor)
    provider = context.web_id_federation_data.federated_provider
    if is_ci_provider(provider):
        name = pipeline(subject(context.web_id_federation_data.attributes))
        return made("oidc_pipeline", "ci", name, f"{key}/{name}" if name else "")
    if _EKS in provider:
        return made("oidc_workload", "workload")
    if session_class.kind == "ci":
        return made("runner", "ci")
    if session_class.kind == "workload":
        return made("workload_session", "workload")
    if session_class.kind == "human":  # still the role: the caller chose the name
        return made("email_session", "human")
    if context.attributes.mfa_authenticated.lower() == "true":
        return made("mfa_session", "human")
    return made("peoples_role", "human") if is_peoples_role(role) else made("role", "workload")


def _federated(identity: Identity, _source: str, owner: str) -> Principal:
    issuer = identity.session_context.session_issuer
    name = _last(identity.arn) or identity.principal_id.partition(":")[2]
    actor, home = f"fed/{owner}/{name}", issuer.account_id or owner
    key = actor
    if issuer.type == "Root":
        key = f"root/{home}"
    elif issuer.principal_id:
        key = f"user/{home}/{issuer.principal_id}"
    kind = "workload" if is_machine_name(name) else "human"
    role = issuer.user_name or _last(issuer.arn)
    return _made(
        "federated_user", kind, key, name, arn=issuer.arn or identity.arn, role=role, account=home, actor=actor
    )


def _saml(identity: Identity, _source: str, owner: str) -> Principal:
    qualifier, _, sub = identity.principal_id.partition(":")
    name = identity.user_name or sub or "unknown"
    provider = _last(identity.identity_provider) or qualifier
    return _made("saml_user", "human", f"saml/{provider}/{name}", name, account=owner)


def _web(identity: Identity, _source: str, owner: str) -> Principal:
    issuer, _, rest = identity.principal_id.rpartition("oidc-provider/")[2].partition(":")
    provider = identity.identity_provider.rpartition("oidc-provider/")[2] or issuer
    name = identity.user_name or rest or "unknown"
    if is_ci_provider(provider):
        name = pipeline(name) or pipeline(rest) or name
        return _made("web_identity_pipeline", "ci", f"oidc/{provider}/{name}", name, account=owner)
    key = f"oidc/{provider}/{name}"
    if _EKS in provider or name.startswith("system:serviceaccount:"):
        return _made("web_identity_workload", "workload", key, name, account=owner)
    return _made("web_identity_user", "external", key, name, account=owner)


def _identity_center(identity: Identity, _source: str, owner: str) -> Principal:
    user = identity.on_behalf_of
    store, person = (user.identity_store_arn, user.user_id) if user.user_id else (owner, identity.principal_id)
    person = person or identity.user_name or "unknown"
    return _made("identity_center_user", "human", f"idc/{store}/{person}", identity.user_name or person, account=owner)


def _foreign(identity: Identity, _source: str, owner: str) -> Principal:
    name = identity.principal_id.partition(":")[0]
    if identity.account_id.upper() in _ANONYMOUS and name.upper() in _ANONYMOUS:
        return _made("anonymous", "anonymous", f"anonymous/{owner}", "anonymous", account=owner)
    home = identity.account_id
    arn = identity.arn or f"arn:{_partition(identity)}:iam::{home}:{name or 'root'}"
    shown = f"{name} of {home}" if name else f"account {home}"
    return _made("other_account", "external", f"xacct/{home}/{name}", shown, arn=arn, role=name or home, account=home)


def _service(identity: Identity, source: str, owner: str) -> Principal:
    name = identity.invoked_by or source or "unknown"
    return _made("aws_service", "aws_service", f"svc/{name}", name, account=owner)


def _directory(identity: Identity, _source: str, owner: str) -> Principal:
    name = identity.user_name or identity.principal_id or "unknown"
    return _made("directory", "human", f"dir/{owner}/{name}", name, account=owner)


def _unknown(identity: Identity, source: str, owner: str) -> Principal:
    if identity.on_behalf_of.user_id:
        return _identity_center(identity, source, owner)
    named = identity.arn or identity.principal_id or identity.user_name
    if not identity.type and not named:
        return _service(identity, source, owner)._replace(rule="no_identity")
    # CloudTrail's own `Unknown` names nobody for sure; a type we do not know yet is kept apart by its id
    caller = "" if identity.type == "Unknown" else identity.principal_id.partition(":")[0] or identity.arn
    key = f"unknown/{owner}/{caller}" if caller else f"unknown/{owner}"
    return _made("unknown", "anonymous", key, identity.user_name or "unknown", arn=identity.arn, account=owner)


_BY_TYPE: Final[Mapping[str, Callable[[Identity, str, str], Principal]]] = {
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
"""How each `userIdentity.type` is resolved."""
