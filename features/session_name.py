"""Session names reduced to a class. A caller chooses them, so they are never an identity, only a hint.

The classes are data, first match wins; `lambda` needs the role as well, because a function's session is named after
the function. Source: cloudtrail.md §3, and the defaults in the SDKs' credential providers.
"""

import re
from typing import NamedTuple


class SessionClass(NamedTuple):
    """A class of session names, and the kind of principal that makes such sessions; empty when it tells nothing."""

    name: str
    pattern: re.Pattern[str]
    kind: str


_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_RUNNER = (
    r"github[-_]?actions?|gitlab|circle-?ci|bitbucket|buildkite|jenkins|codebuild|awscodebuild|codepipeline|azure-?devops|"
    r"vsts|travis|teamcity|bamboo|drone-?ci|argo-?cd|spacelift|atlantis|terraform|tfc|env0|scalr|octopus|harness"
)


def _class(name: str, pattern: str, kind: str = "") -> SessionClass:
    return SessionClass(name, re.compile(pattern, re.IGNORECASE), kind)


SESSION_CLASSES: tuple[SessionClass, ...] = (
    _class("ec2", r"i-[0-9a-f]{8,17}", "workload"),
    _class("ecs_task", r"[0-9a-f]{32}", "workload"),
    _class("uuid", _UUID, "workload"),
    _class(
        "sdk",
        r"botocore-session-\d+|aws-?go-?sdk-\d+|aws-sdk-[a-z0-9]+(-[a-z0-9]+)*-\d+|aws-sdk-(java|js|net)\S*|"
        r"aws-dotnet-sdk-session-\S+|assume-role-provider-\S+|web-identity-token-\S+|\d{10,19}\.\d+",
        "workload",
    ),
    _class("eks", r"eks-.+|kiam-.+|system[:-]serviceaccount[:-].+", "workload"),
    _class("ci", rf"(?:.*[^a-z])?(?:{_RUNNER})(?:[^a-z].*)?", "ci"),
    _class(
        "service",
        r"AWS[A-Z][A-Za-z]+|AutoScaling|AmazonRDS.*|aws-service-.*|ecs-service-scheduler|StepFunctions.*|"
        r"CloudWatchEvents.*|Amazon[A-Z]\w*|AWSBackup-.+|StackSet-.+",
        "workload",
    ),
    _class("date", r"(19|20)\d\d[-_.]?\d\d[-_.]?\d\d([T_ -]?\d\d[-:._]?\d\d([-:._]?\d\d)?Z?)?", ""),
    _class("number", r"\d+", "workload"),
    _class("hex", r"(?=[0-9a-f]*\d)[0-9a-f]{8,}", "workload"),
    _class("email", r"[^@\s]+@[^@\s]+\.[^@\s.]+", "human"),
)
NAMED = SessionClass("named", re.compile(""), "")
LAMBDA = SessionClass("lambda", re.compile(""), "workload")
NO_SESSION = SessionClass("", re.compile(""), "")

# a function's role: made by the console (/service-role/<function>-role-<8>), by SAM, CDK and Serverless, or by hand
_LAMBDA_ROLE = re.compile(r"(^|[^a-z])lambda([^a-z]|$)|lambda(role|exec|basic|function)", re.IGNORECASE)


def classify(session: str, role: str = "", role_arn: str = "", issued_to: str = "") -> SessionClass:
    """Class of a session name; `role`, `role_arn` and `issued_to` (inScopeOf) recognise a Lambda function's.

    >>> classify("i-0abc12345678def90").name, classify("botocore-session-1700000000").name
    ('ec2', 'sdk')
    >>> classify("resize-images", role="resize-images-role-x1y2z3a4").name
    'lambda'
    >>> classify("ana@example.com").name, classify("deployer").name
    ('email', 'named')
    """
    if issued_to.startswith("arn:") and ":function:" in issued_to:
        return LAMBDA
    if not session:
        return NO_SESSION
    session = session[:256]
    for known in SESSION_CLASSES:
        if known.pattern.fullmatch(session):
            return known
    if _is_function(session, role, role_arn):
        return LAMBDA
    return NAMED


def _is_function(session: str, role: str, role_arn: str) -> bool:
    if _LAMBDA_ROLE.search(role):
        return True
    if ":role/service-role/" in role_arn and role.startswith(f"{session}-role"):
        return True
    return len(session) >= 4 and bool(re.fullmatch(re.escape(session) + r"-?role(-[A-Za-z0-9]+)?", role, re.IGNORECASE))
