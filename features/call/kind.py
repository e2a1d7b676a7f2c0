"""What names tell of a principal: a person's, a machine's, a pipeline's. Hints for the kind, never an identity."""

import re
from collections.abc import Mapping
from typing import Final

_MACHINES: Final = """
    agent api app application automation backup batch bot cd ci cicd circleci collector cron daemon datadog deploy
    deployer deployment etl exporter github gitlab grafana importer jenkins job kubernetes lambda loader mailer
    monitor monitoring pipeline prometheus robot runner scanner scheduler script server service ses smtp splunk srv svc
    sync system terraform uploader veeam worker
"""
_PEOPLE: Final = """
    admin administrator admins adfs analyst auditor azuread breakglass developer developers devs engineer engineering
    engineers federated finance human okta onelogin oncall operator people ping poweruser saml support
"""
_MACHINE: Final = frozenset(_MACHINES.split())
_PERSON: Final = frozenset(_PEOPLE.split())
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_PERMISSION_SET = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")

CI_PROVIDERS: Final = (
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
    return not _MACHINE.isdisjoint(word.lower() for word in _WORD.findall(name[:256]))


def is_peoples_role(name: str) -> bool:
    """Whether a role's name says that people assume it.

    >>> is_peoples_role("OktaDeveloper"), is_peoples_role("app-server")
    (True, False)
    """
    return not _PERSON.isdisjoint(word.lower() for word in _WORD.findall(name[:256]))


def permission_set(role: str) -> str:
    """Permission set of an Identity Center role.

    >>> permission_set("AWSReservedSSO_Data_Engineer_0123456789abcdef")
    'Data_Engineer'
    """
    match = _PERMISSION_SET.fullmatch(role)
    return match[1] if match else ""


def is_ci_provider(provider: str) -> bool:
    """Whether an OpenID provider vouches for pipelines."""
    return any(known in provider for known in CI_PROVIDERS)


def pipeline(subject: str) -> str:
    """The stable name of a pipeline in the subject of its token; "" when there is none.

    >>> pipeline("repo:acme/shop:ref:refs/heads/main"), pipeline("project_path:acme/shop:ref_type:branch:ref:main")
    ('acme/shop', 'acme/shop')
    """
    return next((found[1][:256] for known in _SUBJECTS if (found := known.match(subject))), "")


def subject(attributes: Mapping[str, str]) -> str:
    """The subject among the attributes of a web identity: `token.actions.githubusercontent.com:sub`."""
    return next((value for key, value in sorted(attributes.items()) if key == "sub" or key.endswith(":sub")), "")
