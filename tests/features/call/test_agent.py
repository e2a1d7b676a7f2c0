"""Families of agents as found in real trails."""

import time

import pytest

from features.call.agent import classify_agent, name_service_agent
from tests.records import a_record, an_assumed_role, event_of

FAMILIES = [
    ("terraform", "APN/1.0 HashiCorp/1.0 Terraform/1.5.7 (+https://www.terraform.io) terraform-provider-aws/5"),
    ("terraform", "HashiCorp Terraform/0.12 terraform-provider-aws aws-sdk-go-v2/1.17 os/linux lang/go/1.19"),
    ("pulumi", "APN/1.0 Pulumi/1.0 PulumiAWS/5.41.0 aws-sdk-go/1.44"),
    ("packer", "APN/1.0 HashiCorp/1.0 Packer/1.9.1 aws-sdk-go/1.44"),
    ("cdk", "aws-cdk/2.100.0 aws-sdk-nodejs/2.1464.0 linux/v18.17.0 promise"),
    ("ansible", "APN/1.0 Ansible/2.15 Boto3/1.28"),
    ("serverless", "serverless/3.34 aws-sdk-nodejs/2"),
    ("cloudshell", "aws-cli/2.13 Python/3.11 Linux/5.10 exec-env/CloudShell exe/x86_64.amzn.2"),
    ("eks", "kubectl/v1.28.1 (linux/amd64) kubernetes/8dc49c4"),
    ("eks", "elbv2.k8s.aws/v2.4.7 aws-sdk-go/1.42.27 (go1.19.3; linux; amd64)"),
    ("console", "console.amazonaws.com"),
    ("console", "signin.amazonaws.com"),
    ("console", "console.ec2.amazonaws.com"),
    ("console", "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.11.848]"),
    ("console", "EC2ConsoleFrontend, aws-internal/3 aws-sdk-java/1.11.848 Linux/4.9"),
    ("console", "AWSConsole"),
    ("aws-cli", "[aws-cli/1.18.136 Python/3.8.5 Darwin/19.5.0 botocore/1.17.59]"),
    ("aws-cli", "aws-cli/2.15.0 md/awscrt#0.19.19 ua/2.0 os/linux#6.1 md/arch#x86_64 lang/python#3.11.6"),
    ("powershell", "AWSPowerShell.Common/4.1.400 .NET_Core/6.0 OS/Microsoft_Windows"),
    ("boto3", "Boto3/1.26.0 Python/3.9.1 Linux/5.10 Botocore/1.29.0 Resource"),
    ("boto3 (kali)", "Boto3/1.34.0 md/Botocore#1.34.0 ua/2.0 os/linux#kali md/arch#x86_64"),
    (
        "aws-cli (kali)",
        "aws-cli/2.15.0 md/awscrt#0.19 ua/2.0 os/linux#6.5.0-kali3-amd64 lang/python#3.11 md/command#s3.cp",
    ),
    ("aws-cli (kali)", "aws-cli/2.11.0 Python/3.11.2 Linux/6.1.0-kali5-amd64 exe/x86_64.kali.2023 prompt/off"),
    ("aws-cli (kali)", "aws-cli/2.22.0 md/awscrt#0.23.4 ua/2.0 os/linux#6.11 md/distrib#kali.2024.4 lang/python#3.12"),
    ("aws-cli (parrot)", "aws-cli/1.18.69 Python/3.9.2 Linux/6.0.0-2parrot1-amd64 botocore/1.16"),
    ("aws-cli (parrot)", "aws-cli/2.22.0 md/distrib#parrotsec.6"),
    ("aws-cli (pentoo)", "aws-cli/2.9.0 Python/3.11 Linux/6.1.12-pentoo exe/x86_64.gentoo.2"),
    ("aws-cli (blackarch)", "aws-cli/2.9.0 md/distrib#blackarch"),
    ("terraform (kali)", "HashiCorp Terraform/1.5 aws-sdk-go-v2/1.17 os/linux/6.5.0-kali3-amd64"),
    ("unknown:newtool (kali)", "newtool/1.0 (6.5.0-kali3-amd64)"),
    ("browser", "Mozilla/5.0 (X11; Linux x86_64; vakalia) parroting/1.0"),
    ("botocore", "Botocore/1.29.0 Python/3.9"),
    ("botocore", "aiobotocore/2.5.0 Python/3.11"),
    ("browser", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"),
    ("unknown:aws-internal", "aws-internal/3 aws-sdk-java/1.12.0 Linux/5.4"),
    ("unknown:aws-internal", "AWS Internal"),
    ("unknown:coral", "Coral/Netty4"),
    ("unknown:signin", "signin"),
    ("unknown:signin", "signin/1.0"),
    ("aws-sdk-go", "aws-sdk-go/1.44.0 (go1.19; linux; amd64)"),
    ("aws-sdk-go", "aws-sdk-go-v2/1.17.1 os/linux lang/go/1.19 md/GOOS/linux api/s3/1.29"),
    ("aws-sdk-java", "aws-sdk-java/2.20.0 Linux/5.10 OpenJDK_64-Bit_Server_VM/17 Java/17"),
    ("aws-sdk-js", "aws-sdk-js/3.400.0 ua/2.0 os/linux lang/js md/nodejs/18 api/s3/3.400"),
    ("aws-sdk-js", "aws-sdk-nodejs/2.1464.0 linux/v18.17.0 promise"),
    ("aws-sdk-php", "aws-sdk-php/3.280 OS/Linux/5.10 lang/php/8.1"),
    ("aws-sdk-ruby", "aws-sdk-ruby3/3.180.0 ruby/3.2 x86_64-linux aws-sdk-s3/1.130"),
    ("aws-sdk-rust", "aws-sdk-rust/0.55 os/linux lang/rust/1.70"),
    ("aws-sdk-cpp", "aws-sdk-cpp/1.9.379 Linux/5.10 x86_64 Clang/14"),
    ("aws-sdk-dotnet", "aws-sdk-dotnet-coreclr/3.7.200 ua/2.0 os/windows"),
    ("aws-sdk-kotlin", "aws-sdk-kotlin/0.32.0 os/linux lang/kotlin/1.9"),
    ("aws-sdk-swift", "aws-sdk-swift/1.0 ua/2.1 api/s3#1.0 os/macos"),
    ("curl", "curl/8.4.0"),
    ("python-requests", "python-requests/2.31.0"),
    ("okhttp", "okhttp/4.11.0"),
    ("python-urllib", "Python-urllib/3.11"),
    ("aiohttp", "Python/3.12 aiohttp/3.9.5"),
    ("httpx", "python-httpx/0.27.0"),
    ("go-http", "Go-http-client/1.1"),
    ("apache-http", "Apache-HttpClient/4.5.13 (Java/11.0.20)"),
    ("axios", "axios/1.6.8"),
    ("postman", "PostmanRuntime/7.36.3"),
    ("wget", "Wget/1.21.4"),
    ("s3-browser", "S3 Browser/10.9.9 (https://s3browser.com)"),
    ("s3-browser", "[S3 Browser 9.5.5 <https://s3browser.com>]"),
    ("cyberduck", "Cyberduck/7.1.1.31577 (Mac OS X/10.14.6) (x86_64)"),
    ("mountain-duck", "Mountain Duck/4.15.5 (Windows 11/10.0)"),
    ("cloudberry", "CloudBerryLab.Base.HttpUtil.Client 6.3"),
    ("winscp", "WinSCP/5.21.7 neon/0.32.4"),
    ("filezilla", "FileZilla/3.66"),
    ("rclone", "rclone/v1.63.1"),
    ("minio", "MinIO (linux; amd64) minio-go/v7.0.66 mc/RELEASE.2024-01-16"),
    ("scout-suite (parrot)", "Scout Suite/5.12.0 Python/3.9.2 Linux/6.0.0-2parrot1-amd64 Scout Suite/5.12.0"),
    ("scout-suite", "Scout-Suite/5.14.0 md/Botocore#1.35.75 ua/2.0 os/linux#6.10.11-cloud-amd64"),
    ("none", ""),
    ("none", None),
    ("unknown:stratus-red-team", "stratus-red-team_ea782787-a65d-4fc4-9fca-1c97869a9a25"),
    ("pacu", "Pacu/1.5"),
    ("pacu", "Boto3/1.26.0 Python/3.9.1 Botocore/1.29.0 pacu"),
    ("prowler", "Boto3/1.26.0 Python/3.9.1 Botocore/1.29.0 Prowler/3.1"),
    ("prowler", "Boto3/1.34 md/Botocore#1.34 APN_1826889"),
    ("cloudfox", "cloudfox"),
    ("trufflehog", "TruffleHog aws-sdk-go/1.44.0 (go1.19; linux; amd64)"),
    ("unknown:vantage", "vantage-7f3a9bc2/3.1 (linux)"),
    ("unknown:s3-mover", "S3 Mover 2.1 (http://s3.example)"),
    ("unknown:s3cmd", "s3cmd/2.3.0"),
    ("unknown:k9s", "k9s/0.32"),
    ("unknown:my", "my 1.0"),
    ("unknown", "a1b2c3d4-a65d-4fc4-9fca-1c97869a9a25"),
    ("unknown", "d4f7aa01/1.0"),
    ("unknown:datadog", "APN/1.0 Datadog/1.0 Datadog/7.48"),
    ("unknown:athena.amazonaws.com", "athena.amazonaws.com"),
    ("unknown", "\x00\x1b[2J"),
    ("unknown", "日本語"),
    ("unknown", "1.2.3"),
]


@pytest.mark.parametrize(
    ("family", "text"), FAMILIES, ids=[f"{row[0]}-{number}" for number, row in enumerate(FAMILIES)]
)
def test_families(family: str, text: str | None) -> None:
    assert classify_agent(text) == family


def test_a_new_release_is_no_new_tool() -> None:
    for template in ("newtool/{}", "newtool-{}", "newtool_{}", "newtool {} build", "newtool/v{}"):
        assert (
            classify_agent(template.format("1.2.3")) == classify_agent(template.format("10.20.30")) == "unknown:newtool"
        )


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "=cmd|'/c calc'!A1", "a\x1b]0;x\x07b", "x" * 5000])
def test_unknown_names_are_bounded_and_harmless(text: str) -> None:
    family = classify_agent(text)
    assert set(family) <= set("abcdefghijklmnopqrstuvwxyz._-:")
    assert len(family) <= 48


