"""What to do first is known for every tactic and every kind, and the urgent comes first."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import msgspec
import pytest

import pipeline
from pipeline.alerts.contain import CONTAIN
from pipeline.alerts.harms import HARMS, Harm
from pipeline.alerts.playbook import ORDER, STEPS, advise
from pipeline.alerts.remedies import REMEDIES
from pipeline.stores.alert import Alert
from pipeline.words.catalogue import find_words
from tests.builders import a_count, a_reason, an_alert
from tests.pipeline.render.hostile import HOSTILE

PRIORS = json.loads((Path(pipeline.__file__).parent / "data/attack_priors.json").read_text())


def test_every_tactic_of_the_priors_has_a_step() -> None:
    tactics = {action["tactic"] for action in PRIORS["actions"].values()}
    assert len(tactics) > 8
    assert tactics <= set(STEPS)
    assert set(ORDER) == set(STEPS)


KINDS = ["human", "workload", "ci", "aws_service", "external", "root", "anonymous"]
SEEN = [("secrets", "ec2:GetPasswordData"), ("deleted", "ec2:StopInstances")]
"""Harms whose commands look at the same instance."""
TIME = "2026-03-02T09:00:00Z"


def a_session(**named: Any) -> dict[str, Any]:
    """A role's temporary credential, but for what is named."""
    fields = {
        "access_key": "ASIADEPLOY", "session_name": "run", "identity": "arn:aws:iam::111122223333:role/ops/deploy",
        "account": "111122223333", "started": TIME, "mfa": None, "agents": ["aws-cli/2.15.0"],
        "addresses": ["203.0.113.99"], "calls": 3, "issued_keys": [],
    }  # fmt: skip
    return fields | named


def an_opener(**named: Any) -> dict[str, Any]:
    fields = {
        "principal_name": "quentin", "principal_kind": "human", "identity": "arn:aws:iam::111122223333:user/quentin",
        "access_key": "AKIAQUENTIN", "session_name": "", "action": "sts:AssumeRole", "time": TIME,
        "address": "198.51.100.7", "agent": "aws-cli/2.15.0", "event_id": "opening",
    }  # fmt: skip
    return fields | named


def a_harm(kind: str, *actions: str, **named: Any) -> dict[str, Any]:
    return {"kind": kind, "tried": False, "calls": 1, "actions": actions, "regions": ["eu-west-1"]} | named


def with_more(**named: Any) -> Alert:
    """The builders' alert with sessions or harms."""
    return msgspec.convert(an_alert().as_dict() | named, Alert)


def first_step(**named: Any) -> tuple[str, tuple[str, ...]]:
    step = advise(with_more(**named))[0]
    return step.text, step.commands


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_principal_has_a_way_to_be_contained(kind: str) -> None:
    assert kind in CONTAIN
    text, _ = first_step(principal_kind=kind, sessions=[a_session()])
    assert "{" not in text
    assert "203.0.113.99" in text


@pytest.mark.parametrize("kind", ["human", "workload", "ci"])
def test_a_lasting_key_is_disabled_by_its_name(kind: str) -> None:
    user = {"identity": "arn:aws:iam::111122223333:user/team/paula", "access_key": "AKIAPAULA", "started": None}
    text, commands = first_step(principal_kind=kind, sessions=[a_session(**user, session_name="")])
    assert "disable key AKIAPAULA of user paula" in text
    assert commands == ("aws iam update-access-key --user-name paula --access-key-id AKIAPAULA --status Inactive",)


def test_a_users_temporary_key_is_revoked_by_its_age() -> None:
    user = {"identity": "arn:aws:iam::111122223333:user/paula", "access_key": "ASIAPAULA"}
    text, commands = first_step(principal_kind="human", sessions=[a_session(**user)])
    assert "revoke the open sessions of user paula, and disable the password and keys" in text
    command, *more = commands
    assert command.startswith("aws iam put-user-policy --user-name paula ")
    assert more == ["aws iam delete-login-profile --user-name paula", "aws iam list-access-keys --user-name paula"]
    assert json.loads(shlex.split(command)[-1])["Statement"][0]["Effect"] == "Deny"


