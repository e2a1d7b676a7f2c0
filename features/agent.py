"""Which tool made a call, without versions: a new release must not look like a new tool.

Patterns are data, first match wins. The operating system is left out: it is too noisy to pay for itself. Names of
attack tools get no rule of their own, because a real attacker's agent is not called that; they stay visible in
`user_agent` and as `unknown:<name>`.
"""

import re

LONGEST = 1024
"""Characters of a user agent that are kept; CloudTrail itself cuts at 1 KB."""

AGENTS: tuple[tuple[str, str], ...] = (
    (r"\bterraform|\bopentofu/", "terraform"),
    (r"\bpulumi", "pulumi"),
    (r"\bpacker/", "packer"),
    (r"\baws-cdk|\bcdk/|\bcdk-", "cdk"),
    (r"\bansible", "ansible"),
    (r"\bserverless(?:-framework)?\b", "serverless"),
    (r"\bcloudformation\b", "cloudformation"),
    (r"\bcloudshell\b", "cloudshell"),
    (
        r"\bkubectl\b|\beksctl\b|\baws-iam-authenticator\b|\bkubernetes/|\belbv2\.k8s\.aws\b|\bkarpenter|\bcluster-autoscaler\b",
        "eks",
    ),
    (r"^[^/ ]*console|^(?:console|signin)\b|\bs3console/|\bec2consolefrontend\b", "console"),
    (r"\baws-cli/", "aws-cli"),
    (r"\bawspowershell|\baws-tools-for-powershell", "powershell"),
    (r"\bboto3/", "boto3"),
    (r"\bmozilla/", "browser"),
    (r"\baws-internal\b|^aws internal\b|^coral/", "aws-internal"),
    (r"\baws-sdk-go(?:-v2)?/", "aws-sdk-go"),
    (r"\baws-sdk-(?:java|scala)", "aws-sdk-java"),
    (r"\baws-sdk-(?:js|nodejs|react-native)", "aws-sdk-js"),
    (r"\baws-sdk-php", "aws-sdk-php"),
    (r"\baws-sdk-ruby", "aws-sdk-ruby"),
    (r"\baws-sdk-rust", "aws-sdk-rust"),
    (r"\baws-sdk-cpp", "aws-sdk-cpp"),
    (r"\baws-sdk-(?:dot)?net|\bawssdk\b", "aws-sdk-dotnet"),
    (r"\baws-sdk-kotlin|\baws-sdk-android", "aws-sdk-kotlin"),
    (r"\baws-sdk-swift|\baws-sdk-ios", "aws-sdk-swift"),
    (r"\bbotocore/|\baiobotocore/", "botocore"),
    (r"^curl/", "curl"),
    (r"^python-requests/", "python-requests"),
    (r"^okhttp/", "okhttp"),
)
_AGENT = re.compile("|".join(f"(?P<a{index}>{pattern})" for index, (pattern, _) in enumerate(AGENTS)))
_PARTNER = re.compile(r"^(?:apn/\S+\s+)(?:\S+/1\.0\s+)?")
_HOST = re.compile(r"([a-z0-9.-]+?)\.(?:amazonaws|amazon|aws\.amazon)\.com(?:\.cn)?", re.ASCII)
_PRODUCT = re.compile(r"[^/ ;,(){}#\[\]\"'<>]+")
_NOISE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b(?=[a-f]*\d)[0-9a-f]{6,}\b|v?\d+(?:\.\d+)*|[^a-z._-]"
)


def agent_family(text: str | None) -> str:
    """Family of a user agent.

    >>> agent_family("[aws-cli/2.15.0 Python/3.11.6 Linux/6.1 exe/x86_64]")
    'aws-cli'
    >>> agent_family("APN/1.0 HashiCorp/1.0 Terraform/1.5.7 terraform-provider-aws/5.1 aws-sdk-go/1.44")
    'terraform'
    >>> agent_family("lambda.amazonaws.com"), agent_family("stratus-red-team_ea782787-a65d-4fc4-9fca-1c97869a9a25")
    ('service:lambda', 'unknown:stratus-red-team')
    """
    bare = (text or "")[:LONGEST].strip().strip("[]").lower()
    if not bare:
        return "none"
    if host := _HOST.fullmatch(bare):
        return service_agent(bare) if host else ""
    if " " not in bare and "/" not in bare and bare.endswith(".internal"):
        return "aws-internal"
    return _known(bare) or f"unknown:{_product(bare)}"


def service_agent(host: str) -> str:
    """Agent of a call that an AWS service made, from its host name (`invokedBy`).

    >>> service_agent("autoscaling.amazonaws.com"), service_agent("AWS Internal"), service_agent("signin.amazonaws.com")
    ('service:autoscaling', 'aws-internal', 'console')
    """
    bare = host[:LONGEST].strip().lower()
    match = _HOST.fullmatch(bare)
    name = match[1] if match else bare
    if name.startswith("aws internal"):
        return "aws-internal"
    if name == "cloudformation":
        return name
    if name == "signin" or name.startswith("console") or name.endswith("console"):
        return "console"
    return f"service:{_NOISE_IN_HOST.sub('', name)[:40]}"


_NOISE_IN_HOST = re.compile(r"[^a-z0-9._-]")


def _known(bare: str) -> str:
    # the earliest rule wins, not the earliest place in the text
    return next((family for pattern, family in _COMPILED if pattern.search(bare)), "")


_COMPILED = tuple((re.compile(pattern), family) for pattern, family in AGENTS)


def _product(bare: str) -> str:
    product = _PRODUCT.search(_PARTNER.sub("", bare))
    name = _NOISE.sub("", product[0]) if product else ""
    return name.strip("._-")[:40]
