"""Spread: over principals, accounts, regions and days, so that each part is small."""

from datetime import date

from tests.evasion.attack import Record, a_call, at, from_hosting
from tests.evasion.company import Company
from tests.evasion.neighbours import PEOPLE, someone, the_deployer


def people(company: Company, number: int) -> list[Record]:
    """Records of so many people behind single sign-on, one each."""
    found: dict[str, Record] = {}
    for record in reversed(company.records):
        if "AWSReservedSSO" in record["userIdentity"].get("arn", "") and len(found) < number:
            found.setdefault(record["userIdentity"]["arn"].rpartition("/")[2], record)
    assert len(found) == number
    return list(found.values())


def test_over_ten_principals_from_one_network(company: Company) -> None:
    """Cost: ten credentials. The network that they share tells of them: nearly all are told, in two stories at most."""
    calls = [a_call(from_hosting(one), "secretsmanager:GetSecretValue", at(9 + n // 3, n % 3 * 10))
             for n, one in enumerate(people(company, 10))]  # fmt: skip
    verdict = company.judge(calls)
    assert sum(map(verdict.names, calls)) >= 6, verdict.tell()


def test_over_ten_principals_each_from_its_own_place(company: Company) -> None:
    """Cost: ten people's machines. Each does one thing: what is rare for whoever does it is told, what its peers do is
    not. So an attacker pays one credential for each call, and has to know who usually makes it.
    """
    acts = ("iam:CreateUser", "iam:CreateAccessKey", "cloudtrail:StopLogging", "s3:PutBucketPolicy",
            "ec2:ModifySnapshotAttribute", "secretsmanager:GetSecretValue", "iam:AttachUserPolicy",
            "kms:ScheduleKeyDeletion", "guardduty:DeleteDetector", "rds:ModifyDBSnapshotAttribute")  # fmt: skip
    calls = [a_call(one, act, at(9 + n // 3, n % 3 * 10))
             for n, (one, act) in enumerate(zip(people(company, 10), acts, strict=True))]  # fmt: skip
    verdict = company.judge(calls)
    assert verdict.found, verdict.tell()
    hidden = [act for act, call in zip(acts, calls, strict=True) if not verdict.names(call)]
    print(f"of ten calls by ten people from their own places {len(hidden)} stay hidden, at a person each: {hidden}")


def test_over_two_accounts(company: Company) -> None:
    """Cost: trust of the other account. It buys nothing: a role's day is one wherever it calls, and the account new."""
    other = next(record for record in company.records if record["recipientAccountId"] != company.account)
    like = the_deployer(company.account)
    there = like | {"recipientAccountId": other["recipientAccountId"]}
    calls = [a_call(one, "secretsmanager:GetSecretValue", at(10, n)) for n, one in enumerate((like, there))]
    verdict = company.judge(calls)
    assert all(map(verdict.names, calls)), verdict.tell()


def test_over_regions_that_nobody_uses(company: Company) -> None:
    """Cost: none. It buys nothing for changes. One look into one such region is told to nobody: it is a click."""
    ana = someone(company.account, PEOPLE[0])
    regions = ("ap-southeast-3", "sa-east-1", "eu-north-1", "ca-central-1", "me-south-1", "af-south-1")
    calls = [a_call(ana, "ec2:RunInstances", at(10, n), awsRegion=region) for n, region in enumerate(regions)]
    verdict = company.judge(calls)
    assert all(map(verdict.names, calls)), verdict.tell()
    look = a_call(ana, "ec2:DescribeInstances", at(10), awsRegion="me-south-1")
    assert not company.judge([look]).found
    print("one usual read in one region that nobody uses stays hidden: it shows one region, and changes nothing")


def test_over_days(company: Company) -> None:
    """Cost: five days. Each day one step of a way back, none of which its day's cut would tell alone."""
    ana = someone(company.account, PEOPLE[0])
    steps = ("iam:ListUsers", "iam:GetUser", "iam:CreateLoginProfile", "iam:CreateAccessKey", "iam:AddUserToGroup")
    calls = [a_call(ana, step, at(10, day=16 + n)) for n, step in enumerate(steps)]
    verdict = company.judge(calls)
    assert verdict.found, verdict.tell()
    assert len(verdict.showing) == 1


def test_a_drip_of_one_call_a_day(company: Company) -> None:
    """Cost: three weeks, one secret a working day, from the victim's own place: never more than one alert."""
    ana = someone(company.account, PEOPLE[0])
    days = [day for day in range(12, 25) if date(2026, 2, day).weekday() < 5]
    calls = [a_call(ana, "secretsmanager:GetSecretValue", at(10, day=day), requestParameters={"secretId": f"s{day}"})
             for day in days]  # fmt: skip
    verdict = company.judge(calls)
    assert len({alert.alert_id for alert in verdict.showing}) <= 1, "a drip is one alert, or none"
    if not verdict.found:
        print(
            "one secret a working day, from the victim's own place, stays hidden: each one after the first is as rare"
        )
        print("as what others touch for the first time; its cost is weeks, and an engineer who reads secrets already")