def test_a_roles_sessions_are_revoked_and_whoever_opened_them_is_stopped_too() -> None:
    text, commands = first_step(sessions=[a_session(opened_by=[an_opener()])])
    assert "revoke the open sessions of role deploy" in text
    assert (
        "Used: key ASIADEPLOY, session run from 203.0.113.99 with aws-cli/2.15.0; opened by quentin with key "
        "AKIAQUENTIN "
        "from 198.51.100.7 (sts:AssumeRole)."
    ) in text
    revoke, stop = commands
    assert shlex.split(revoke)[:6] == [
        "aws", "iam", "put-role-policy", "--role-name", "deploy", "--policy-name",
    ]  # fmt: skip
    assert json.loads(shlex.split(revoke)[-1])["Statement"][0]["Condition"] == {
        "DateLessThan": {"aws:TokenIssueTime": "2026-03-02T10:00:00Z"}
    }
    assert stop == "aws iam update-access-key --user-name quentin --access-key-id AKIAQUENTIN --status Inactive"


def test_a_person_of_identity_center_is_stopped_there() -> None:
    role = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Engineer_0123456789abcdef"
    text, commands = first_step(principal_kind="human", sessions=[a_session(identity=role)])
    assert "Identity Center" in text
    [command] = commands
    assert command.startswith("aws identitystore list-users --identity-store-id ")
    assert command.endswith(" --filters AttributePath=UserName,AttributeValue=run")


def test_who_used_root_is_asked_and_root_is_said_once() -> None:
    root = a_session(identity="arn:aws:iam::111122223333:root", access_key="", session_name="")
    steps = advise(with_more(principal_kind="root", sessions=[root], harms=[a_harm("root", "ec2:DescribeInstances")]))
    assert len(steps) == 1
    assert steps[0].text.endswith("Used from 203.0.113.99 with aws-cli/2.15.0.")
    assert "get-account-summary" in steps[0].commands[0]


def test_a_tactics_step_names_its_own_calls_alone_and_looks_for_them() -> None:
    reasons = [
        a_reason(dimension="write", value="ec2:CreateRoute"), a_reason(dimension="read", value="s3:listbuckets"),
        a_reason(dimension="write", value="monitoring:PutDashboard"), a_count(),
    ]  # fmt: skip
    alert = with_more(tactics=["Discovery", "Collection"], harms=[], sessions=[a_session()], reasons=reasons)
    _, collection, discovery = advise(alert)
    assert collection.text.endswith("It is about ec2:CreateRoute.")
    assert discovery.text.endswith("It is about s3:listbuckets.")
    assert "AttributeKey=AccessKeyId" in collection.commands[0]
    assert "AttributeKey=EventName,AttributeValue=listbuckets" in discovery.commands[0]
    unnamed = advise(with_more(tactics=["Impact"], harms=[], reasons=reasons))[1]
    assert (unnamed.text, unnamed.named) == (STEPS["Impact"], False)


def test_without_any_known_harm_the_two_tactics_that_cannot_wait_are_told() -> None:
    steps = advise(with_more(tactics=["Discovery", "Persistence", "Defense Evasion"]))
    blinded, stayed = steps[1:]
    assert blinded.text == STEPS["Defense Evasion"]
    assert stayed.text == f"{STEPS['Persistence']} It is about iam:CreateAccessKey."


def test_a_name_with_braces_is_a_name() -> None:
    for name in ("{0.__class__}", "{stop}", "{who}"):
        text, _ = first_step(principal_name=name, sessions=[a_session()])
        assert f"the owner of {name} about" in text


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.name)
@pytest.mark.parametrize("tried", [False, True])
def test_every_harm_has_a_step_done_and_tried(harm: Harm, tried: bool) -> None:
    steps = advise(with_more(harms=[a_harm(harm.name, tried=tried)]))
    remedy = REMEDIES[harm.name]
    assert steps[1].text == (remedy.tried if tried else remedy.done)
    assert not steps[1].named


