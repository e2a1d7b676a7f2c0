"""What names say of a principal: whether it is a person, a machine or a pipeline. Hints for its kind, no identity."""

import re
from collections.abc import Mapping
from typing import Final

_MACHINE_WORDS: Final = """
    agent api app application automation backup batch bot cd ci cicd circleci collector cron daemon datadog deploy
    deployer deployment etl exporter github gitlab grafana importer jenkins job kubernetes lambda loader mailer
    monitor monitoring pipeline prometheus robot runner scanner scheduler script server service ses smtp splunk srv svc
    sync system terraform uploader veeam worker
"""
_PEOPLE_WORDS: Final = """
    admin administrator admins adfs analyst auditor azuread breakglass developer developers devs engineer engineering
    engineers federated finance human okta onelogin oncall operator people ping poweruser saml support
"""
_FEDERATED_WORDS: Final = """
    adfs auth0 azuread duo entra federated google idp jumpcloud keycloak okta onelogin ping pingfederate saml
"""
_OF_MACHINES: Final = frozenset(_MACHINE_WORDS.split())
_OF_PEOPLE: Final = frozenset(_PEOPLE_WORDS.split())
_OF_PROVIDERS: Final = frozenset(_FEDERATED_WORDS.split())
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_PERMISSION_SET = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")

_CI_PROVIDERS: Final = (
    "token.actions.githubusercontent.com",
    "gitlab",
    "circleci.com",
    "bitbucket.org",
    "agent.buildkite.com",
    "app.terraform.io",
    "app.harness.io",
    "vstoken.dev.azure.com",
    "spacelift.io",
)
"""Parts of the URLs of OpenID providers that vouch for pipelines."""
_CONSUMER_PROVIDERS: Final = frozenset({"cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"})
"""IAM user guide, "OIDC federation": providers that need no entry in an account, and are for an application's users."""
_SUBJECTS: Final = (
    re.compile(r"repo:([^:/]+/[^:/]+)"),  # GitHub: repo:org/name:ref:refs/heads/main
    re.compile(r"project_path:([^:]+)"),  # GitLab: project_path:group/name:ref_type:branch:ref:main
    re.compile(r"org/[^/]+/project/([^/]+)"),  # CircleCI
    re.compile(r"organization:([^:]+:project:[^:]+:workspace:[^:]+)"),  # Terraform Cloud
    re.compile(r"organization:([^:]+:pipeline:[^:]+)"),  # Buildkite
    re.compile(r"p://([^/]+/[^/]+/[^/]+)"),  # Azure DevOps
    re.compile(r"(\{[0-9a-f-]{36}\}):\{[0-9a-f-]{36}\}"),  # Bitbucket: {repository}:{step}
)


def is_machine_name(name: str) -> bool:
    """Whether a user's name is plainly a machine's, by whole words.

    >>> is_machine_name("svc-backup"), is_machine_name("serviceman"), is_machine_name("ann.deployer-ci")
    (True, False, True)
    """
    return not _OF_MACHINES.isdisjoint(word.lower() for word in _WORD.findall(name[:256]))


def is_peoples_role(name: str) -> bool:
    """Whether a role's name says that people assume it.

    >>> is_peoples_role("OktaDeveloper"), is_peoples_role("app-server")
    (True, False)
    """
    return not _OF_PEOPLE.isdisjoint(word.lower() for word in _WORD.findall(name[:256]))


def is_federated_role(name: str) -> bool:
    """Whether a role's name says that people come to it through an identity provider.

    >>> is_federated_role("okta-admin"), is_federated_role("Administrator")
    (True, False)
    """
    return not _OF_PROVIDERS.isdisjoint(word.lower() for word in _WORD.findall(name[:256]))


def read_permission_set(role: str) -> str:
    """Read the permission set from the name of an Identity Center role; "" for other roles.

    >>> read_permission_set("AWSReservedSSO_Data_Engineer_0123456789abcdef")
    'Data_Engineer'
    """
    match = _PERMISSION_SET.fullmatch(role)
    return match[1] if match else ""


def read_issuer(provider: str) -> str:
    """Read the issuer's host and path from an OpenID provider, which is named by them or by its ARN.

    >>> read_issuer("arn:aws:iam::1:oidc-provider/gitlab.example/a"), read_issuer("accounts.google.com")
    ('gitlab.example/a', 'accounts.google.com')
    """
    return provider.rpartition(":oidc-provider/")[2]


def is_consumer_provider(issuer: str) -> bool:
    """Whether an issuer vouches for anybody who comes along: the users of an application, known or not."""
    return issuer in _CONSUMER_PROVIDERS


def is_ci_provider(provider: str) -> bool:
    """Whether an OpenID provider vouches for pipelines."""
    return any(known in provider for known in _CI_PROVIDERS)


def name_pipeline(subject: str) -> str:
    """Name a pipeline, the same for all its runs, by the subject of its token; "" when that names none.

    >>> name_pipeline("repo:acme/shop:ref:refs/heads/main"), name_pipeline("project_path:acme/web:ref_type:branch")
    ('acme/shop', 'acme/web')
    """
    return next((found[1][:256] for known in _SUBJECTS if (found := known.match(subject))), "")


def find_subject(attributes: Mapping[str, str]) -> str:
    """Find the subject among the attributes of a web identity; "" when there is none.

    >>> find_subject({"token.actions.githubusercontent.com:sub": "repo:acme/shop:ref:refs/heads/main"})
    'repo:acme/shop:ref:refs/heads/main'
    """
    return next((value for key, value in sorted(attributes.items()) if key == "sub" or key.endswith(":sub")), "")
