"""Chains: a stolen session opens another one, and that a third, or makes a key for somebody else.

However many networks, accounts and names that takes, it is one break-in, which uses the budget once: the credential of
each was handed out to the one before it. What is odd beside it, by other credentials of the same roles, is not.
"""

from collections.abc import Iterator, Sequence

import pytest

from pipeline.alerts.related import find_related
from pipeline.stores.alert import Alert
from tests.evasion.attack import Record, a_call, as_role, as_user, at, from_hosting
from tests.evasion.company import Company, Verdict
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


def taken_every_day(company: Company, arns: Sequence[str]) -> Iterator[Record]:
    """Roles are taken by many, so that to take one tells of nobody."""
    for day in (17, 18, 19):
        for number, name in enumerate(PEOPLE[1:]):
            for place, arn in enumerate(arns):
                like = someone(company.account, name)
                yield take(like, arn, f"ASIAUSUAL{day}{number}{place:08d}", at(9, 10 * number, day=day))


def are_one(verdict: Verdict, *parts: Sequence[Record]) -> bool:
    """Whether the alert of the first part names those of the others, and each of them the first."""
    first, *others = (alert_of(verdict.raised, calls) for calls in parts)
    return all(one.alert_id in first.related and first.alert_id in one.related for one in others)


NETWORKS = ("29.40.7.7", "29.41.7.7", "29.42.7.7")


def test_a_chain_of_roles_from_three_networks(company: Company) -> None:
    """Cost: a network for each session. It buys nothing: the keys that each handed out lead from one to the next, also
    where everybody takes these roles.
    """
    chain = a_chain(company, NETWORKS)
    roles = [calls[-1]["requestParameters"]["roleArn"] for calls in chain[:2]]
    usual = list(taken_every_day(company, roles))
    verdict = company.judge([*usual, *(call for calls in chain for call in calls)])
    assert are_one(verdict, *chain), verdict.tell()
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


def test_a_chain_with_a_link_that_does_nothing(company: Company) -> None:
    """Cost: a role between that only opens the next session. It buys nothing: openers are followed three back."""
    chain = a_chain(company, NETWORKS)
    roles = [calls[-1]["requestParameters"]["roleArn"] for calls in chain[:2]]
    first, passing, last = chain[0], at_home(company, chain[1][-1]), chain[2]
    verdict = company.judge([*taken_every_day(company, roles), *first, passing, *last])
    assert not verdict.names(passing), verdict.tell()
    assert are_one(verdict, first, last), verdict.tell()


def at_home(company: Company, call: Record) -> Record:
    """The same call from the office."""
    return call | {name: at_the_office(company.account)[name] for name in ("sourceIPAddress", "userAgent")}


def test_a_key_that_is_made_for_another_user(company: Company) -> None:
    """Cost: a network more, and a user that many administer. It buys nothing: whose key it was, the call that made it
    says.
    """
    account = company.account
    usual = [
        a_call(someone(account, name), "iam:GetUser", at(9, number, day=day),
               requestParameters={"userName": "portal-broker"})
        for day in (17, 18) for number, name in enumerate(PEOPLE)
    ]  # fmt: skip
    ana, key = from_hosting(someone(account, PEOPLE[0]), NETWORKS[0]), "AKIAMADEFORBROKER001"
    broker = as_user(at_the_office(account), "portal-broker", user_id="AIDAPORTALBROKER00001", key=key)
    making = [
        a_call(ana, "iam:CreateAccessKey", at(13), requestParameters={"userName": "portal-broker"},
               responseElements={"accessKey": {"userName": "portal-broker", "accessKeyId": key, "status": "Active"}}),
    ]  # fmt: skip
    using = [a_call(from_hosting(broker, NETWORKS[1]), action, at(14, n)) for n, action in enumerate(CHAINED)]
    verdict = company.judge([*usual, *making, *using])
    assert are_one(verdict, making, using), verdict.tell()