@pytest.mark.parametrize(
    ("harm", "commands"),
    [
        (
            a_harm("logging_off", "cloudtrail:StopLogging", resources=["trail:main"]),
            [
                "aws cloudtrail start-logging --name main --region eu-west-1",
                "aws cloudtrail get-trail-status --name main --region eu-west-1",
            ],
        ),
        (
            a_harm("exposed", "ec2:ModifySnapshotAttribute", resources=["snapshot:snap-1"], exposures=["principal:*"]),
            [
                "aws ec2 reset-snapshot-attribute --snapshot-id snap-1 --attribute createVolumePermission "
                "--region eu-west-1"
            ],
        ),
        (
            a_harm(
                "exposed",
                "rds:ModifyDBSnapshotAttribute",
                resources=["snapshot:pay"],
                exposures=["account:777788889999"],
            ),
            [
                "aws rds modify-db-snapshot-attribute --db-snapshot-identifier pay --attribute-name restore "
                "--values-to-remove 777788889999 --region eu-west-1"
            ],
        ),
        (
            a_harm("persistence", "iam:CreateAccessKey", resources=["user:backup"], issued_keys=["AKIANEW"]),
            [
                "aws iam update-access-key --user-name backup --access-key-id AKIANEW --status Inactive",
                "aws iam list-access-keys --user-name backup",
            ],
        ),
        (
            a_harm("persistence", "iam:CreateLoginProfile", resources=["user:-x"]),
            ["aws iam delete-login-profile --user-name=-x"],
        ),
        (
            a_harm("compute", "ec2:RunInstances", resources=["instance:i-1", "instance:i-2"]),
            [
                "aws ec2 stop-instances --instance-ids i-1 --region eu-west-1",
                "aws ec2 stop-instances --instance-ids i-2 --region eu-west-1",
            ],
        ),
        (
            a_harm("mail", "ses:CreateEmailIdentity", resources=["email_identity:pay.example.com"]),
            ["aws sesv2 put-account-sending-attributes --no-sending-enabled --region eu-west-1"],
        ),
        (
            a_harm("destroyed", "kms:ScheduleKeyDeletion", resources=["key:1234"]),
            ["aws kms cancel-key-deletion --key-id 1234 --region eu-west-1"],
        ),
        (
            a_harm(
                "admin",
                "iam:AttachUserPolicy",
                resources=["user:helper", "policy:arn:aws:iam::aws:policy/AdministratorAccess"],
            ),
            ["aws iam detach-user-policy --user-name helper --policy-arn arn:aws:iam::aws:policy/AdministratorAccess"],
        ),
        (
            a_harm("models", "bedrock:InvokeModel"),
            ["aws bedrock get-model-invocation-logging-configuration --region eu-west-1"],
        ),
        (a_harm("organization_left", "organizations:LeaveOrganization"), ["aws organizations describe-organization"]),
        (
            a_harm("secrets", "secretsmanager:GetSecretValue", resources=["secret:db"]),
            ["aws secretsmanager rotate-secret --secret-id db --region eu-west-1"],
        ),
        (
            a_harm("exposed", "iam:CreateOpenIDConnectProvider", resources=["identity_provider:idp.example.net"]),
            ["aws iam list-open-id-connect-providers"],
        ),
        (
            a_harm("exposed", "sqs:AddPermission", resources=["queue:pay"]),
            [
                "aws sqs get-queue-attributes --queue-url https://sqs.eu-west-1.amazonaws.com/111122223333/pay "
                "--attribute-names Policy --region eu-west-1"
            ],
        ),
        (
            a_harm("exposed", "sns:AddPermission", resources=["topic:pay"]),
            ["aws sns get-topic-attributes --topic-arn arn:aws:sns:eu-west-1:111122223333:pay --region eu-west-1"],
        ),
        (
            a_harm("persistence", "iam:UpdateAssumeRolePolicy", resources=["role:deploy"]),
            [
                "aws iam get-role --role-name deploy --query Role.AssumeRolePolicyDocument",
                "aws iam get-role --role-name deploy --query Role.RoleLastUsed",
            ],
        ),
    ],
)
def test_the_commands_hold_the_names_of_the_alert(harm: dict[str, Any], commands: list[str]) -> None:
    made = advise(with_more(harms=[harm]))[1].commands
    assert list(made[: len(commands)]) == commands


