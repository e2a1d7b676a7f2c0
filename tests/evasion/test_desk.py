"""At a desk: a machine's role in a person's hands is no theft, and a thief's hands are not that person's."""

import copy
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from tests.evasion.attack import Record, a_call, as_role, at, from_hosting
from tests.evasion.company import Company
from tests.evasion.neighbours import PEOPLE, at_the_office, someone
from tests.evasion.test_chains import CHAINED, take

KEY = "ASIADESKDESKDESK0001"
USUAL = ("logs:GetLogEvents", "ecs:DescribeServices", "lambda:ListFunctions", "iam:ListRoles", "ecs:UpdateService",
         "lambda:UpdateFunctionConfiguration", "logs:PutRetentionPolicy")  # fmt: skip
"""What people of the company do every day, and its services' roles never."""


def find_api(company: Company, *, elsewhere: bool = False) -> Record:
    """The issuer of a service's sessions, in the account in which people work or in another."""

    def is_api(record: Record) -> bool:
        issuer = record["userIdentity"].get("sessionContext", {}).get("sessionIssuer", {})
        is_there = (record["recipientAccountId"] == company.account) != elsewhere
        return is_there and "-api-" in issuer.get("userName", "")

    issuer: Record = company.find(is_api)["userIdentity"]["sessionContext"]["sessionIssuer"]
    return issuer


def use(
    company: Company, actions: Sequence[str], *, place: Record | None = None, elsewhere: bool = False, every: int = 2
) -> list[Record]:
    """A person takes the role of a service and works with it, at the office or at another place."""
    api, account = find_api(company, elsewhere=elsewhere), company.account
    opened = as_role(place or at_the_office(account), api["arn"], "ana", role_id=api["principalId"], key=KEY)
    opened["userIdentity"]["sessionContext"]["attributes"]["creationDate"] = at(13)
    taking = take(someone(account, PEOPLE[0]), api["arn"], KEY, at(13))
    return [taking, *(a_call(opened, action, at(13, every + every * n // 2)) for n, action in enumerate(actions))]


def after(minutes: int, *late: Record) -> Callable[[Record], datetime]:
    """When each is delivered: some later, by their ids."""
    ids = {record["eventID"] for record in late}

    def delivered(record: Record) -> datetime:
        wait = minutes if record["eventID"] in ids else 4
        return datetime.fromisoformat(record["eventTime"]) + timedelta(minutes=wait)

    return delivered


def test_who_takes_a_role_to_do_what_they_always_do_alerts_nobody(company: Company) -> None:
    calls = use(company, USUAL)
    assert not company.judge(calls).found, company.judge(calls).tell()


def test_the_same_by_a_session_that_nobody_here_opened(company: Company) -> None:
    """Cost: the role's own credential, at the office. The role is judged alone."""
    verdict = company.judge(use(company, USUAL)[1:])
    assert verdict.found, verdict.tell()


def test_the_record_of_taking_it_may_come_after_what_was_done_with_it(company: Company) -> None:
    calls = use(company, USUAL)
    verdict = company.judge(calls, delivered=after(14, calls[0]))
    assert not verdict.found, verdict.tell()


def test_so_may_the_one_that_says_whose_account_it_was_taken_from(company: Company) -> None:
    """The account that is called tells of whoever calls from another account by an id alone, and may tell first."""
    taking, *used = use(company, USUAL, elsewhere=True)
    identity = taking["userIdentity"]
    taking["sharedEventID"] = str(uuid.uuid4())
    told = copy.deepcopy(taking) | {
        "eventID": str(uuid.uuid4()), "recipientAccountId": used[0]["recipientAccountId"],
        "userIdentity": {"type": "AWSAccount", "principalId": identity["principalId"],
                         "accountId": identity["accountId"]},
    }  # fmt: skip
    verdict = company.judge([taking, told, *used], delivered=after(14, taking))
    assert not verdict.found, verdict.tell()


@pytest.mark.parametrize("minutes", [25, 24 * 60])
def test_an_alert_waits_a_quarter_of_an_hour_for_who_took_it_and_no_longer(company: Company, minutes: int) -> None:
    """Cost: to hold a delivery back, which a caller cannot. It buys minutes."""
    calls = use(company, USUAL)
    verdict = company.judge(calls, delivered=after(minutes, calls[0]))
    assert verdict.found, verdict.tell()
    assert min(alert.detected_at for alert in verdict.revisions if alert.raised) <= datetime.fromisoformat(at(13, 16))


def test_a_fresh_session_every_few_minutes_puts_nothing_off(company: Company) -> None:
    """Cost: a session for each call, each so young that nobody has told yet who opened it. It buys the same minutes."""
    calls = use(company, USUAL, every=8)[1:]
    for number, call in enumerate(calls):
        identity, began = call["userIdentity"], datetime.fromisoformat(call["eventTime"]) - timedelta(minutes=1)
        identity["accessKeyId"] = f"ASIAFRESH{number:011d}"
        identity["sessionContext"]["attributes"]["creationDate"] = f"{began:%Y-%m-%dT%H:%M:%SZ}"
    verdict = company.judge(calls)
    assert min(alert.detected_at for alert in verdict.revisions if alert.raised) <= datetime.fromisoformat(at(13, 40))


def test_a_critical_act_does_not_wait(company: Company) -> None:
    calls = use(company, ["cloudtrail:StopLogging"])
    verdict = company.judge(calls, delivered=after(14, calls[0]))
    assert min(alert.detected_at for alert in verdict.revisions if alert.raised) <= datetime.fromisoformat(at(13, 8))


def test_a_thief_who_takes_a_role_from_the_desk_of_a_victim(company: Company) -> None:
    """Cost: the victim's machine, with its session and tool. What neither the role nor the victim ever does is left."""
    _, *stolen = calls = use(company, CHAINED)
    verdict = company.judge(calls)
    assert any(verdict.names(call) for call in stolen), verdict.tell()


def test_a_thief_who_takes_the_session_from_the_desk(company: Company) -> None:
    """Cost: the key of a session that a person opened. It is used where neither the person nor the role ever was."""
    place = from_hosting(at_the_office(company.account))
    verdict = company.judge(use(company, USUAL, place=place))
    assert verdict.found, verdict.tell()