@pytest.mark.parametrize("seen", ["both", "theirs"])
def test_a_role_of_another_account(company: Company, seen: str) -> None:
    """Cost: trust of the other account. It buys nothing: its record of the opening is the same call as ours. Where only
    theirs is there, for the account is not watched, it says who came.
    """
    other = next(r["recipientAccountId"] for r in company.records if r["recipientAccountId"] != company.account)
    ana = from_hosting(someone(company.account, PEOPLE[0]), NETWORKS[0])
    arn, key = f"arn:aws:iam::{other}:role/spoke", "ASIASPOKE00000000001"
    spoke = as_role(at_the_office(other), arn, "s", role_id="AROASPOKE000000000001", key=key)
    usual = [
        a_call(as_role(at_the_office(other), arn, "s", role_id="AROASPOKE000000000001", key=f"ASIAUSUAL{day:011d}"),
               "ec2:DescribeInstances", at(hour, day=day))
        for day in (16, 17, 18) for hour in range(9, 14)
    ]  # fmt: skip
    ours = take(ana, arn, key, at(13, 30)) | {"sharedEventID": "5ba1e000-0000-4000-8000-000000000001"}
    theirs = a_call(ours, "sts:AssumeRole", at(13, 30), **{
        name: ours[name] for name in ("requestParameters", "responseElements", "sharedEventID")
    }) | {"recipientAccountId": other, "eventID": "00000000-0000-4000-8000-00000000000a", "userIdentity": {
        "type": "AWSAccount", "principalId": ana["userIdentity"]["principalId"], "accountId": company.account,
    }}  # fmt: skip
    before = [a_call(ana, action, at(13, minute)) for minute, action in enumerate(CHAINED)]
    after = [a_call(from_hosting(spoke, NETWORKS[1]), action, at(14, n)) for n, action in enumerate(CHAINED)]
    others = [call for call in taken_every_day(company, [arn]) if seen == "both"]
    records = [*usual, *others, *after, theirs, *([*before, ours] if seen == "both" else [])]
    verdict = company.judge(records)
    opener = alert_of(verdict.raised, after).sessions[0].opened_by[0]
    if seen == "both":
        assert are_one(verdict, before, after), verdict.tell()
        assert (opener.principal_name, opener.access_key) == (PEOPLE[0], ana["userIdentity"]["accessKeyId"])
    else:
        assert company.account in opener.principal_name
        assert opener.access_key == ""


@pytest.mark.parametrize("stolen", ["the hub's other session", "the hub's session"])
def test_a_hub_that_opens_sessions_all_day(company: Company, stolen: str) -> None:
    """What is odd in a spoke belongs to what is odd in the hub only where the hub's odd session opened the spoke's."""
    account = company.account
    hub_arn, spoke_arn = (f"arn:aws:iam::{account}:role/{name}" for name in ("hub", "spoke"))

    def hub(key: str) -> Record:
        return as_role(at_the_office(account), hub_arn, "h", role_id="AROAHUB00000000000001", key=key)

    def spoke(key: str) -> Record:
        return as_role(at_the_office(account), spoke_arn, "s", role_id="AROASPOKE000000000001", key=key)

    usual = []
    for day in range(16, 20):
        for hour in range(8, 13):
            at_hub, in_spoke = f"ASIAHUB{day}{hour:010d}"[:20], f"ASIASPOKE{day}{hour:09d}"[:20]
            usual += [
                take(hub(at_hub), spoke_arn, in_spoke, at(hour, 1, day=day)),
                a_call(spoke(in_spoke), "ec2:DescribeInstances", at(hour, 2, day=day)),
            ]
    by_opener = [a_call(from_hosting(spoke(in_spoke), NETWORKS[0]), action, at(14, n))
                 for n, action in enumerate(CHAINED)]  # fmt: skip
    thief = hub(at_hub if stolen == "the hub's session" else "ASIAHUBSTOLEN0000001")
    at_the_hub = [a_call(from_hosting(thief, NETWORKS[1]), action, at(15, n)) for n, action in enumerate(CHAINED)]
    verdict = company.judge([*usual, *by_opener, *at_the_hub])
    assert all(verdict.names(calls[-1]) for calls in (by_opener, at_the_hub)), verdict.tell()
    assert are_one(verdict, at_the_hub, by_opener) is (stolen == "the hub's session")
