"""Which tool made a call, without versions: a new release must not look like a new tool.

Patterns are data, first match wins. The operating system is left out, for it is too noisy to pay for itself; but one
that is made for breaking in is told, as `aws-cli (kali)`. The names of tools that attackers like come first, wherever
they stand: who changes nothing does say who they are, as S3 Browser did in the GUI-vil intrusions (Permiso, 2023) and
Scout Suite in Unit 42's reports. Any other tool stays visible in `user_agent` and as `unknown:<name>`.

A caller writes its user agent itself, so `service:<name>` is only for what AWS says of the caller (`invokedBy`, the
source address): a thief who calls themself `athena.amazonaws.com`, `AWS Internal` or `coral` is unknown.
"""

import re
from itertools import islice
from typing import Final

LONGEST: Final = 1024
"""Characters of a user agent that are kept; CloudTrail itself cuts at 1 KB."""
_LONGEST_NAME: Final = 40
_SHORT_NAME: Final = 2
"""Letters of a first word that is no name by itself, as in `S3 Browser`."""

_FAMILIES: Final = (
    ("pacu", r"\bpacu\b"),
    ("prowler", r"\bprowler\b|\bapn[/_]1826889\b"),
    ("cloudfox", r"\bcloudfox\b"),
    ("trufflehog", r"\btrufflehog\b"),
    ("cloudsploit", r"\bcloudsploit\b"),
    ("cloudmapper", r"\bcloudmapper\b"),
    ("enumerate-iam", r"\benumerate-iam\b"),
    ("scout-suite", r"\bscout[ -]?suite\b"),
    ("terraform", r"\bterraform|\bopentofu/"),
    ("pulumi", r"\bpulumi"),
    ("packer", r"\bpacker/"),
    ("cdk", r"\baws-cdk|\bcdk/|\bcdk-"),
    ("ansible", r"\bansible"),
    ("serverless", r"\bserverless(?:-framework)?\b"),
    ("cloudshell", r"\bcloudshell\b"),
    (
        "eks",
        r"\bkubectl\b|\beksctl\b|\baws-iam-authenticator\b|\bkubernetes/|\belbv2\.k8s\.aws\b|\bkarpenter|"
        r"\bcluster-autoscaler\b|\bamazon-vpc-cni|\bebs\.csi\b|\bexternal-dns\b",
    ),
    ("s3-browser", r"\bs3 ?browser\b"),
    ("cyberduck", r"\bcyberduck/"),
    ("mountain-duck", r"\bmountain ?duck/"),
    ("cloudberry", r"^cloudberry"),
    ("winscp", r"^winscp/"),
    ("filezilla", r"^filezilla"),
    ("rclone", r"^rclone/"),
    ("minio", r"^minio\b"),
    ("console", r"^[^/ ]*console(?!-)|\bs3console/"),
    ("aws-cli", r"\baws-cli/"),
    ("powershell", r"\bawspowershell|\baws-tools-for-powershell"),
    ("boto3", r"\bboto3/"),
    ("browser", r"\bmozilla/"),
    ("unknown:aws-internal", r"\baws-internal\b|^aws internal\b"),
    ("aws-sdk-go", r"\baws-sdk-go(?:-v2)?/"),
    ("aws-sdk-java", r"\baws-sdk-(?:java|scala)"),
    ("aws-sdk-js", r"\baws-sdk-(?:js|nodejs|react-native)"),
    ("aws-sdk-php", r"\baws-sdk-php"),
    ("aws-sdk-ruby", r"\baws-sdk-ruby"),
    ("aws-sdk-rust", r"\baws-sdk-rust"),
    ("aws-sdk-cpp", r"\baws-sdk-cpp"),
    ("aws-sdk-dotnet", r"\baws-sdk-(?:dot)?net"),
    ("aws-sdk-kotlin", r"\baws-sdk-(?:kotlin|android)"),
    ("aws-sdk-swift", r"\baws-sdk-(?:swift|ios)"),
    ("botocore", r"\b(?:aio)?botocore/"),
    ("curl", r"^curl/"),
    ("python-requests", r"^python-requests/"),
    ("python-urllib", r"^python-urllib/"),
    ("aiohttp", r"\baiohttp/"),
    ("httpx", r"^python-httpx/"),
    ("go-http", r"^go-http-client/"),
    ("okhttp", r"^okhttp/"),
    ("apache-http", r"^apache-httpclient/"),
    ("axios", r"^axios/"),
    ("postman", r"^postmanruntime/"),
    ("wget", r"^wget/"),
    ("cloudformation", r"^cloudformation/"),
)
AGENTS: Final = tuple((name, re.compile(pattern, re.ASCII)) for name, pattern in _FAMILIES)
"""Families and what they are known by, in lower case."""

