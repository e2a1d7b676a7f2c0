"""Session names reduced to a class. A caller chooses them, so they are never an identity, only a hint.

The classes are data, first match wins; `lambda` needs the role as well, because a function's session is named after
the function. Source: the defaults in the SDKs' credential providers.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple


class SessionClass(NamedTuple):
    """A class of session names, and the kind of principal that makes such sessions; empty when it tells nothing."""

    name: str
    kind: str


_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_RUNNER = (
    r"github[-_]?actions?|gitlab|circle-?ci|bitbucket|buildkite|jenkins|codebuild|awscodebuild|codepipeline|azure-?devops|"
    r"vsts|travis|teamcity|bamboo|drone-?ci|argo-?cd|spacelift|atlantis|terraform|tfc|env0|scalr|octopus|harness"
)
_CLASSES: Final = (
    ("ec2", "workload", r"i-[0-9a-f]{8,17}"),
    ("ecs_task", "workload", r"[0-9a-f]{32}"),
    ("uuid", "workload", _UUID),
    (
        "sdk",
        "workload",
        r"botocore-session-\d+|aws-?go-?sdk-\d+|aws-sdk-[a-z0-9]+(-[a-z0-9]+)*-\d+|aws-sdk-(java|js|net)\S*|"
        r"aws-dotnet-sdk-session-\S+|assume-role-provider-\S+|web-identity-token-\S+|\d{10,19}\.\d+",
    ),
    ("eks", "workload", r"eks-.+|kiam-.+|system[:-]serviceaccount[:-].+"),
    ("ci", "ci", rf"(?:.*[^a-z])?(?:{_RUNNER})(?:[^a-z].*)?"),
    (
        "service",
        "workload",
        r"aws[a-z][a-z]+|autoscaling|amazonrds.*|aws-service-.*|ecs-service-scheduler|stepfunctions.*|"
        r"cloudwatchevents.*|amazon[a-z]\w*|awsbackup-.+|stackset-.+",
    ),
    ("date", "", r"(19|20)\d\d[-_.]?\d\d[-_.]?\d\d([t_ -]?\d\d[-:._]?\d\d([-:._]?\d\d)?z?)?"),
    ("number", "workload", r"\d+"),
    ("hex", "workload", r"(?=[0-9a-f]*\d)[0-9a-f]{8,}"),
    ("email", "human", r"[^@\s]+@[^@\s]+\.[^@\s.]+"),
)
"""Name, kind and pattern, in lower case."""
SESSION_CLASSES: Final = {name: SessionClass(name, kind) for name, kind, _ in _CLASSES}
_KNOWN: Final = re.compile("|".join(f"(?P<{name}>{pattern})" for name, _, pattern in _CLASSES))
_NAMED = SessionClass("named", "")
_LAMBDA = SessionClass("lambda", "workload")
_NO_SESSION = SessionClass("", "")

# a function's role: made by the console (/service-role/<function>-role-<8>), by SAM, CDK and Serverless, or by hand
_ROLE_OF_FUNCTION = re.compile(r"-?role(-[a-z0-9]+)?", re.IGNORECASE | re.ASCII)
_LAMBDA_ROLE = re.compile(r"(^|[^a-z])lambda([^a-z]|$)|lambda(role|exec|basic|function)", re.IGNORECASE)


def classify_session(session: str, role: str = "", role_arn: str = "", issued_to: str = "") -> SessionClass:
    """Find the class of a session name; `role`, `role_arn` and `issued_to` (inScopeOf) recognise a Lambda function's.

    >>> classify_session("i-0abc12345678def90").name, classify_session("botocore-session-1700000000").name
    ('ec2', 'sdk')
    >>> classify_session("resize-images", role="resize-images-role-x1y2z3a4").name
    'lambda'
    >>> classify_session("ana@example.com").name, classify_session("deployer").name
    ('email', 'named')
    """
    if issued_to.startswith("arn:") and ":function:" in issued_to:
        return _LAMBDA
    if not session:
        return _NO_SESSION
    session = session[:256]
    known = _find_class(session.lower())
    if known is not None:
        return known
    if _is_function(session, role, role_arn):
        return _LAMBDA
    return _NAMED


@lru_cache(maxsize=16_384)
def _find_class(session: str) -> SessionClass | None:
    """Find the class of a name that is recognised by itself; None for others. Most names come again and again."""
    known = _KNOWN.fullmatch(session)
    return SESSION_CLASSES[known.lastgroup or ""] if known is not None else None


def _is_function(session: str, role: str, role_arn: str) -> bool:
    """Whether the role is a Lambda function's."""
    if _LAMBDA_ROLE.search(role):
        return True
    if ":role/service-role/" in role_arn and role.startswith(f"{session}-role"):
        return True
    if len(session) < 4 or not role.lower().startswith(session.lower()):
        return False
    return _ROLE_OF_FUNCTION.fullmatch(role, len(session)) is not None
