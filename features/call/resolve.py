"""Resolve who is behind a record's `userIdentity`.

A principal's key is made of what somebody verified: the account, the id of a role or user, the issuer of a token with
its subject. A name that its bearer may choose is no part of one, or a thief could borrow a colleague's history, or have
a fresh one for each call; it is the session's name, which is a column. So people are one principal across accounts only
by an Identity Center role path or `onBehalfOf`, both set by AWS, and are told apart within a role where an identity
provider named them: by an OpenID subject, by the source identity of a role that is plainly a provider's, or by the
session's name where the deployment's settings vouch for it.
Only the one record is looked at. Source: CloudTrail user guide, "userIdentity element".
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from features.call.agent import is_console
from features.call.kind import find_subject, is_ci_provider, is_machine_name, name_pipeline, read_issuer
from features.call.principal import LONGEST, Kind, Principal, last_part, make_principal
from features.call.role import pick_lasting_parts_of_role, resolve_role
from features.call.sender import make_service_as_root
from features.call.session import has_second_factor, read_session_name
from features.call.verified import NONE_VERIFIED, VerifiedNames
from features.record.cloudtrail import UserIdentity

_HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
_ANONYMOUS: Final = ("ANONYMOUS_PRINCIPAL", "ANONYMOUS", "")
_EKS: Final = "oidc.eks."
_COGNITO: Final = "cognito-identity.amazonaws.com"
_POOL = re.compile(r"(?:cognito-identity\.amazonaws\.com:)?([a-z0-9-]+:[0-9a-f-]{36})(?::.*)?", re.DOTALL)
"""The pool in a Cognito identity's principalId; the identity itself follows, and anybody can have a new one."""
_IDENTITY_CENTER: Final = frozenset({
    "sso.amazonaws.com", "sso-oauth.amazonaws.com", "sso-oidc.amazonaws.com", "sso-directory.amazonaws.com",
    "identitystore.amazonaws.com", "signin.amazonaws.com",
})  # fmt: skip
"""Event sources whose records of type Unknown, before July 2025, name a user of Identity Center."""


class _Asked(NamedTuple):
    """What a principal depends on beside its identity."""

    source: str
    owner: str
    """Account of the identity, else the one that received the record."""
    verified: VerifiedNames


