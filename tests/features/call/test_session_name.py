"""Session names as the SDKs, services and people make them."""

import time

import pytest

from features.call.session_name import SESSION_CLASSES, classify_session

NAMES = [
    ("i-0abc12345678def90", "ec2", "workload"),
    ("i-1234abcd", "ec2", "workload"),
    ("0123456789abcdef0123456789abcdef", "ecs_task", "workload"),
    ("ea782787-a65d-4fc4-9fca-1c97869a9a25", "uuid", "workload"),
    ("botocore-session-1700000000", "sdk", "workload"),
    ("aws-go-sdk-1700000000000000000", "sdk", "workload"),
    ("aws-sdk-java-1700000000000", "sdk", "workload"),
    ("aws-sdk-js-session-1700000000000", "sdk", "workload"),
    ("eks-prod-api-7f9c-0d1e2f3a-aaaa-bbbb-cccc-1234567890ab", "eks", "workload"),
    ("GitHubActions", "ci", "ci"),
    ("gitlab-runner-4711", "ci", "ci"),
    ("AWSCodeBuild-ea782787-a65d-4fc4-9fca-1c97869a9a25", "ci", "ci"),
    ("jenkins-deploy", "ci", "ci"),
    ("AutoScaling", "service", "workload"),
    ("AWSCloudFormation", "service", "workload"),
    ("2025-03-03", "date", ""),
    ("20250303T090000Z", "date", ""),
    ("1700000000", "number", "workload"),
    ("deadbeef01", "hex", "workload"),
    ("ana@example.com", "email", "human"),
    ("ana.lima+x@mail.example.co", "email", "human"),
    ("ana", "named", ""),
    ("deployer-of-things", "named", ""),
    ("argonaut", "named", ""),
    ("awscloudformation", "service", "workload"),
    ("I-0ABC12345678DEF90", "ec2", "workload"),
    ("", "", ""),
]


@pytest.mark.parametrize(("name", "expected", "kind"), NAMES)
def test_names(name: str, expected: str, kind: str) -> None:
    found = classify_session(name, role="role")
    assert (found.name, found.kind) == (expected, kind)


def test_every_class_is_shown() -> None:
    assert SESSION_CLASSES.keys() <= {row[1] for row in NAMES}


@pytest.mark.parametrize(
    ("session", "role", "arn", "issued_to"),
    [
        ("resize", "resize-role-x1y2z3a4", "arn:aws:iam::1:role/service-role/resize-role-x1y2z3a4", ""),
        ("resize-images", "resize-images-role-x1y2z3a4", "", ""),
        ("stack-Resize-AB12", "stack-ResizeLambdaRole-CD34", "", ""),
        ("anything", "my-lambda", "", ""),
        ("anything", "role", "", "arn:aws:lambda:eu-west-1:1:function:resize"),
    ],
)
def test_a_session_named_like_its_function_is_a_functions(session: str, role: str, arn: str, issued_to: str) -> None:
    assert classify_session(session, role, arn, issued_to).name == "lambda"


def test_a_role_named_like_something_else_makes_no_function() -> None:
    assert classify_session("ana", "lambada").name == "named"


def test_classing_takes_no_time() -> None:
    start = time.process_time()
    for name in ("a" * 100_000, "a@" * 50_000, "jenkins-" * 10_000, "0" * 100_000, "." * 100_000, "aws-sdk-" * 10_000):
        classify_session(name, name)
    assert time.process_time() - start < 1