@pytest.mark.parametrize(
    ("principal", "command"),
    [
        ("arn:aws-cn:iam::1:user/x", "--queue-url https://sqs.eu-west-1.amazonaws.com.cn/111122223333/pay "),
        ("arn:aws-us-gov:iam::1:user/x", "--queue-url https://sqs.eu-west-1.amazonaws.com/111122223333/pay "),
        ("arn:evil:iam::1:user/x", "--queue-url https://sqs.eu-west-1.amazonaws.com/111122223333/pay "),
    ],
)
def test_a_queue_is_in_the_partition_of_the_principal_and_in_no_account_that_a_call_names(
    principal: str, command: str
) -> None:
    harm = a_harm("exposed", "sqs:AddPermission", resources=["queue:pay", "account:999988887777", "region:x"])
    assert command in advise(with_more(harms=[harm], principal=principal))[1].commands[0]
    topic = a_harm("exposed", "sns:AddPermission", resources=["topic:pay"])
    arn = advise(with_more(harms=[topic], principal=principal))[1].commands[0].split()[4]
    assert arn == f"arn:{principal.split(':')[1].replace('evil', 'aws')}:sns:eu-west-1:111122223333:pay"


def test_each_step_about_a_role_that_was_opened_has_a_command_of_its_own() -> None:
    opened = [
        a_harm(kind, "iam:UpdateAssumeRolePolicy", resources=["role:deploy"]) for kind in ("exposed", "persistence")
    ]
    _, closing, keeping = advise(with_more(harms=opened))
    assert "AssumeRolePolicyDocument" in closing.commands[0]
    assert "RoleLastUsed" in keeping.commands[0]


def test_a_host_whose_credential_left_is_named() -> None:
    session = a_session(session_name="i-0abc12345678def90")
    step = advise(with_more(sessions=[session], harms=[a_harm("off_host")]))[1]
    assert step.commands[0] == "aws ec2 describe-instances --instance-ids i-0abc12345678def90 --region eu-west-1"


def test_an_attempt_needs_nothing_taken_back() -> None:
    harm = a_harm("logging_off", "cloudtrail:StopLogging", resources=["trail:main"], tried=True)
    step = advise(with_more(harms=[harm]))[1]
    assert "tried" in step.text
    assert step.commands == ("aws cloudtrail get-trail-status --name main --region eu-west-1",)


def test_rights_are_not_said_beside_administrators_nor_a_command_twice() -> None:
    touched = {"resources": ["role:billing"]}
    harms = [
        a_harm("exposed", "iam:UpdateAssumeRolePolicy", **touched),
        a_harm("persistence", "iam:UpdateAssumeRolePolicy", **touched),
        a_harm("rights", "iam:AttachRolePolicy", **touched),
        a_harm("admin", "iam:AttachRolePolicy", **touched),
    ]
    steps = advise(with_more(harms=harms))
    for step, kind in zip(steps[1:], ("exposed", "persistence", "admin"), strict=True):
        assert step.text.startswith(f"{REMEDIES[kind].done} It is about iam:")
        assert step.text.endswith(" on role billing.")
    every = [command for step in steps for command in step.commands]
    assert len(every) == len(set(every))