def resolve(
    identity: UserIdentity, source: str = "", account: str = "", verified: VerifiedNames = NONE_VERIFIED
) -> Principal:
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
    verified
        Roles whose sessions' names tell who it is.

    Examples
    --------
    >>> arn = "arn:aws:iam::111111111111:user/ann"
    >>> ann = UserIdentity(type="IAMUser", principal_id="AIDA1", arn=arn, account_id="111111111111", user_name="ann")
    >>> resolve(ann)[:4]
    ('user/111111111111/AIDA1', 'ann', 'human', 'iam_user')
    """
    owner = identity.account_id if identity.account_id.isdigit() else account or identity.account_id
    found = _BY_TYPE.get(identity.type, _resolve_unknown)(identity, _Asked(source, owner, verified))
    return found._replace(identity_type=identity.type[:LONGEST])


def pick_lasting_parts(identity: UserIdentity, verified: VerifiedNames = NONE_VERIFIED) -> tuple[str, ...]:
    """Pick the parts of an identity that outlive its session: where they are equal, `resolve` says the same.

    Where AWS says all of the role that issued the session, nothing else is read of the role.
    """
    context, user = identity.session_context, identity.on_behalf_of
    issuer, federation = context.session_issuer, context.web_id_federation_data
    granted = (
        user.user_id, user.identity_store_arn, context.source_identity, context.attributes.mfa_authenticated,
        federation.federated_provider, find_subject(federation.attributes) if federation.attributes else "",
        issuer.type, issuer.principal_id, issuer.arn, issuer.account_id, issuer.user_name,
    )  # fmt: skip
    of_role = pick_lasting_parts_of_role(identity, verified)
    if of_role is not None:
        return (*granted, *of_role)
    return (
        *granted, identity.in_scope_of.credentials_issued_to, identity.type, identity.principal_id, identity.arn,
        identity.account_id, identity.user_name, identity.invoked_by, identity.identity_provider,
        str(context.assumed_root),
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
    return not identity.account_id or identity.type in ("AWSAccount", "Unknown", "")


def _read_partition(identity: UserIdentity) -> str:
    """Read the AWS partition of an identity: `aws`, `aws-cn`, `aws-us-gov`."""
    part = identity.arn.split(":", 2)
    return part[1] if len(part) > 2 and part[0] == "arn" else "aws"


def _resolve_root(identity: UserIdentity, asked: _Asked) -> Principal:
    owner, service = asked.owner, identity.invoked_by
    # AWS works as root for support and checks; what root itself does through a service has a second factor, if any
    if service and not is_console(service) and not has_second_factor(identity):
        return make_service_as_root(service, owner)
    arn = identity.arn or f"arn:{_read_partition(identity)}:iam::{owner}:root"
    if str(identity.session_context.assumed_root).lower() == "true":
        name = f"root of {owner} by AssumeRoot"
        return make_principal(
            "assumed_root", "root", f"root/{owner}/assumed", name, arn=arn, role="root", account=owner
        )
    name = identity.user_name or f"root of {owner}"
    return make_principal("root", "root", f"root/{owner}", name, arn=arn, role="root", account=owner)


def _resolve_user(identity: UserIdentity, asked: _Asked) -> Principal:
    owner = asked.owner
    if not identity.principal_id and not identity.arn:  # a failed sign-in
        if identity.user_name in (_HIDDEN, ""):
            return make_principal("iam_user_without_id", "anonymous", f"unknown/{owner}", "unknown user", account=owner)
        key = f"user/{owner}/name:{identity.user_name}"
        return make_principal("iam_user_without_id", "anonymous", key, identity.user_name, account=owner)
    name = identity.user_name or last_part(identity.arn)
    machine = is_machine_name(name) and not has_second_factor(identity)
    return make_principal(
        "iam_user_of_a_machine" if machine else "iam_user",
        "workload" if machine else "human",
        f"user/{owner}/{identity.principal_id or identity.arn}",
        name,
        arn=identity.arn or f"arn:{_read_partition(identity)}:iam::{owner}:user/{name}",
        role=name,
        account=owner,
    )


def _resolve_role(identity: UserIdentity, asked: _Asked) -> Principal:
    return resolve_role(identity, asked.owner, _read_partition(identity), asked.verified)


def _resolve_federated_user(identity: UserIdentity, asked: _Asked) -> Principal:
    """Resolve who called GetFederationToken: they chose the name, and what they may not do, nobody else may."""
    issuer = identity.session_context.session_issuer
    home, name = issuer.account_id or asked.owner, read_session_name(identity)
    caller = issuer.user_name or last_part(issuer.arn)
    kind: Kind = "workload" if is_machine_name(caller) and not has_second_factor(identity) else "human"
    if issuer.type == "Root":
        key, kind, shown = f"root/{home}", "root", f"root of {home}"
    elif issuer.principal_id or issuer.arn:
        key, shown = f"user/{home}/{issuer.principal_id or issuer.arn}", caller
    else:
        key, shown = f"fed/{home}", f"federated users of {home}"
    if name and asked.verified.vouch_for(issuer.arn, caller):
        actor = f"{key}/{name}"
        return make_principal(
            "verified_session", "human", key, name, arn=issuer.arn, role=caller, account=home, actor=actor
        )
    return make_principal("federated_user", kind, key, shown, arn=issuer.arn, role=caller, account=home)


def _resolve_saml_user(identity: UserIdentity, asked: _Asked) -> Principal:
    qualifier, _, subject = identity.principal_id.partition(":")
    name, provider = identity.user_name or subject or "unknown", identity.identity_provider
    if provider.startswith("arn:"):
        account, path = provider.split(":", 5)[4:] if provider.count(":") >= 5 else (asked.owner, provider)
        provider = f"{account}/{last_part(path)}"
    else:  # base64 of a hash of issuer, account and name; its slashes would look like those between parts
        provider = (qualifier or provider).replace("/", "_")
    return make_principal("saml_user", "human", f"saml/{provider}/{name}", name, account=asked.owner)


def _resolve_web_identity(identity: UserIdentity, asked: _Asked) -> Principal:
    issuer, _, rest = read_issuer(identity.principal_id).partition(":")
    provider = read_issuer(identity.identity_provider) or issuer
    name, owner = identity.user_name or rest or "unknown", asked.owner
    if is_ci_provider(provider):
        name = name_pipeline(name) or name_pipeline(rest) or name
        return make_principal("web_identity_pipeline", "ci", f"oidc/{provider}/{name}", name, account=owner)
    if provider == _COGNITO:
        pool = _POOL.fullmatch(identity.principal_id)
        name = pool[1] if pool else "unknown pool"
    key = f"oidc/{provider}/{name}"
    if _EKS in provider or name.startswith("system:serviceaccount:"):
        return make_principal("web_identity_workload", "workload", key, name, account=owner)
    return make_principal("web_identity_user", "external", key, name, account=owner)


def _resolve_identity_center_user(identity: UserIdentity, asked: _Asked) -> Principal:
    user, name = identity.on_behalf_of, identity.user_name
    store, person = (user.identity_store_arn, user.user_id) if user.user_id else (asked.owner, identity.principal_id)
    person = person or name or "unknown"
    return make_principal("identity_center_user", "human", f"idc/{store}/{person}", name or person, account=asked.owner)


def _resolve_other_account(identity: UserIdentity, asked: _Asked) -> Principal:
    name = identity.principal_id.partition(":")[0]
    if identity.account_id.upper() in _ANONYMOUS and name.upper() in _ANONYMOUS:
        owner = asked.owner
        return make_principal("anonymous", "anonymous", f"anonymous/{owner}", "anonymous", account=owner)
    home = identity.account_id
    arn = identity.arn or f"arn:{_read_partition(identity)}:iam::{home}:{name or 'root'}"
    shown = f"{name} of {home}" if name else f"account {home}"
    return make_principal(
        "other_account", "external", f"xacct/{home}/{name}", shown, arn=arn, role=name or home, account=home
    )


def _resolve_service(identity: UserIdentity, asked: _Asked) -> Principal:
    name = identity.invoked_by or asked.source or "unknown"
    return make_principal("aws_service", "aws_service", f"svc/{name}", name, account=asked.owner)


def _resolve_directory_user(identity: UserIdentity, asked: _Asked) -> Principal:
    name = identity.user_name or identity.principal_id or "unknown"
    return make_principal("directory", "human", f"dir/{asked.owner}/{name}", name, account=asked.owner)


def _resolve_unknown(identity: UserIdentity, asked: _Asked) -> Principal:
    owner, user_name = asked.owner, identity.user_name
    if identity.on_behalf_of.user_id:
        return _resolve_identity_center_user(identity, asked)
    if identity.type == "Unknown" and asked.source in _IDENTITY_CENTER and user_name not in (_HIDDEN, ""):
        # its principalId is the account's number, or changes; a role's sessions are another key, as this name is only
        # what somebody typed to sign in
        return make_principal(
            "identity_center_user", "human", f"idc/{owner}/name:{user_name}", user_name, account=owner
        )
    named = identity.arn or identity.principal_id or user_name
    if not identity.type and not named:
        return _resolve_service(identity, asked)._replace(rule="no_identity")
    # CloudTrail's own `Unknown` names nobody for sure; a type we do not know yet is kept apart by its id
    caller = "" if identity.type == "Unknown" else identity.principal_id.partition(":")[0] or identity.arn
    key = f"unknown/{owner}/{caller}" if caller else f"unknown/{owner}"
    return make_principal("unknown", "anonymous", key, user_name or "unknown", arn=identity.arn, account=owner)


_BY_TYPE: Final[Mapping[str, Callable[[UserIdentity, _Asked], Principal]]] = {
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
