"""At a desk: a machine's role in a person's hands is no theft, and a thief's hands are not that person's."""

from collections.abc import Sequence

from tests.evasion.attack import Record, a_call, as_role, at, from_hosting
from tests.evasion.company import Company
from tests.evasion.neighbours import PEOPLE, at_the_office, someone
from tests.evasion.test_chains import CHAINED, take

KEY = "ASIADESKDESKDESK0001"
USUAL = ("logs:GetLogEvents", "ecs:DescribeServices", "lambda:ListFunctions", "iam:ListRoles", "ecs:UpdateService",
         "lambda:UpdateFunctionConfiguration", "logs:PutRetentionPolicy")  # fmt: skip
"""What people of the company do every day, and its services' roles never."""


def find_api(company: Company) -> Record:
    """The issuer of a service's sessions."""

    def is_api(record: Record) -> bool:
        issuer = record["userIdentity"].get("sessionContext", {}).get("sessionIssuer", {})
        return record["recipientAccountId"] == company.account and "-api-" in issuer.get("userName", "")

    issuer: Record = company.find(is_api)["userIdentity"]["sessionContext"]["sessionIssuer"]
    return issuer


def use(company: Company, actions: Sequence[str], *, place: Record | None = None) -> list[Record]:
    """A person takes the role of a service and works with it, at the office or at another place."""
    api, account = find_api(company), company.account
    opened = as_role(place or at_the_office(account), api["arn"], "ana", role_id=api["principalId"], key=KEY)
    taking = take(someone(account, PEOPLE[0]), api["arn"], KEY, at(13))
    return [taking, *(a_call(opened, action, at(13, 8 + 2 * n)) for n, action in enumerate(actions))]


def test_who_takes_a_role_to_do_what_they_always_do_alerts_nobody(company: Company) -> None:
    calls = use(company, USUAL)
    assert not company.judge(calls).found, company.judge(calls).tell()


def test_the_same_by_a_session_that_nobody_here_opened(company: Company) -> None:
    """Cost: the role's own credential, at the office. The role is judged alone."""
    verdict = company.judge(use(company, USUAL)[1:])
    assert verdict.found, verdict.tell()


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
