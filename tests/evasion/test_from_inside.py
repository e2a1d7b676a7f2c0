"""From inside: the victim's own network, or a service of AWS that acts for whoever asks it."""

import pytest

from tests.evasion.attack import Record, a_call, as_role, at, from_hosting
from tests.evasion.company import Company
from tests.evasion.neighbours import PEOPLE, at_the_office, by_service, someone, the_deployer

LOOKS = ("sts:GetCallerIdentity", "iam:ListUsers", "iam:ListRoles", "secretsmanager:ListSecrets")


def on_a_host(record: Record, *, endpoint: bool) -> bool:
    identity = record["userIdentity"]
    role = identity.get("arn", "").partition(":assumed-role/")[2]
    return "-role/" in role and "invokedBy" not in identity and ("vpcEndpointId" in record) is endpoint


@pytest.mark.parametrize("endpoint", [True, False], ids=["endpoint", "nat"])
def test_a_workloads_credential_used_on_its_own_host(company: Company, endpoint: bool) -> None:
    """Cost: code on the victim's host, whose place and tool it then has. What is left is what it does: looking around
    by a machine that never did, or one change. Reading only what the machine reads is the machine's own work to us.
    """
    host = company.find(lambda record: on_a_host(record, endpoint=endpoint))
    change = a_call(host, "iam:CreateAccessKey", at(10), requestParameters={"userName": "portal-broker"})
    verdict = company.judge([a_call(host, action, at(9, 10 * n)) for n, action in enumerate(LOOKS)] + [change])
    assert verdict.names(change), verdict.tell()
    same = a_call(host, f"{host['eventSource'].partition('.')[0]}:{host['eventName']}", at(10),
                  requestParameters=host["requestParameters"], readOnly=host["readOnly"])  # fmt: skip
    assert not company.judge([same]).found
    print("on the victim's host only the victim's own calls stay hidden: no other call, no other resource")


SERVICES = ("cloudformation", "cloudcontrolapi", "ssm", "servicecatalog", "states", "scheduler", "codebuild", "lambda")


@pytest.mark.parametrize("service", SERVICES)
def test_a_change_that_a_service_makes_for_the_caller(company: Company, service: str) -> None:
    """Cost: the right to use the service. It buys nothing: a change through it is the caller's, and weighs no less."""
    ana = someone(company.account, PEOPLE[0])
    call = a_call(by_service(ana, f"{service}.amazonaws.com"), "iam:CreateAccessKey", at(10))
    verdict = company.judge([call])
    assert verdict.names(call), verdict.tell()
    assert {alert.principal_name for alert in verdict.showing} == {PEOPLE[0]}


def test_a_change_by_a_stack_of_who_changes_everything_by_stacks(company: Company) -> None:
    """Cost: the deployer's credentials. What its stacks never did is as rare as if it had done it by hand."""
    through = by_service(the_deployer(company.account), "cloudformation.amazonaws.com")
    calls = [a_call(through, action, at(10)) for action in ("iam:CreateUser", "iam:CreateAccessKey")]
    assert company.judge(calls).found
    usual = a_call(through, "lambda:UpdateFunctionCode20150331v2", at(10))
    assert not company.judge([usual]).found
    print("a deployer that ships code every day hides code that it ships: told apart by what the code does then")


def test_a_service_linked_role_used_by_somebody(company: Company) -> None:
    """Cost: the credential of a role that AWS hands to nobody. It buys nothing: the service alone is not judged."""
    role = f"arn:aws:iam::{company.account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    like = as_role(at_the_office(company.account), role, "ecs", role_id="AROASERVICELINKED0001",
                   key="ASIASERVICELINKED000")  # fmt: skip
    actions = ("ec2:DescribeInstances", "secretsmanager:GetSecretValue", "s3:PutBucketPolicy")
    verdict = company.judge([a_call(from_hosting(like), action, at(10 + n)) for n, action in enumerate(actions)])
    assert verdict.found, verdict.tell()


def test_a_snapshot_that_is_shared_with_another_account_of_the_company(company: Company) -> None:
    """Cost: another account of the company in hand, where who works is judged as well. To share with it is what a
    company does all day; to share with anybody else's is told, and as harm."""
    ana = someone(company.account, PEOPLE[0])
    [other, *_] = sorted({one["recipientAccountId"] for one in company.records} - {company.account})

    def share(account: str) -> Record:
        item = {
            "createVolumePermission": {"add": {"items": [{"userId": account}]}},
            "snapshotId": "snap-0aa11bb22cc33dd44",
        }
        return a_call(ana, "ec2:ModifySnapshotAttribute", at(10), requestParameters=item | {
            "attributeType": "CREATE_VOLUME_PERMISSION"})  # fmt: skip

    outside, inside = share("777788889999"), share(other)
    told, hidden = company.judge([outside]), company.judge([inside])
    assert told.names(outside), told.tell()
    assert "exposed" in {harm.kind for alert in told.showing for harm in alert.harms}
    weights = [{reason.value: reason.nats for alert in verdict.revisions for reason in alert.reasons
                if reason.dimension == "exposure"} for verdict in (told, hidden)]  # fmt: skip
    assert weights[0]["account:777788889999"] > weights[1].get(f"account:{other}", 0.0) + 1
    own = [alert for alert in hidden.revisions if inside["eventID"] in alert.event_ids]
    assert "exposed" not in {harm.kind for alert in own for harm in alert.harms}
    print(f"to share with an account of the company: {'told' if hidden.found else 'stays hidden'}")
