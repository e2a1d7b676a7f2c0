"""What ECS calls an event: `event.category` and `event.type`, by service, verb and access level.

Source: Elastic Common Schema 8.11, allowed values of the categorization fields.
"""

from typing import Final, NamedTuple

_AUTHENTICATION: Final = frozenset({"signin", "sts", "sso-oauth", "signin-oauth"})
_IDENTITY: Final = frozenset(
    {"cognito-idp", "ds", "iam", "identitystore", "organizations", "rolesanywhere", "sso", "sso-directory"}
)
_FILES: Final = frozenset({"backup", "ebs", "elasticfilesystem", "fsx", "glacier", "s3", "s3express", "s3tables"})
_DATABASES: Final = frozenset(
    {"athena", "cassandra", "dax", "docdb", "dynamodb", "elasticache", "memorydb", "neptune-db", "rds", "redshift"}
)
_NETWORKS: Final = frozenset(
    {"apigateway", "cloudfront", "directconnect", "elasticloadbalancing", "network-firewall", "route53", "vpc-lattice"}
)
_OF_USERS: Final = ("User", "Login", "MFA", "AccessKey", "SSHPublicKey", "SigningCertificate", "ChangePassword")
"""Parts of names of actions that are about a user."""
_CREATING: Final = ("Create", "Run", "Allocate", "Register", "Import", "Generate", "Request", "Upload")
_DELETING: Final = ("Delete", "Terminate", "Release", "Deregister", "Purge", "Schedule")


class Category(NamedTuple):
    """The categorization of an event."""

    category: list[str]
    type: list[str]


def categorize(action: str, level: str) -> Category:
    """Tell the categorization of an action, `service:Name`, with its access level.

    >>> categorize("iam:CreateUser", "write")
    Category(category=['iam'], type=['user', 'creation'])
    >>> categorize("sts:AssumeRole", "write"), categorize("s3:GetObject", "read")
    (Category(category=['authentication'], type=['info']), Category(category=['file'], type=['access', 'info']))
    """
    service, _, name = action.partition(":")
    if service in _AUTHENTICATION:
        return Category(["authentication"], ["info"])
    change = _change(name, level)
    if service in _IDENTITY:
        subject = "group" if "Group" in name else "admin"
        if subject == "admin" and any(part in name for part in _OF_USERS) and "AccountPassword" not in name:
            subject = "user"
        return Category(["iam"], [subject, *change])
    if service in _FILES:
        return Category(["file"], change if change != ["info"] else ["access", "info"])
    if service in _DATABASES:
        return Category(["database"], change if change != ["info"] else ["access", "info"])
    if service in _NETWORKS:
        return Category(["configuration", "network"], change)
    return Category(["configuration"], change)


def _change(name: str, level: str) -> list[str]:
    if level in ("read", "list"):
        return ["info"]
    if name.startswith(_CREATING):
        return ["creation"]
    return ["deletion"] if name.startswith(_DELETING) else ["change"]