def test_tools_of_one_maker_are_told_apart() -> None:
    told = {
        classify_agent(text)
        for text in (
            "S3 Browser/11.6.7 (https://s3browser.com)",
            "S3 Mover/1.0",
            "S3Console/0.4, aws-internal/3",
            "s3cmd/2.3.0",
            "s5cmd/2.2.2",
            "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0",
        )
    }
    assert told == {"s3-browser", "unknown:s3-mover", "console", "unknown:s3cmd", "unknown:s5cmd", "browser"}


def test_services_are_named() -> None:
    assert name_service_agent("cloudformation.amazonaws.com") == "service:cloudformation"
    assert name_service_agent("AWS Internal") == "service:internal"
    assert name_service_agent("runtime.lex.amazonaws.com.cn") == "service:runtime.lex"
    assert len(name_service_agent("x" * 5000)) <= 48


def test_nobody_becomes_a_service_by_their_own_word() -> None:
    thief = event_of(a_record(an_assumed_role(), userAgent="athena.amazonaws.com", sourceIPAddress="203.0.113.9"))
    assert (thief["agent"], thief["invoked_by"]) == ("unknown:athena.amazonaws.com", "")
    service = event_of(a_record(an_assumed_role(), userAgent="x", sourceIPAddress="athena.amazonaws.com"))
    assert (service["agent"], service["invoked_by"]) == ("service:athena", "athena.amazonaws.com")
    internal = event_of(a_record(userAgent="AWS Internal", sourceIPAddress="AWS Internal"))
    assert (internal["agent"], internal["invoked_by"]) == ("service:internal", "AWS Internal")


def test_reading_an_agent_takes_no_time() -> None:
    start = time.process_time()
    for text in ("a-" * 25_000, "console" * 8_000, "aws-sdk-" * 7_000, "0" * 50_000, "(" * 50_000):
        classify_agent(text)
        name_service_agent(text)
    assert time.process_time() - start < 1
