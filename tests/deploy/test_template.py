"""What the templates are as a whole: clean by cfn-lint, documented, no name that clashes, bound to no region."""

import json
import re
from pathlib import Path

import pytest
from cfnlint.api import lint_file

from tests.deploy.template import CENTRES, NAMES, SIGNED, SOURCES, STACKS, Stack, a_stack, path_of, read_template


def lint(path: Path) -> list[str]:
    """What cfn-lint says, a rule each; it needs no network."""
    return [f"{found.rule.id} {found.message}" for found in lint_file(path)]


@pytest.mark.parametrize("name", NAMES)
def test_cfn_lint_finds_nothing(name: str) -> None:
    assert lint(path_of(name)) == []


def test_cfn_lint_would_find_a_queue_that_hides_messages_too_shortly(tmp_path: Path) -> None:
    text = path_of("source-account").read_text(encoding="utf-8")
    for ours, hasty in (
        ("!FindInMap [SixTimes, !Ref TimeoutSeconds, Hidden]", "30"),
        ("Timeout: !Ref T", "Timeout: 900 # T"),
    ):
        assert ours in text
        text = text.replace(ours, hasty)
    (tmp_path / "hasty.yaml").write_text(text, encoding="utf-8")
    assert [each for each in lint(tmp_path / "hasty.yaml") if each.startswith("E3505")]


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_says_what_it_is_and_what_it_takes(name: str) -> None:
    for parameter, body in read_template(name)["Parameters"].items():
        assert body.get("Description", "").endswith("."), parameter
        bounds = {"AllowedPattern", "AllowedValues", "MinValue", "MaxLength"} & body.keys()
        assert bounds or parameter in ("SubnetIds", "SecurityGroupIds"), parameter
        assert ("AllowedPattern" in body) == ("ConstraintDescription" in body), parameter
        assert "MinValue" not in body or "Default" in body, parameter


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_has_its_place_in_the_console(name: str) -> None:
    template = read_template(name)
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    shown = [parameter for group in groups for parameter in group["Parameters"]]
    assert sorted(shown) == sorted(template["Parameters"])


@pytest.mark.parametrize(("name", "about"), STACKS)
def test_the_deployments_of_these_tests_are_ones_that_cloudformation_takes(name: str, about: str) -> None:
    stack = a_stack(name, about)
    assert stack.broken_rules() == []
    for parameter, given in (SOURCES if name == "source-account" else CENTRES)[about].items():
        body = stack.template["Parameters"][parameter]
        values = given.split(",") if body["Type"] == "CommaDelimitedList" else [given]
        assert all(re.fullmatch(body.get("AllowedPattern", ".*"), value) for value in values), parameter
        assert given in body.get("AllowedValues", [given]), parameter


@pytest.mark.parametrize("name", NAMES)
def test_each_condition_holds_in_one_deployment_and_not_in_another(name: str) -> None:
    stacks = [a_stack(each, about) for each, about in STACKS if each == name]
    for condition in stacks[0].template["Conditions"]:
        assert {stack.holds({"Condition": condition}) for stack in stacks} == {True, False}, condition


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({**SIGNED, "DomainHost": ""}, "Give DomainHost, or EngineUrl."),
        ({**SIGNED, "WriterRoleArn": ""}, "Give WriterRoleArn, an output of central.yaml, beside DomainHost."),
        ({**SIGNED, "ExternalId": ""}, "Give ExternalId, as it was given to central.yaml, beside DomainHost."),
        ({**SIGNED, "LogGroup": "none"}, "Give TrailBucket, or choose a log group."),
        ({**SIGNED, "TrailBucket": "b-b", "Notices": "topic"}, "Give NoticeTopicArn where Notices is topic."),
    ],
)
def test_what_could_not_work_is_refused_before_anything_is_made(given: dict[str, str], says: str) -> None:
    assert Stack("source-account", **given).broken_rules() == [says]


def test_a_domain_that_nobody_administers_is_not_made() -> None:
    stack = Stack("central", ExternalId="0123456789abcdef", CreateDomain="yes")
    assert stack.broken_rules() == ["Give AdminArn, or nobody can set the new domain up."]


