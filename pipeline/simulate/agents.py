"""User agents: the tools of people and of machines, with versions that move on as weeks pass."""

from random import Random
from typing import Final

_CLI: Final = ("2.15.0", "2.17.9", "2.19.1", "2.22.4", "2.24.11", "2.27.2", "2.28.1")
_BOTO: Final = ("1.34.51", "1.34.131", "1.35.21", "1.35.90", "1.36.14", "1.37.3", "1.38.0")
_TERRAFORM: Final = ("1.6.6", "1.7.5", "1.8.4", "1.9.8", "1.10.3", "1.11.0", "1.11.4")
_CHROME: Final = ("128", "129", "130", "131", "132", "133", "134")
SYSTEMS: Final = ("macos#23.6.0", "linux#6.8.0-45-generic", "windows#10", "macos#24.1.0")
_BROWSER_SYSTEMS: Final = (
    "Macintosh; Intel Mac OS X 10_15_7",
    "X11; Linux x86_64",
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
)
_ARCHITECTURES: Final = ("arm64", "x86_64", "AMD64", "arm64")
TOOLS: Final = ("console", "cli", "boto", "terraform", "cdk", "go", "java", "vscode")
"""Tools that people use."""


def agent(tool: str, system: int, week: int) -> str:
    """Return what a tool calls itself on a system, in a week.

    >>> agent("cli", 0, 0).split()[0]
    'aws-cli/2.15.0'
    """
    at = min(max(week // 3, 0), len(_CLI) - 1)
    name, architecture = SYSTEMS[system], _ARCHITECTURES[system]
    if tool == "console":
        if system == 3:
            return f"Mozilla/5.0 ({_BROWSER_SYSTEMS[3]}; rv:{_CHROME[at]}.0) Gecko/20100101 Firefox/{_CHROME[at]}.0"
        return (
            f"Mozilla/5.0 ({_BROWSER_SYSTEMS[system]}) AppleWebKit/537.36 (KHTML, like Gecko) "
            f"Chrome/{_CHROME[at]}.0.0.0 Safari/537.36"
        )
    if tool == "cli":
        return (
            f"aws-cli/{_CLI[at]} md/awscrt#0.22.0 ua/2.0 os/{name} md/arch#{architecture} "
            f"lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe"
        )
    if tool == "boto":
        return (
            f"Boto3/{_BOTO[at]} md/Botocore#{_BOTO[at]} ua/2.0 os/{name} md/arch#{architecture} "
            "lang/python#3.11.9 md/pyimpl#CPython cfg/retry-mode#legacy"
        )
    if tool == "terraform":
        return (
            f"APN/1.0 HashiCorp/1.0 Terraform/{_TERRAFORM[at]} (+https://www.terraform.io) "
            f"terraform-provider-aws/5.{70 + at}.0 aws-sdk-go-v2/1.32.{at} ua/2.1 lang/go#1.23.3"
        )
    if tool == "cdk":
        return f"aws-sdk-js/3.{680 + at * 9}.0 ua/2.1 os/{name} lang/js md/nodejs#20.18.0 app/AwsCdk-CLI/2.{160 + at}.0"
    if tool == "go":
        return f"aws-sdk-go-v2/1.{30 + at}.0 ua/2.1 os/linux lang/go#1.22.7 md/GOOS#linux md/GOARCH#amd64"
    if tool == "java":
        return f"aws-sdk-java/2.{26 + at}.12 Linux/5.10.224 OpenJDK_64-Bit_Server_VM/17.0.12+7 Java/17.0.12 io/sync"
    return f"aws-toolkit-vscode/3.{30 + at}.0 aws-sdk-js/2.1692.0 {name} lang/js md/nodejs#20.11.1"


def workload_agent(runtime: str, week: int) -> str:
    """Return what the SDK of a workload calls itself: `lambda-python`, `lambda-node`, `ecs`, `ec2`, `java`, `go`."""
    at = min(max(week // 4, 0), len(_BOTO) - 1)
    if runtime == "lambda-node":
        version = f"aws-sdk-js/3.{600 + at * 20}.0"
        return f"{version} ua/2.0 os/linux#5.10 lang/js md/nodejs#20.14.0 exec-env/AWS_Lambda_nodejs20.x"
    if runtime in ("java", "go"):
        return agent(runtime, 1, week)
    environment = {"lambda-python": " exec-env/AWS_Lambda_python3.12", "ecs": " exec-env/AWS_ECS_FARGATE"}.get(
        runtime, ""
    )
    return (
        f"Boto3/{_BOTO[at]} md/Botocore#{_BOTO[at]} ua/2.0 os/linux#5.10.223 md/arch#x86_64 lang/python#3.12.5 "
        f"md/pyimpl#CPython{environment} cfg/retry-mode#legacy"
    )


FOREIGN: Final = (
    "aws-cli/2.9.19 Python/3.11.2 Linux/6.1.0-kali9-amd64 exe/x86_64.kali.2023 prompt/off",
    "Boto3/1.26.27 Python/3.10.12 Linux/5.15.0-78-generic Botocore/1.29.165",
    "aws-sdk-go/1.44.298 (go1.20.5; linux; amd64)",
    "S3 Browser/11.6.7 (https://s3browser.com)",
    "python-requests/2.31.0",
    "Boto3/1.34.51 md/Botocore#1.34.51 ua/2.0 os/linux#6.5.0-kali3 md/arch#x86_64 lang/python#3.11.8 pacu",
)
"""What attackers bring."""


def foreign(choice: Random) -> str:
    """Return an attacker's tool."""
    return choice.choice(FOREIGN)
