"""Who called where only the address says it."""

from typing import Any

import pytest

from tests.records import ACCOUNT, a_record, a_root, an_assumed_role, event_of


def sent(identity: Any, address: Any, **named: Any) -> dict[str, Any]:
    return event_of(a_record(identity, sourceIPAddress=address, **named))


SERVICES = ["support.amazonaws.com", "AWS Internal", "trustedadvisor.amazonaws.com"]
PEOPLE = ["203.0.113.7", "2001:db8::1", "10.0.0.7", "evil.aws", "1.2.3.4, ec2.amazonaws.com"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_works_as_root_is_not_the_root_user(service: str) -> None:
    for row in (
        sent(a_root(invokedBy=service), service),
        sent(a_root(invokedBy=service), "203.0.113.7"),
        sent(a_root(), service, userAgent=service),
    ):
        assert (row["kind"], row["rule"], row["principal"]) == ("aws_service", "service_as_root", f"svc/{service}")
        assert (row["facts"], row["identity_type"], row["identity_account"]) == ((), "Root", ACCOUNT)


@pytest.mark.parametrize("address", PEOPLE)
@pytest.mark.parametrize("agent", ["aws-cli/2", "AWS Internal", "support.amazonaws.com", "signin.amazonaws.com"])
def test_root_is_root_whatever_its_agent_says(address: str, agent: str) -> None:
    row = sent(a_root(accessKeyId="AKIAROOT"), address, userAgent=agent)
    assert (row["kind"], row["principal"], row["facts"]) == ("root", f"root/{ACCOUNT}", ("root",))


@pytest.mark.parametrize("identity", [{"accountId": ACCOUNT}, ..., None, {}, {"type": "", "userName": ""}])
@pytest.mark.parametrize("address", PEOPLE)
def test_who_names_nobody_and_calls_from_an_address_is_no_service(identity: Any, address: str) -> None:
    row = event_of(a_record(userIdentity=identity, sourceIPAddress=address, eventSource="cognito-idp.amazonaws.com"))
    assert (row["kind"], row["rule"]) == ("anonymous", "unnamed")
    assert row["principal"] == f"unknown/{ACCOUNT}/cognito-idp.amazonaws.com"


@pytest.mark.parametrize("address", ["AWS Internal", "kms.amazonaws.com", "", ...])
def test_what_names_nobody_and_comes_from_no_address_is_a_service_event(address: Any) -> None:
    row = event_of(
        a_record(userIdentity={"accountId": ACCOUNT}, sourceIPAddress=address, eventSource="kms.amazonaws.com")
    )
    assert (row["kind"], row["rule"], row["principal"]) == ("aws_service", "no_identity", "svc/kms.amazonaws.com")


def test_a_service_that_says_so_is_one_wherever_it_calls_from() -> None:
    row = sent({"accountId": ACCOUNT, "invokedBy": "secretsmanager.amazonaws.com"}, "203.0.113.7")
    assert (row["kind"], row["principal"]) == ("aws_service", "svc/secretsmanager.amazonaws.com")


LINKED = an_assumed_role(
    "AWSServiceRoleForECS", "ecs",
    arn=f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
)  # fmt: skip


@pytest.mark.parametrize("address", PEOPLE)
def test_a_role_that_a_service_owns_is_somebody_elses_from_any_other_address(address: str) -> None:
    row = sent(LINKED, address, userAgent="ecs.amazonaws.com")
    assert (row["kind"], row["rule"]) == ("workload", "service_role_elsewhere")
    assert (row["principal"], row["actor"]) == (f"{row['identity']}/elsewhere",) * 2
    assert row["identity"] == sent(LINKED, "ecs.amazonaws.com")["identity"]


@pytest.mark.parametrize("address", ["ecs.amazonaws.com", "AWS Internal", "ecs.application-autoscaling.amazonaws.com"])
def test_a_role_that_a_service_owns_is_its_own_where_the_service_calls(address: str) -> None:
    for row in (sent(LINKED, address), sent(LINKED | {"invokedBy": "ecs.amazonaws.com"}, "203.0.113.7")):
        assert (row["kind"], row["rule"], row["principal"]) == ("aws_service", "service_linked_role", row["identity"])
