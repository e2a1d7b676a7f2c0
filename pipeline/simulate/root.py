"""Break-glass logins: somebody signs in as an account's root user, does the one thing that needs it, and leaves."""

from dataclasses import dataclass
from random import Random
from typing import Final

from pipeline.simulate.agents import agent
from pipeline.simulate.calls import call
from pipeline.simulate.identity import unique
from pipeline.simulate.people import SIGN_IN, Person, signed_in
from pipeline.simulate.resources import Resources
from pipeline.simulate.trail import DAY, Caller, Trail, clock

_CALLS: Final = (
    "iam:GetAccountSummary", "iam:ListMFADevices", "iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices",
    "health:DescribeEventAggregates", "ce:GetCostAndUsage", "support:DescribeCases", "iam:UpdateAccountPasswordPolicy",
    "s3:DeleteBucketPolicy",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """A login as root: which account, on which day, by whom."""

    account: str
    day: int
    person: Person

    @property
    def arn(self) -> str:
        """The root user's ARN."""
        return f"arn:aws:iam::{self.account}:root"


def break_glass(login: BreakGlass, choice: Random, trail: Trail, things: Resources, week: int) -> None:
    """Record a login as root and what is done."""
    at = login.day * DAY + choice.randrange(6 * 3600, 18 * 3600)
    address = login.person.address(choice, login.day)
    identity = (
        f'{{"type":"Root","principalId":"{login.account}","arn":"{login.arn}","accountId":"{login.account}",'
        f'"accessKeyId":"{unique(choice, "ASIA")}","sessionContext":{{"attributes":{{'
        f'"creationDate":"{clock(at - 30)}","mfaAuthenticated":"true"}}}}}}'
    )
    browser = agent("console", login.person.system, week)
    additional, success = signed_in()
    caller = Caller(identity, login.account, address, browser)
    trail.add(choice, at, caller, SIGN_IN, "us-east-1", "null", success, additional=additional)
    caller.extra = ',"sessionCredentialFromConsole":"true"'
    for action in choice.sample(_CALLS, choice.randint(3, 7)):
        at += 5 + int(choice.expovariate(1 / 40))
        made = call(action)
        asked, answered = things.request(choice, made, login.account, "us-east-1", choice.randrange(20))
        trail.add(choice, at, caller, made, "us-east-1", asked, answered)
