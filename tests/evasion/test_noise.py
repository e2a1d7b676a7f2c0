"""Noise: alerts to use up the budget, usual calls and denied ones to drown in, a change of many to hide in."""

from tests.evasion.attack import a_call, at, from_hosting
from tests.evasion.company import BUDGET, Company
from tests.evasion.neighbours import PEOPLE, someone
from tests.evasion.test_spread import people

ACT = ("iam:CreateUser", "iam:CreateAccessKey", "iam:AttachUserPolicy")


def test_decoys_up_to_the_budget(company: Company) -> None:
    """Cost: nine credentials, burnt in the morning on what is loud. The strongest of a day have room of their own, and
    a decoy that is stronger than the attack is an alert about the same thief.
    """
    ann, *others = people(company, 10)
    decoys = [
        a_call(from_hosting(one, f"29.{41 + n}.7.7"), action, at(1 + n // 3, n % 3 * 10))
        for n, one in enumerate(others)
        for action in ("sts:GetCallerIdentity", "iam:ListUsers", "kms:ScheduleKeyDeletion")
    ]
    act = [a_call(ann, action, at(14, n)) for n, action in enumerate(ACT)]
    verdict = company.judge([*decoys, *act])
    assert sum(map(verdict.names, decoys)) > BUDGET
    assert all(map(verdict.names, act)), verdict.tell()


def test_padding_with_usual_calls(company: Company) -> None:
    """Cost: none. It buys nothing, for evidence is never divided by what is usual."""
    ana = someone(company.account, PEOPLE[0])
    act = [a_call(ana, action, at(14, n)) for n, action in enumerate(ACT)]
    padding = [a_call(ana, "ec2:DescribeInstances", at(9 + n // 60, n % 60)) for n in range(300)]
    padded, bare = company.judge([*padding, *act]), company.judge(act)
    assert all(map(padded.names, act)), padded.tell()
    assert padded.showing[0].record_score >= bare.showing[0].record_score - 0.01


def test_a_storm_of_denied_calls(company: Company) -> None:
    """Cost: none. It buys less than nothing: the storm is evidence too, and what succeeded leads the alert."""
    ana = someone(company.account, PEOPLE[0])
    names = [f"{service}:{verb}{what}" for service in ("ec2", "s3", "rds", "ecs", "lambda", "iam")
             for verb in ("List", "Describe", "Get") for what in ("Things", "Users", "Keys", "Policies")]  # fmt: skip
    storm = [a_call(ana, name, at(13, n % 60), errorCode="AccessDenied") for n, name in enumerate(names)]
    act = [a_call(ana, action, at(14, n)) for n, action in enumerate(ACT)]
    verdict = company.judge([*storm, *act])
    assert all(map(verdict.names, act)), verdict.tell()
    assert verdict.showing[0].reasons[0].value in ACT


def test_a_release_at_the_same_hour(company: Company) -> None:
    """Cost: to know of the release. Its calls are a change of many; what nobody else of it calls is not."""
    team = people(company, 8)
    release = [a_call(one, action, at(14, n)) for n, one in enumerate(team)
               for action in ("apprunner:CreateService", "apprunner:UpdateService")]  # fmt: skip
    act = [a_call(team[3], action, at(14, 30 + n)) for n, action in enumerate(ACT)]
    verdict = company.judge([*release, *act])
    assert verdict.names(act[0]), verdict.tell()


def test_everybody_does_it(company: Company) -> None:
    """Cost: eight people's machines, and a change that their peers make now and then. It is then below the cut for
    each, and held, not told: eight credentials for eight keys.
    """
    keys = [a_call(one, "iam:CreateAccessKey", at(14, n)) for n, one in enumerate(people(company, 8))]
    verdict = company.judge(keys)
    hidden = sum(not verdict.names(key) for key in keys)
    print(f"of eight keys that eight people make from their own places {hidden} stay hidden, at a person each")
    odd = {alert.principal_key for alert in verdict.revisions
           if any(reason.value == "iam:CreateAccessKey" for reason in alert.reasons)}  # fmt: skip
    assert len(odd) >= 4, "the change of many leaves no trace"
