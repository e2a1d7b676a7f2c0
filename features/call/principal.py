"""The principal that is scored: who is behind a caller, with the columns of the event schema that say so.

*identity* is the role or user in its account and survives sessions; *actor* is the person behind a single-sign-on role,
the pipeline behind a CI role. The principal is the actor where one is known, else the identity.
"""

import hashlib
from typing import Final, Literal, NamedTuple

LONGEST: Final = 256
"""Characters of a text about a caller that are kept."""
_DIGITS: Final = 32
"""Of the hash at the end of a key that was too long: whoever is named alike so far is somebody else."""

Kind = Literal["human", "workload", "ci", "aws_service", "external", "root", "anonymous"]
"""What a principal is. A `workload` is a machine, `ci` a pipeline, `external` somebody of another organisation."""

Rule = Literal[
    "root",  # the root user of the account
    "assumed_root",  # a task for which an organisation's management acts as root
    "service_as_root",  # an AWS service that works as root of the account
    "iam_user",  # an IAM user
    "iam_user_of_a_machine",  # an IAM user whose name is a machine's
    "iam_user_without_id",  # somebody who signed in with a name the account does not know
    "identity_center",  # a person behind an Identity Center role, by the role's reserved path
    "on_behalf_of",  # the Identity Center user a role acts for
    "verified_session",  # a person within a role or broker, by the session's name: settings say that it is verified
    "source_identity",  # a person or pipeline within a role, by the source identity that an identity provider set
    "claimed_identity",  # a role whose session has a source identity that whoever assumed it may have chosen
    "roles_anywhere",  # a role that a machine assumes with a certificate
    "oidc_pipeline",  # a pipeline within a role, by its OpenID provider
    "oidc_workload",  # a workload's role, by its OpenID provider
    "web_identity_session",  # a role that the users of an application assume
    "service_linked_role",  # a role that an AWS service owns
    "service_role_elsewhere",  # the same role, used from an address that is no service's: somebody has its credential
    "runner",  # a role that a CI runner assumes, by the session's name
    "workload_session",  # a role that a machine assumes, by the session's name
    "email_session",  # a role that people assume, by a mail address as the session's name
    "mfa_session",  # a role that a person assumed with a second factor
    "peoples_role",  # a role that people assume, by its name
    "role",  # a role of which nothing else is known
    "federated_user",  # who called GetFederationToken; the name they gave is the session's
    "saml_user",  # a SAML subject before it has a role
    "web_identity_pipeline",  # a pipeline before it has a role
    "web_identity_workload",  # a workload before it has a role
    "web_identity_user",  # a user of a web identity provider before it has a role
    "identity_center_user",  # an Identity Center user
    "other_account",  # somebody in an account that CloudTrail says no more about
    "anonymous",  # a caller without credentials
    "aws_service",  # an AWS service for itself
    "directory",  # a user of a directory
    "no_identity",  # an event of a service, without a caller
    "unnamed",  # a call from some address by nobody who is named
    "unknown",  # a caller CloudTrail does not name
]
"""The rule of `features.call.resolve` that decided, and what it decided by."""


class Principal(NamedTuple):
    """A principal as kept: columns of the event schema. Texts are empty where nothing is known."""

    principal: str
    principal_name: str
    kind: Kind
    rule: Rule
    identity: str
    identity_type: str
    identity_arn: str
    identity_name: str
    identity_account: str
    permission_set: str = ""
    actor: str | None = None
    session_class: str = ""


def make_principal(
    rule: Rule, kind: Kind, key: str, name: str, *, arn: str = "", role: str = "", account: str = "", actor: str = ""
) -> Principal:
    """Make a principal of the texts that are known of it; for others its key stands. All texts are bounded.

    A key holds what somebody verified: a name that its bearer chose must not make one principal of two, or two of one.

    Parameters
    ----------
    rule, kind
        By which rule the principal was found, and what it is.
    key
        The identity: a role or user in its account.
    name
        Name that an analyst knows the principal by.
    arn, role, account
        Of the identity.
    actor
        Key of the person or pipeline behind the identity, where one is known.

    Examples
    --------
    >>> person = make_principal("on_behalf_of", "human", "role/1/AROA1", "ann", actor="idc/ann")
    >>> person.principal, person.identity, person.identity_arn
    ('idc/ann', 'role/1/AROA1', 'role/1/AROA1')
    """
    key, actor = shorten_key(key), shorten_key(actor)
    return Principal(
        principal=actor or key,
        principal_name=_cut(name) or key,
        kind=kind,
        rule=rule,
        identity=key,
        identity_type="",
        identity_arn=_cut(arn) or key,
        identity_name=_cut(role) or _cut(last_part(arn)) or key,
        identity_account=_cut(account),
        actor=actor or None,
    )


def last_part(arn: str) -> str:
    """Take what follows the path in an ARN, without a path its last part; of another text what follows its last slash.

    >>> last_part("arn:aws:iam::1:role/app/web"), last_part("arn:aws:iam::1:root"), last_part("web")
    ('web', 'root', 'web')
    """
    name = arn.rpartition("/")[2]
    return name if name and not name.startswith("arn:") else arn.rpartition(":")[2]


def shorten_key(key: str) -> str:
    """Shorten a key that is too long, so that it still differs from every other.

    >>> shorten_key("idc/ann"), len(shorten_key("idc/" + "x" * 1000))
    ('idc/ann', 256)
    >>> shorten_key("x" * 300) == shorten_key("x" * 301)
    False
    """
    if len(key) <= LONGEST:
        return key
    return (
        f"{key[: LONGEST - _DIGITS - 1]}~{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:_DIGITS]}"
    )


def _cut(text: str) -> str:
    return text[:LONGEST]
