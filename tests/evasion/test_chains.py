"""Chains: a stolen session opens another one, and that a third, each of a role that is taken every day.

Each alert names the ones before and after it by the keys that were handed out, wherever each was used from.
"""

from collections.abc import Sequence

from pipeline.alerts.related import find_related
from pipeline.stores.alert import Alert
from tests.evasion.attack import Record, a_call, as_role, at, from_hosting
from tests.evasion.company import Company
from tests.evasion.neighbours import PEOPLE, STACKS, at_the_office, someone

CHAINED = ("iam:CreateUser", "iam:CreateAccessKey", "secretsmanager:GetSecretValue")


def take(like: Record, arn: str, key: str, time: str) -> Record:
    """A call that opens a session of a role."""
    return a_call(like, "sts:AssumeRole", time, requestParameters={"roleArn": arn, "roleSessionName": "deploy"},
                  responseElements={"credentials": {"accessKeyId": key, "sessionToken": "redacted"}})  # fmt: skip


def a_chain(company: Company, addresses: Sequence[str]) -> list[list[Record]]:
    """What three sessions of a chain do, each from an address: a person's, the deployer's, a service's role."""
    account = company.account
    api = company.find(lambda r: r["recipientAccountId"] == account
                       and "-api-" in r["userIdentity"].get("sessionContext", {}).get("sessionIssuer", {})
                       .get("userName", ""))["userIdentity"]["sessionContext"]["sessionIssuer"]  # fmt: skip
    deployer = f"arn:aws:iam::{account}:role/{STACKS}"
    keys, roles = ("ASIACHAINED000000002", "ASIACHAINED000000003"), (deployer, api["arn"])
    opened = [
        as_role(at_the_office(account), arn, "deploy", role_id=role_id, key=key)
        for arn, role_id, key in zip(roles, ("AROASTACKDEPLOYER0001", api["principalId"]), keys, strict=True)
    ]
    chain = []
    for number, like in enumerate([someone(account, PEOPLE[0]), *opened]):
        there = from_hosting(like, addresses[number])
        calls = [a_call(there, action, at(13 + number, minute)) for minute, action in enumerate(CHAINED)]
        if number < 2:
            calls.append(take(there, roles[number], keys[number], at(13 + number, 30)))
        chain.append(calls)
    return chain


def alert_of(alerts: Sequence[Alert], calls: Sequence[Record]) -> Alert:
    ids = {call["eventID"] for call in calls}
    [alert] = [alert for alert in alerts if ids & set(alert.event_ids)]
    return alert


def test_a_chain_of_roles_from_three_networks(company: Company) -> None:
    """Cost: a network for each session. It buys nothing: the keys that each handed out lead from one to the next."""
    chain = a_chain(company, ("29.40.7.7", "29.41.7.7", "29.42.7.7"))
    verdict = company.judge([call for calls in chain for call in calls])
    source, role, last = (alert_of(verdict.raised, calls) for calls in chain)
    named = [{one.alert.alert_id for one in find_related(alert, verdict.raised)} for alert in (source, role, last)]
    assert role.alert_id in named[0]
    assert role.alert_id in named[2]
    assert {source.alert_id, last.alert_id} <= named[1]
    assert last.sessions[0].opened_by[0].access_key == "ASIACHAINED000000002"
    assert last.sessions[0].opened_by[-1].principal_name == PEOPLE[0]


def test_a_chain_of_roles_from_one_operator_is_one_break_in(company: Company) -> None:
    """Cost: none. The operator is new to everybody, so the first of them makes room for the others."""
    chain = a_chain(company, ("29.40.7.7", "29.40.8.8", "29.40.9.9"))
    verdict = company.judge([call for calls in chain for call in calls])
    alerts = [alert_of(verdict.raised, calls) for calls in chain]
    assert {alert.alert_id for alert in alerts[1:]} <= set(alerts[0].related)
