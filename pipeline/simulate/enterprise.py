"""An enterprise of 31 accounts made from templates: the same roles in every account, people through one portal.

Written from how landing zones are described in public: a management account, accounts for security, the log archive,
the network and the pipelines, and a row of workload accounts that a template fills with the same roles. Pipelines,
the security team's tools and the inventory take a role of the template in every account.
"""

from random import Random
from typing import Final

from pipeline.simulate.calls import call
from pipeline.simulate.identity import Identity, role, unique
from pipeline.simulate.machines import FAMILIES, Machine, family_calls
from pipeline.simulate.networks import LIVED, cloud
from pipeline.simulate.population import HOME_REGION, Population, Shape, make_people
from pipeline.simulate.scheduled import Hub, Job, steps
from pipeline.simulate.visitors import Visitor

CENTRAL: Final = ("management", "security", "log-archive", "network", "pipelines")
"""Accounts that serve the others; the rest hold workloads."""
FORM: Final = Shape(31, 4, 0.28, single_sign_on=True, tasks=4.5, calls=22.0, span=420)
TEAMS: Final = (("backend", 34), ("web", 14), ("platform", 18), ("security", 9), ("database", 6), ("data", 8),
                ("finance", 5), ("support", 6))  # fmt: skip

WORKLOADS: Final = {"api": 4, "worker": 3, "node": 2, "mailer": 1, "etl": 1}
"""Families of the roles that the template gives a workload account, and how many of each at most."""
BASELINE: Final[dict[str, tuple[int, str]]] = {
    "landing-zone-config": (
        4,
        "config:DescribeConfigurationRecorders config:DescribeDeliveryChannels ec2:DescribeVpcs iam:ListRoles "
        "s3:ListBuckets config:PutEvaluations*2",
    ),
    "landing-zone-backup": (
        1,
        "ec2:DescribeVolumes ec2:CreateSnapshot*2 ec2:CreateTags*2 rds:DescribeDBSnapshots backup:ListBackupJobs",
    ),
    "landing-zone-patching": (
        1,
        "ssm:DescribeInstanceInformation ssm:DescribePatchBaselines ssm:SendCommand ssm:GetCommandInvocation*3",
    ),
    "landing-zone-log-shipper": (
        6,
        "logs:DescribeLogGroups logs:DescribeSubscriptionFilters kms:GenerateDataKey s3:PutObject*3/3",
    ),
}
"""Roles of the template in every account: runs a day and steps."""
HUBS: Final[dict[str, tuple[str, str, int, float, str, tuple[int, int]]]] = {
    "pipelines": (
        "pipelines",
        "landing-zone-deploy",
        10,
        0.18,
        "cloudformation:DescribeStacks cloudformation:CreateChangeSet cloudformation:DescribeChangeSet "
        "cloudformation:ExecuteChangeSet cloudformation:DescribeStackEvents lambda:UpdateFunctionCode20150331v2 "
        "ecs:UpdateService iam:PassRole iam:PutRolePolicy",
        (4, 9),
    ),
    "security-audit": (
        "security",
        "landing-zone-audit",
        4,
        1.0,
        "iam:ListUsers iam:ListRoles securityhub:GetFindings guardduty:ListDetectors config:DescribeConfigRules "
        "ec2:DescribeSecurityGroups s3:ListBuckets kms:ListKeys access-analyzer:ListFindings",
        (4, 8),
    ),
    "network-manager": (
        "network",
        "landing-zone-network",
        2,
        1.0,
        "ec2:DescribeVpcs ec2:DescribeSubnets ec2:DescribeTransitGatewayAttachments ec2:DescribeRouteTables "
        "route53resolver:ListResolverRuleAssociations ram:GetResourceShares",
        (3, 6),
    ),
    "inventory": (
        "management",
        "landing-zone-inventory",
        1,
        1.0,
        "organizations:DescribeAccount tagging:GetResources ec2:DescribeInstances rds:DescribeDBInstances "
        "lambda:ListFunctions20150331 ce:GetCostAndUsage",
        (4, 6),
    ),
}
"""Central roles: their account, the template's role they take, rounds a day, share of accounts, calls, and how many."""