def test_a_step_says_a_command_again_before_it_has_none() -> None:
    secrets, deleted = (a_harm(kind, name, resources=["instance:i-0abc12345678def90"]) for kind, name in SEEN)
    _, first, second = advise(with_more(harms=[deleted, secrets]))
    assert first.commands == second.commands
    assert len(first.commands) == 1


@pytest.mark.parametrize(
    "name", [*HOSTILE, "$(reboot)", "`id`", "a'b", 'a"b', "--profile", "file:///etc/passwd", "{user}"]
)
def test_a_name_that_hurts_is_one_word_of_a_command_or_in_none(name: str) -> None:
    harms = [a_harm("persistence", "iam:CreateLoginProfile", resources=[f"user:{name}"])]
    users = [a_session(identity=f"arn:aws:iam::111122223333:user/{name}", access_key="AKIAX")]
    commands = [command for step in advise(with_more(harms=harms, sessions=users)) for command in step.commands]
    for command in commands:
        assert command.isprintable()
        words = shlex.split(command)
        assert words[0] == "aws"
        assert not any(word.startswith("file://") for word in words)
        if words[1] == "iam":
            given = [word.removeprefix("--user-name=") for word in words[3:] if not word.startswith("--profile")]
            assert name.rpartition("/")[2] in given or name in given
        else:  # where the name fits into no command
            assert words[1:3] == ["cloudtrail", "lookup-events"]
            assert "AttributeKey=EventName,AttributeValue=CreateLoginProfile" in words


@pytest.mark.parametrize("name", [*HOSTILE, "$(reboot)", "a,AttributeKey=x", "--profile", "file:///etc/passwd"])
def test_a_name_that_hurts_stands_in_no_shorthand(name: str) -> None:
    session = a_session(access_key=name, session_name=name, identity="arn:aws:iam::1:role/AWSReservedSSO_x_1")
    steps = advise(with_more(sessions=[session], harms=[a_harm("models", f"bedrock:{name}", regions=[name])]))
    for words in (shlex.split(command) for step in steps for command in step.commands):
        assert words[:2] in (["aws", "bedrock"], ["aws", "cloudtrail"], ["aws", "identitystore"])
        assert re.fullmatch(r"[\w.:/@+-]+", name, re.ASCII) or not [word for word in words if name in word]


def test_a_step_names_the_calls_and_the_things_it_is_about() -> None:
    harm = a_harm("data", "s3:GetObject", "s3:CopyObject", resources=[f"bucket:b{number}" for number in range(5)])
    assert advise(with_more(harms=[harm]))[1].text.endswith(
        "It is about s3:GetObject, s3:CopyObject on bucket b0, bucket b1, bucket b2 and 2 more."
    )


def test_a_step_without_a_command_of_its_own_lists_what_was_called() -> None:
    step = advise(with_more(harms=[a_harm("commands", "glue:CreateJob")]))[1]
    assert step.commands == (
        "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=CreateJob "
        "--start-time 2026-03-02T09:00:00Z --end-time 2026-03-02T11:00:00Z --region eu-west-1",
    )
    with_key = advise(with_more(harms=[], tactics=["Discovery"], sessions=[a_session()]))[1]
    assert "AttributeKey=AccessKeyId,AttributeValue=ASIADEPLOY" in with_key.commands[0]


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_told_in_korean_with_the_same_names_and_commands(kind: str) -> None:
    harms = [a_harm(harm.name, "iam:CreateUser", resources=["user:eve"]) for harm in HARMS]
    alert = with_more(principal_kind=kind, sessions=[a_session(opened_by=[an_opener()])], harms=harms)
    english, korean = advise(alert), advise(alert, find_words("ko"))
    assert [step.commands for step in english] == [step.commands for step in korean]
    for one, other in zip(english, korean, strict=True):
        assert re.search("[가-힣]", other.text)
        assert "{" not in other.text
        assert ("user eve" in one.text) == ("사용자 eve" in other.text)
