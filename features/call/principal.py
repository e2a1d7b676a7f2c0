"""The principal that is scored: who is behind a caller, with the columns of the event schema that say so.

*identity* is the role or user in its account and survives sessions; *actor* is the person behind a single-sign-on role,
the pipeline behind a CI role. The principal is the actor where one is known, else the identity.
"""

from typing import Final, Literal, NamedTuple

LONGEST: Final = 256
"""Characters of a text about a caller that are kept."""

Kind = Literal["human", "workload", "ci", "aws_service", "external", "root", "anonymous"]
"""What a principal is. A `workload` is a machine, `ci` a pipeline, `external` somebody of another organisation."""

Rule = Literal[
    "root",  # the root user of the account
    "iam_user",  # an IAM user
    "iam_user_of_a_machine",  # an IAM user whose name is a machine's
    "iam_user_without_id",  # somebody who signed in with a name the account does not know
    "identity_center",  # a person behind an Identity Center role, by the role's reserved path
    "on_behalf_of",  # the Identity Center user a role acts for
    "source_identity",  # a person or pipeline within a role, by the source identity of its session
    "oidc_pipeline",  # a pipeline within a role, by its OpenID provider
    "oidc_workload",  # a workload's role, by its OpenID provider
    "service_linked_role",  # a role that an AWS service owns
    "runner",  # a role that a CI runner assumes, by the session's name
    "workload_session",  # a role that a machine assumes, by the session's name
    "email_session",  # a role that people assume, by a mail address as the session's name
    "mfa_session",  # a role that a person assumed with a second factor
    "peoples_role",  # a role that people assume, by its name
    "role",  # a role of which nothing else is known
    "federated_user",  # a federated user of the account
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
    """Make a principal of the texts that are known of it; for others its key stands. All texts are cut.

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
    key = _cut(key)
    return Principal(
        principal=_cut(actor) or key,
        principal_name=_cut(name) or key,
        kind=kind,
        rule=rule,
        identity=key,
        identity_type="",
        identity_arn=_cut(arn) or key,
        identity_name=_cut(role) or _cut(last_part(arn)) or key,
        identity_account=_cut(account),
        actor=_cut(actor) or None,
    )


def last_part(arn: str) -> str:
    """Take what follows the path in an ARN, without a path its last part; of another text what follows its last slash.

    >>> last_part("arn:aws:iam::1:role/app/web"), last_part("arn:aws:iam::1:root"), last_part("web")
    ('web', 'root', 'web')
    """
    name = arn.rpartition("/")[2]
    return name if name and not name.startswith("arn:") else arn.rpartition(":")[2]


def _cut(text: str) -> str:
    return text[:LONGEST]
