"""Resolve who is behind a record's `userIdentity`.

People are one principal across accounts only by an Identity Center role path or `onBehalfOf`: both are set by
AWS. Names that a caller chooses never leave their role, or a thief could borrow a colleague's history. Where Identity
Center names a person, that comes before `sourceIdentity`, which only the person's own sign-in could have set.
Only the one record is looked at. Source: CloudTrail user guide, "userIdentity element".
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from features.call.kind import (
    find_subject,
    is_ci_provider,
    is_machine_name,
    is_peoples_role,
    name_pipeline,
    read_permission_set,
)
from features.call.principal import LONGEST, Kind, Principal, Rule, last_part, make_principal
from features.call.session import read_session_name
from features.call.session_name import classify_session
from features.record.cloudtrail import UserIdentity

_RESERVED: Final = ":role/aws-reserved/"
_SSO_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/aws-reserved/sso\.amazonaws\.com/(?:[a-z0-9-]+/)?[^/]+")
_SERVICE_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/aws-service-role/")
_HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
_ANONYMOUS: Final = ("ANONYMOUS_PRINCIPAL", "ANONYMOUS", "")
_EKS: Final = "oidc.eks."


def resolve(identity: UserIdentity, source: str = "", account: str = "") -> Principal:
    """Resolve the principal behind a record's `userIdentity`.

    The answer depends on what `pick_lasting_parts` picks, on the event source and on the account; on nothing else.

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
    >>> ann = UserIdentity(type="IAMUser", principal_id="AIDA1", arn=arn, account_id="111111111111", user_name="ann")
    >>> resolve(ann)[:4]
    ('user/111111111111/AIDA1', 'ann', 'human', 'iam_user')
    """
    owner = identity.account_id if identity.account_id.isdigit() else account or identity.account_id
    found = _BY_TYPE.get(identity.type, _resolve_unknown)(identity, source, owner)
    return found._replace(identity_type=identity.type[:LONGEST])


def pick_lasting_parts(identity: UserIdentity) -> tuple[str, ...]:
    """Pick the parts of an identity that outlive its session: where they are equal, `resolve` says the same.

    Where AWS says all of the role that issued the session, `_resolve_role` reads nothing else of the role, and of the
    session's name only the class, unless the role is reserved for people.
    """
    context, user = identity.session_context, identity.on_behalf_of
    issuer, federation, issued_to = context.session_issuer, context.web_id_federation_data, identity.in_scope_of
    granted = (
        user.user_id, user.identity_store_arn, context.source_identity, context.attributes.mfa_authenticated,
        federation.federated_provider, find_subject(federation.attributes) if federation.attributes else "",
        issuer.type, issuer.principal_id, issuer.arn, issuer.account_id, issuer.user_name,
    )  # fmt: skip
    if identity.type == "AssumedRole" and issuer.principal_id and issuer.arn and issuer.account_id and issuer.user_name:
        session = read_session_name(identity)
        named = classify_session(session, issuer.user_name, issuer.arn, issued_to.credentials_issued_to)
        return (*granted, named.name, session if _RESERVED in issuer.arn else "")
    return (
        *granted, issued_to.credentials_issued_to, identity.type, identity.principal_id, identity.arn,
        identity.account_id, identity.user_name, identity.invoked_by, identity.identity_provider,
    )  # fmt: skip


def is_contextual(identity: UserIdentity) -> bool:
    """Whether the principal depends on the record's event source or account.

    >>> is_contextual(UserIdentity(type="AWSService"))
    True
    >>> is_contextual(UserIdentity(type="Root", account_id="111111111111"))
    False
    """
    if identity.type == "AWSService":
        return not identity.invoked_by
    return not identity.account_id or identity.type in ("AWSAccount", "")


def _read_partition(identity: UserIdentity) -> str:
    """Read the AWS partition of an identity: `aws`, `aws-cn`, `aws-us-gov`."""
    part = identity.arn.split(":", 2)
    return part[1] if len(part) > 2 and part[0] == "arn" else "aws"


def _resolve_root(identity: UserIdentity, _source: str, owner: str) -> Principal:
    arn = identity.arn or f"arn:{_read_partition(identity)}:iam::{owner}:root"
    name = identity.user_name or f"root of {owner}"
    return make_principal("root", "root", f"root/{owner}", name, arn=arn, role="root", account=owner)


def _resolve_user(identity: UserIdentity, _source: str, owner: str) -> Principal:
    if not identity.principal_id and not identity.arn:  # a failed sign-in
        if identity.user_name in (_HIDDEN, ""):
            return make_principal("iam_user_without_id", "anonymous", f"unknown/{owner}", "unknown user", account=owner)
        key = f"user/{owner}/name:{identity.user_name}"
        return make_principal("iam_user_without_id", "anonymous", key, identity.user_name, account=owner)
    name = identity.user_name or last_part(identity.arn)
    machine = is_machine_name(name)
    return make_principal(
        "iam_user_of_a_machine" if machine else "iam_user",
        "workload" if machine else "human",
        f"user/{owner}/{identity.principal_id or identity.arn}",
        name,
        arn=identity.arn or f"arn:{_read_partition(identity)}:iam::{owner}:user/{name}",
        role=name,
        account=owner,
    )


def _resolve_role(identity: UserIdentity, _source: str, owner: str) -> Principal:
    context, issuer = identity.session_context, identity.session_context.session_issuer
    role_id, session = identity.principal_id.partition(":")[0], read_session_name(identity)
    owner = issuer.account_id or owner
    parts = identity.arn.split("/")
    assumed = parts[0].endswith(":assumed-role") and len(parts) > 1
    role = issuer.user_name or (parts[1] if assumed else last_part(identity.arn))
    arn = issuer.arn or (
        f"arn:{_read_partition(identity)}:iam::{owner}:role/{role}" if assumed or not parts[0] else identity.arn
    )
    key = f"role/{owner}/{issuer.principal_id or role_id or role}"

    def make(rule: Rule, kind: Kind, name: str = "", actor: str = "", permissions: str = "") -> Principal:
        found = make_principal(rule, kind, key, name or role, arn=arn, role=role, account=owner, actor=actor)
        return found._replace(permission_set=permissions, session_class=session_class.name)

    session_class = classify_session(session, role, arn, identity.in_scope_of.credentials_issued_to)
    if _SERVICE_ROLE.match(arn):
        return make("service_linked_role", "aws_service")
    permissions = read_permission_set(role) if _SSO_ROLE.fullmatch(arn) else ""
    if permissions and session:
        return make("identity_center", "human", session, f"idc/{session}", permissions)
    user = identity.on_behalf_of
    if user.user_id:
        actor = f"idc/{user.identity_store_arn}/{user.user_id}"
        return make("on_behalf_of", "human", user.user_id, actor, permissions)
    if context.source_identity:
        machine = session_class.kind == "ci" or is_machine_name(context.source_identity)
        actor = f"{key}/{context.source_identity}"
        return make("source_identity", "ci" if machine else "human", context.source_identity, actor)
    provider = context.web_id_federation_data.federated_provider
    if is_ci_provider(provider):
        name = name_pipeline(find_subject(context.web_id_federation_data.attributes))
        return make("oidc_pipeline", "ci", name, f"{key}/{name}" if name else "")
    if _EKS in provider:
        return make("oidc_workload", "workload")
    if session_class.kind == "ci":
        return make("runner", "ci")
    if session_class.kind == "workload":
        return make("workload_session", "workload")
    if session_class.kind == "human":  # still the role: the caller chose the name
        return make("email_session", "human")
    if context.attributes.mfa_authenticated.lower() == "true":
        return make("mfa_session", "human")
    return make("peoples_role", "human") if is_peoples_role(role) else make("role", "workload")


def _resolve_federated_user(identity: UserIdentity, _source: str, owner: str) -> Principal:
    issuer = identity.session_context.session_issuer
    name = last_part(identity.arn) or identity.principal_id.partition(":")[2]
    actor, home = f"fed/{owner}/{name}", issuer.account_id or owner
    key = actor
    if issuer.type == "Root":
        key = f"root/{home}"
    elif issuer.principal_id:
        key = f"user/{home}/{issuer.principal_id}"
    kind: Kind = "workload" if is_machine_name(name) else "human"
    role = issuer.user_name or last_part(issuer.arn)
    return make_principal(
        "federated_user", kind, key, name, arn=issuer.arn or identity.arn, role=role, account=home, actor=actor
    )


def _resolve_saml_user(identity: UserIdentity, _source: str, owner: str) -> Principal:
    qualifier, _, sub = identity.principal_id.partition(":")
    name = identity.user_name or sub or "unknown"
    provider = last_part(identity.identity_provider) or qualifier
    return make_principal("saml_user", "human", f"saml/{provider}/{name}", name, account=owner)


def _resolve_web_identity(identity: UserIdentity, _source: str, owner: str) -> Principal:
    issuer, _, rest = identity.principal_id.rpartition("oidc-provider/")[2].partition(":")
    provider = identity.identity_provider.rpartition("oidc-provider/")[2] or issuer
    name = identity.user_name or rest or "unknown"
    if is_ci_provider(provider):
        name = name_pipeline(name) or name_pipeline(rest) or name
        return make_principal("web_identity_pipeline", "ci", f"oidc/{provider}/{name}", name, account=owner)
    key = f"oidc/{provider}/{name}"
    if _EKS in provider or name.startswith("system:serviceaccount:"):
        return make_principal("web_identity_workload", "workload", key, name, account=owner)
    return make_principal("web_identity_user", "external", key, name, account=owner)


def _resolve_identity_center_user(identity: UserIdentity, _source: str, owner: str) -> Principal:
    user = identity.on_behalf_of
    store, person = (user.identity_store_arn, user.user_id) if user.user_id else (owner, identity.principal_id)
    person = person or identity.user_name or "unknown"
    return make_principal(
        "identity_center_user", "human", f"idc/{store}/{person}", identity.user_name or person, account=owner
    )


def _resolve_other_account(identity: UserIdentity, _source: str, owner: str) -> Principal:
    name = identity.principal_id.partition(":")[0]
    if identity.account_id.upper() in _ANONYMOUS and name.upper() in _ANONYMOUS:
        return make_principal("anonymous", "anonymous", f"anonymous/{owner}", "anonymous", account=owner)
    home = identity.account_id
    arn = identity.arn or f"arn:{_read_partition(identity)}:iam::{home}:{name or 'root'}"
    shown = f"{name} of {home}" if name else f"account {home}"
    return make_principal(
        "other_account", "external", f"xacct/{home}/{name}", shown, arn=arn, role=name or home, account=home
    )


def _resolve_service(identity: UserIdentity, source: str, owner: str) -> Principal:
    name = identity.invoked_by or source or "unknown"
    return make_principal("aws_service", "aws_service", f"svc/{name}", name, account=owner)


def _resolve_directory_user(identity: UserIdentity, _source: str, owner: str) -> Principal:
    name = identity.user_name or identity.principal_id or "unknown"
    return make_principal("directory", "human", f"dir/{owner}/{name}", name, account=owner)


def _resolve_unknown(identity: UserIdentity, source: str, owner: str) -> Principal:
    if identity.on_behalf_of.user_id:
        return _resolve_identity_center_user(identity, source, owner)
    named = identity.arn or identity.principal_id or identity.user_name
    if not identity.type and not named:
        return _resolve_service(identity, source, owner)._replace(rule="no_identity")
    # CloudTrail's own `Unknown` names nobody for sure; a type we do not know yet is kept apart by its id
    caller = "" if identity.type == "Unknown" else identity.principal_id.partition(":")[0] or identity.arn
    key = f"unknown/{owner}/{caller}" if caller else f"unknown/{owner}"
    return make_principal("unknown", "anonymous", key, identity.user_name or "unknown", arn=identity.arn, account=owner)


_BY_TYPE: Final[Mapping[str, Callable[[UserIdentity, str, str], Principal]]] = {
    "Root": _resolve_root,
    "IAMUser": _resolve_user,
    "AssumedRole": _resolve_role,
    "Role": _resolve_role,
    "FederatedUser": _resolve_federated_user,
    "SAMLUser": _resolve_saml_user,
    "WebIdentityUser": _resolve_web_identity,
    "IdentityCenterUser": _resolve_identity_center_user,
    "AWSAccount": _resolve_other_account,
    "AWSService": _resolve_service,
    "Directory": _resolve_directory_user,
    "Unknown": _resolve_unknown,
}
"""How each `userIdentity.type` is resolved."""
