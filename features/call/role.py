"""Resolve who is behind a session of a role: the role itself, or a person or pipeline that somebody vouches for."""

import re
from typing import Final

from features.call.kind import (
    find_subject,
    is_ci_provider,
    is_consumer_provider,
    is_federated_role,
    is_machine_name,
    is_peoples_role,
    name_pipeline,
    read_issuer,
    read_permission_set,
)
from features.call.principal import Kind, Principal, Rule, last_part, make_principal
from features.call.session import has_second_factor, read_session_name
from features.call.session_name import SessionClass, classify_session
from features.call.verified import VerifiedNames
from features.record.cloudtrail import UserIdentity

_RESERVED: Final = ":role/aws-reserved/"
_SSO_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/aws-reserved/sso\.amazonaws\.com/(?:[a-z0-9-]+/)?[^/]+")
_SERVICE_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/aws-service-role/")
_EKS: Final = "oidc.eks."
_CERTIFICATE = re.compile(r"(?:CN|UID|OU|O|serialNumber)=.+", re.DOTALL)
"""A source identity as IAM Roles Anywhere sets it: of the subject of the certificate."""


def resolve_role(identity: UserIdentity, owner: str, partition: str, verified: VerifiedNames) -> Principal:
    """Resolve the principal behind a session of a role.

    What vouches for somebody comes first: AWS (Identity Center, `onBehalfOf`), then settings, then an OpenID provider.
    The rest stays the role, and only its kind is told by what is known of the session. A second factor makes a person,
    whatever the session is called: tools name it, and no machine has one.

    Parameters
    ----------
    identity
        Of type AssumedRole or Role.
    owner
        Account of the identity.
    partition
        Of AWS: `aws`, `aws-cn`, `aws-us-gov`.
    verified
        Roles whose sessions' names tell who it is.
    """
    context, issuer = identity.session_context, identity.session_context.session_issuer
    role_id, session = identity.principal_id.partition(":")[0], read_session_name(identity)
    owner = issuer.account_id or owner
    parts = identity.arn.split("/")
    assumed = parts[0].endswith(":assumed-role") and len(parts) > 1
    role = issuer.user_name or (parts[1] if assumed else last_part(identity.arn))
    arn = issuer.arn or (f"arn:{partition}:iam::{owner}:role/{role}" if assumed or not parts[0] else identity.arn)
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
    second_factor = has_second_factor(identity)
    if session and verified.vouch_for(arn, role):
        kind: Kind = "ci" if is_machine_name(session) and not second_factor else "human"
        return make("verified_session", kind, session, f"{key}/{session}")
    provider, person = read_issuer(context.web_id_federation_data.federated_provider), context.source_identity
    if is_ci_provider(provider):
        name = name_pipeline(find_subject(context.web_id_federation_data.attributes))
        return make("oidc_pipeline", "ci", name, f"{key}/{provider}/{name}" if name else "")
    # a token or an assertion set it: neither session has a second factor that AWS saw
    if person and not second_factor and (provider or is_federated_role(role)):
        named = f"{provider}/{person}" if provider else person  # what another issuer calls by this name is another one
        return make("source_identity", _tell_kind(person, session_class), person, f"{key}/{named}")
    if second_factor:
        return make("mfa_session", "human")
    if _EKS in provider:
        return make("oidc_workload", "workload")
    if is_consumer_provider(provider):
        return make("web_identity_session", "external")
    if person:
        if _CERTIFICATE.fullmatch(person):
            return make("roles_anywhere", "workload")
        return make("claimed_identity", _tell_kind(person, session_class))
    if session_class.kind == "ci":
        return make("runner", "ci")
    if session_class.kind == "workload":
        return make("workload_session", "workload")
    if session_class.kind == "human":  # still the role: the caller chose the name
        return make("email_session", "human")
    return make("peoples_role", "human") if is_peoples_role(role) else make("role", "workload")


def _tell_kind(name: str, session_class: SessionClass) -> Kind:
    return "ci" if session_class.kind == "ci" or is_machine_name(name) else "human"


def pick_lasting_parts_of_role(identity: UserIdentity, verified: VerifiedNames) -> tuple[str, ...] | None:
    """Pick what `resolve_role` reads of a session of a role that AWS says everything of; None for other identities.

    Of the session's name that is only the class, unless the name tells who it is.
    """
    issuer = identity.session_context.session_issuer
    if not (identity.type == "AssumedRole" and issuer.principal_id and issuer.arn and issuer.account_id):
        return None
    if not issuer.user_name:
        return None
    session = read_session_name(identity)
    named = classify_session(session, issuer.user_name, issuer.arn, identity.in_scope_of.credentials_issued_to)
    tells = _RESERVED in issuer.arn or verified.vouch_for(issuer.arn, issuer.user_name)
    return named.name, session if tells else ""
