"""Waves: an office, a provider, a pipeline moves or makes much at once, and whoever acts at the same hour.

What is alike and harmless is one story at most; an act in its midst is told as on any other day.
"""

import copy
from collections.abc import Iterator

import pytest

from pipeline.stores.alert import Alert
from tests.evasion.attack import Record, a_call, as_role, at
from tests.evasion.company import TODAY, Company, Verdict
from tests.evasion.neighbours import at_the_office, by_service, the_deployer

ACT = ("iam:CreateUser", "iam:CreateAccessKey", "iam:AttachUserPolicy")
OFFICES = ("26.",)
RUNNERS = tuple(f"30.{number}." for number in range(64, 72))


def moved(company: Company, before: tuple[str, ...], now: str, agent: str = "") -> list[Record]:
    """The day's records of networks, from another block, and maybe with another tool."""

    def move(record: Record) -> Record | None:
        address = record["sourceIPAddress"]
        if not address.startswith(before):
            return None
        *_, third, fourth = address.split(".")
        changed = record | {"sourceIPAddress": f"{now}.{third}.{fourth}"}
        return changed | {"userAgent": agent} if agent else changed

    return company.change(move)


def judge_moved(company: Company, wave: list[Record], act: list[Record]) -> Verdict:
    return company.judge([*wave, *act], instead=[record["eventID"] for record in wave])


def count_stories(alerts: list[Alert]) -> int:
    """Stories that alerts are told in: those of one name each other."""
    stories: list[set[str]] = []
    for alert in alerts:
        ids = {alert.alert_id, *alert.related}
        stories = [story for story in stories if not story & ids] + [
            ids.union(*(story for story in stories if story & ids))
        ]
    return len(stories)


WAVES = {
    "office": (OFFICES, "28.3", ""),
    "runners": (RUNNERS, "29.40", "provider-runner/5.1 (linux; x64)"),
    "vendors": (("30.112.", "30.113."), "29.41", ""),
}


@pytest.mark.parametrize("name", WAVES)
def test_what_moves_together_is_one_story(company: Company, name: str) -> None:
    wave = moved(company, *WAVES[name])
    verdict = judge_moved(company, wave, [])
    assert len({record["userIdentity"].get("principalId") for record in wave}) > 3
    new = [alert for alert in verdict.showing
           if any(reason.dimension in ("asn", "country", "agent") for reason in alert.reasons[:3])]  # fmt: skip
    assert len(new) <= 3, [(alert.principal_key, alert.reasons[0]) for alert in new]
    assert count_stories(new) <= 1


@pytest.mark.parametrize("name", WAVES)
def test_an_attack_at_the_hour_of_a_move(company: Company, name: str) -> None:
    """Cost: to know of the move, and to come from where everybody now comes from. It buys nothing for what is done."""
    wave = moved(company, *WAVES[name])
    ours = [record for record in wave if "sessionContext" in record["userIdentity"]]
    act = [a_call(ours[-1], action, at(16, 30 + number)) for number, action in enumerate(ACT)]
    verdict = judge_moved(company, wave, act)
    assert all(map(verdict.names, act)), verdict.tell()


def preview(account: str, number: int, hour: int, day: int) -> Iterator[Record]:
    """A pipeline makes an environment for a branch: a stack, two roles, and what they do first."""
    deployer, name = the_deployer(account), f"preview-pr-{number}"
    through = by_service(deployer, "cloudformation.amazonaws.com")
    yield a_call(deployer, "cloudformation:CreateStack", at(hour, 0, day), requestParameters={"stackName": name})
    for part in ("api", "worker"):
        role, role_id = f"{name}-{part}-role", f"AROA{part.upper():P<12}{number:05d}"
        arn = f"arn:aws:iam::{account}:role/{role}"
        made = {"role": {"roleName": role, "roleId": role_id, "arn": arn}}
        yield a_call(through, "iam:CreateRole", at(hour, 1, day), requestParameters={"roleName": role},
                     responseElements=made)  # fmt: skip
        yield a_call(through, "lambda:CreateFunction20150331", at(hour, 2, day), requestParameters={
            "functionName": f"{name}-{part}", "role": arn})  # fmt: skip
        for second, action in enumerate(("ssm:GetParameter", "s3:ListBuckets", "logs:CreateLogStream")):
            yield a_call(in_preview(account, arn, role_id, number), action, at(hour, 3, day, second))


def in_preview(account: str, arn: str, role_id: str, number: int) -> Record:
    like = copy.deepcopy(at_the_office(account)) | {
        "sourceIPAddress": "30.4.7.9",
        "userAgent": "aws-sdk-nodejs/2.1500.0 linux/v18 exec-env/AWS_Lambda_nodejs18.x",
    }
    return as_role(like, arn, "s", role_id=role_id, key=f"ASIA{number:016d}")


def test_previews_are_one_story_on_their_first_day_and_none_later(company: Company) -> None:
    """Whoever acts as one of them is told, new as it is."""
    account = company.account
    calls = [call for day in (16, 17, 18, 19) for hour in (9, 11, 14)
             for call in preview(account, 100 * day + hour, hour, day)]  # fmt: skip
    branch = f"arn:aws:iam::{account}:role/preview-pr-1914-api-role"
    like = in_preview(account, branch, f"AROA{'API':P<12}01914", 1914)
    act = [a_call(like, action, at(14, 10 + number)) for number, action in enumerate(ACT)]
    verdict = company.judge([*calls, *act])
    first = [alert for alert in verdict.showing if alert.day < TODAY]
    assert {alert.day.day for alert in first} == {16}
    assert count_stories(first) == 1
    today = [alert for alert in verdict.showing if alert.day == TODAY]
    assert [alert.principal_key.rpartition("/")[2] for alert in today] == [f"AROA{'API':P<12}01914"]
    assert all(map(verdict.names, act)), verdict.tell()