def populate_enterprise(seed: int, principals: int) -> Population:
    """Return an enterprise of about so many principals."""
    choice = Random(f"enterprise {seed} {principals}")
    accounts = [f"{choice.randrange(100_000_000_000, 999_999_999_999)}" for _ in range(FORM.accounts)]
    named = dict(zip(CENTRAL, accounts, strict=False))
    countries = [choice.choice(LIVED[:5]), *choice.sample(LIVED[5:], 3)]
    regions = list(dict.fromkeys([HOME_REGION[countries[0]], HOME_REGION[countries[1]], "us-east-1", "eu-west-1"]))
    number = round(principals * FORM.people)
    people = make_people(seed, number, choice, FORM, accounts, countries, regions, TEAMS, wide=True)
    hops = {account: role(choice, account, "landing-zone-operations") for account in accounts}
    for person in people:
        if person.team in ("platform", "security") and choice.random() < 0.6:
            others = [account for account in accounts if account != person.identity.account]
            person.hops = [hops[account] for account in choice.sample(others, 6)]
    machines = [
        *(_hub(name, choice, accounts, named, regions[0]) for name in HUBS),
        *(_scanner(choice, account, regions[0]) for account in accounts),
        *(_baseline(name, choice, account, regions[0]) for account in accounts for name in BASELINE),
    ]
    rest = principals - number - len(machines)
    machines += [_workload(index, choice, accounts, regions) for index in range(max(rest, 0))]
    return Population(accounts, people, machines, hops, countries, regions)


def _hub(name: str, choice: Random, accounts: list[str], named: dict[str, str], region: str) -> Hub:
    home, template, rounds, share, text, each = HUBS[name]
    account = named[home]
    targets: list[Identity] = [role(choice, other, template) for other in accounts if other != account]
    work = [call(action) for action in text.split()]
    begins = choice.uniform(0, 24 / rounds)
    return Hub(
        identity=role(choice, account, f"{name}-runner"),
        family=f"central {name}",
        runtime="lambda-python" if name != "pipelines" else "ecs",
        calls=[call("sts:AssumeRole"), *work],
        weights=[],
        region=region,
        addresses=[cloud(region).address(choice) for _ in range(2)],
        rate=float(rounds * len(targets) * share),
        things=choice.randrange(40),
        hours=[begins + turn * 24 / rounds for turn in range(rounds)],
        targets=targets,
        share=share,
        work=work,
        each=each,
    )


def _scanner(choice: Random, account: str, region: str) -> Visitor:
    return Visitor(
        identity=role(choice, account, "landing-zone-posture"),
        family="scanner",
        runtime="go",
        calls=[],
        weights=[],
        region=region,
        addresses=(),
        rate=40.0,
        things=choice.randrange(60),
        how="scanner",
        external=f"{Random(f'scanner {region}').randrange(10**11, 10**12)}:{unique(Random(region), 'AROA')}",
        hour=3.0,
    )


def _baseline(name: str, choice: Random, account: str, region: str) -> Job:
    runs, text = BASELINE[name]
    work = steps(text)
    begins = {"landing-zone-backup": 1.0, "landing-zone-patching": 4.0}.get(name, 0.5) + choice.uniform(0, 0.6)
    return Job(
        identity=role(choice, account, name),
        family=name,
        runtime="lambda-python",
        calls=[step.made for step in work],
        weights=[float(step.times) for step in work],
        region=region,
        addresses=(),
        rate=float(runs * sum(step.times for step in work)),
        things=choice.randrange(120),
        hours=[begins + run * 24 / runs for run in range(runs)],
        steps=work,
    )


def _workload(index: int, choice: Random, accounts: list[str], regions: list[str]) -> Machine:
    """A role of a workload: the same families with the same names in every workload account."""
    workloads = accounts[len(CENTRAL) :]
    account = workloads[index % len(workloads)]
    kinds = [f"{family}-{number + 1}" for family, most in WORKLOADS.items() for number in range(most)]
    kind = kinds[(index // len(workloads)) % len(kinds)]
    family = kind.partition("-")[0]
    runtime = FAMILIES[family][0]
    region = regions[workloads.index(account) % 2]
    calls = family_calls(family)
    place = Random(f"{account} {region}")
    gateways = [cloud(region).address(place) for _ in range(3)]
    endpoint = f"vpce-0{place.getrandbits(64):016x}"
    fixed = not runtime.startswith("lambda")
    return Machine(
        identity=role(choice, account, f"app-{kind}"),
        family=family,
        runtime=runtime,
        calls=calls,
        weights=[(rank + 1) ** -1.1 * choice.lognormvariate(0, 0.2) for rank in range(len(calls))],
        region=region,
        addresses=gateways if fixed else (),
        every=choice.choice((900, 1800)),
        rate=FORM.calls * choice.lognormvariate(0, 0.6),
        things=choice.randrange(120),
        steady=choice.choice((0.2, 0.5, 0.9)),
        endpoint=endpoint if fixed and index % 5 == 0 else "",
        hosts=1 if not fixed else choice.choice((1, 2, 3)),
    )