@pytest.mark.parametrize(
    ("parameter", "refused"),
    [
        ("EngineUrl", "opensearch+https://writer:hunter2@os.example.org"),
        ("EngineUrl", "opensearch+http://os.example.org"),
        ("EngineUrl", "https://os.example.org"),
        ("DomainHost", "https://os.example.org"),
        ("DomainHost", "os.example.org/path"),
        ("WriterRoleArn", "arn:aws:iam::444455556666:role/*"),
        ("ExternalId", "short"),
        ("TrailBucket", "*"),
        ("TrailPrefix", ""),
        ("TrailPrefix", "AWSLogs/*"),
        ("TrailPrefix", "AWSLogs/, other-bucket/"),
        ("SecretArn", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:*"),
        ("SecretParameterArn", "arn:aws:ssm:eu-west-1:111122223333:parameter/*"),
        ("KeyArn", "arn:aws:kms:eu-west-1:111122223333:key/*"),
        ("TrailKeyArn", "alias/trail"),
        ("NoticeTopicArn", "arn:aws:sns:eu-west-1:111122223333:*"),
        ("Concurrency", "0"),
        ("Concurrency", "2"),
    ],
)
def test_a_parameter_takes_nothing_that_would_widen_a_right_or_show_a_secret(parameter: str, refused: str) -> None:
    body = read_template("source-account")["Parameters"][parameter]
    assert not re.fullmatch(body["AllowedPattern"], refused)


@pytest.mark.parametrize(("name", "about"), STACKS)
def test_no_resource_has_a_name_that_a_second_stack_would_want_too(name: str, about: str) -> None:
    members = {"FunctionName", "QueueName", "BucketName", "RoleName", "LogGroupName", "AlarmName", "FilterName", "Name"}
    stack = a_stack(name, about)
    own = {"AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::IAM::Role", "AWS::Logs::LogGroup"}
    own |= {"AWS::CloudWatch::Alarm", "AWS::Logs::SubscriptionFilter", "AWS::Events::Rule", "AWS::Logs::MetricFilter"}
    for kind in own:
        named = members - (
            {"LogGroupName"} if kind in ("AWS::Logs::SubscriptionFilter", "AWS::Logs::MetricFilter") else set()
        )
        assert [logical for logical, body in stack.of_type(kind).items() if named & body.keys()] == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_bound_to_a_region_an_account_or_a_partition(name: str) -> None:
    text = path_of(name).read_text(encoding="utf-8")
    resources = text[text.index("\nResources:") :]
    assert re.findall(r"arn:aws[:-]|\b[a-z]{2}-[a-z]+-\d\b|\b\d{12}\b|\.amazonaws\.com\.cn", resources) == []
    assert not set(re.findall(r"[\w.-]*amazonaws\.com", resources)) - {
        f"{service}.amazonaws.com" for service in ("lambda", "logs", "cloudtrail", "s3", "sns", "events")
    }, "only principals of services have this name everywhere; hosts end in AWS::URLSuffix"


@pytest.mark.parametrize(("name", "about"), STACKS)
def test_in_another_partition_every_arn_is_of_it(name: str, about: str) -> None:
    given = (SOURCES if name == "source-account" else CENTRES)[about]
    china = {key: value.replace("arn:aws:", "arn:aws-cn:") for key, value in given.items()}
    stack = Stack(name, partition="aws-cn", suffix="amazonaws.com.cn", **china)
    text = json.dumps([stack.resources, stack.outputs])
    assert "arn:aws-cn:" in text
    assert "arn:aws:" not in text


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_small_enough_to_be_sent_as_it_is(name: str) -> None:
    assert path_of(name).stat().st_size <= 51_200, "larger ones need a bucket"


@pytest.mark.parametrize(("name", "about"), STACKS)
def test_a_role_is_within_the_quotas_of_iam(name: str, about: str) -> None:
    for role in a_stack(name, about).of_type("AWS::IAM::Role").values():
        assert len(json.dumps([policy["PolicyDocument"] for policy in role["Policies"]])) <= 10_240
        assert len(json.dumps(role["AssumeRolePolicyDocument"])) <= 2_048
        for policy in role["Policies"]:
            sids = [statement["Sid"] for statement in policy["PolicyDocument"]["Statement"]]
            assert len(sids) == len(set(sids))
            assert all(sid.isalnum() for sid in sids)