_ATTACKERS_SYSTEMS: Final = ("kali", "parrot", "pentoo", "blackarch", "backbox")
"""The first three have findings of their own in GuardDuty (PenTest:IAMUser/KaliLinux, ParrotLinux, PentooLinux)."""
_SYSTEM = re.compile(rf"(?<![a-z])({'|'.join(_ATTACKERS_SYSTEMS)})(?:sec|os|linux)?(?![a-z])")
"""In a kernel's name (`6.5.0-kali3-amd64`) or a distribution's (`distrib#kali`, `x86_64.kali.2024`)."""

_CONSOLE: Final = re.compile(
    r"(?:[a-z0-9-]+\.)*(?:console|signin)(?:\.[a-z0-9-]+)*\.(?:aws\.)?amazon(?:aws)?\.com(?:\.cn)?"
)
_HOST = re.compile(r"([a-z0-9.-]{1,100}?)\.(?:aws\.)?amazon(?:aws)?\.com(?:\.cn)?", re.ASCII)
_PARTNER = re.compile(r"^apn/\S+\s+(?:\S+/1\.0\s+)?")
_PRODUCT = re.compile(r"[^/ ;,(){}#\[\]\"'<>]+")
_NOISE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b(?=[a-f]*\d)[0-9a-f]{6,}\b|(^[a-uw-z]\d(?![\d.]))|"
    r"v?\d+(?:\.\d+)*|[^a-z._-]"
)
"""What goes from a name, but for what the group holds: the digit of `s3cmd` or `k9s` is no version."""


def classify_agent(text: str | None) -> str:
    """Find the family of a user agent, with the system it runs on where that is one for breaking in.

    >>> classify_agent("[aws-cli/2.15.0 Python/3.11.6 Linux/6.1 exe/x86_64]")
    'aws-cli'
    >>> classify_agent("APN/1.0 HashiCorp/1.0 Terraform/1.5.7 terraform-provider-aws/5.1 aws-sdk-go/1.44")
    'terraform'
    >>> classify_agent("stratus-red-team_ea782787-a65d-4fc4-9fca-1c97869a9a25"), classify_agent("lambda.amazonaws.com")
    ('unknown:stratus-red-team', 'unknown:lambda.amazonaws.com')
    >>> classify_agent("S3 Browser/11.6.7 (https://s3browser.com)"), classify_agent("S3 Mover 2.1")
    ('s3-browser', 'unknown:s3-mover')
    >>> classify_agent("aws-cli/2.15.0 md/awscrt#0.19 ua/2.0 os/linux#6.5.0-kali3-amd64 lang/python#3.11")
    'aws-cli (kali)'
    """
    bare = (text or "")[:LONGEST].strip().strip("[]").lower()
    if not bare:
        return "none"
    if _CONSOLE.fullmatch(bare):
        return "console"
    if _HOST.fullmatch(bare):
        return f"unknown:{bare[:_LONGEST_NAME]}"
    known = next((name for name, pattern in AGENTS if pattern.search(bare)), "")
    family = known or f"unknown:{_name_product(bare)}".rstrip(":")
    system = _SYSTEM.search(bare)
    return f"{family} ({system[1]})" if system else family


def is_console(host: str) -> bool:
    """Whether a host is the console's or its sign-in's: who calls through it is the person at the screen.

    >>> is_console("signin.amazonaws.com"), is_console("support.amazonaws.com")
    (True, False)
    """
    return _CONSOLE.fullmatch(host[:LONGEST].strip().lower()) is not None


def name_service_agent(host: str) -> str:
    """Name the agent of a call that an AWS service made, by the service's host name.

    >>> name_service_agent("autoscaling.amazonaws.com"), name_service_agent("AWS Internal")
    ('service:autoscaling', 'service:internal')
    """
    bare = host[:LONGEST].strip().lower()
    match = _HOST.fullmatch(bare)
    name = "internal" if bare.startswith("aws internal") else match[1] if match else bare
    return f"service:{re.sub(r'[^a-z0-9._-]', '', name)[:_LONGEST_NAME]}"


def _name_product(bare: str) -> str:
    """Take an agent's first word as its name, with the second where the first is too short to be one."""
    words = [_strip_version(word[0]) for word in islice(_PRODUCT.finditer(_PARTNER.sub("", bare)), 2)]
    first = "".join(words[:1])
    return ("-".join(words) if 0 < len(first) <= _SHORT_NAME else first).strip("._-")[:_LONGEST_NAME]


def _strip_version(word: str) -> str:
    """Take versions, ids and odd characters from a word."""
    return _NOISE.sub(r"\1", word).strip("._-")
