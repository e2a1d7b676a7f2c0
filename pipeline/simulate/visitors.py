"""Roles that are assumed from elsewhere: pipelines from hosted runners, and vendors from accounts of their own."""

from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from pipeline.simulate.agents import agent, workload_agent
from pipeline.simulate.assume import ASSUME, role_resource
from pipeline.simulate.calls import call, services
from pipeline.simulate.follow import follow
from pipeline.simulate.identity import unique
from pipeline.simulate.machines import Machine
from pipeline.simulate.networks import Network, of
from pipeline.simulate.people import refusal
from pipeline.simulate.resources import Resources
from pipeline.simulate.trail import DAY, Caller, Trail, uuid

FEDERATE: Final = call("sts:AssumeRoleWithWebIdentity")
SWEPT: Final = (
    "ec2", "s3", "iam", "rds", "lambda", "kms", "cloudtrail", "elasticloadbalancing", "config", "guardduty", "ecr",
    "secretsmanager", "dynamodb", "sns", "sqs", "eks", "ecs", "logs", "monitoring", "route53", "acm", "cloudfront",
)  # fmt: skip
"""Services that a scanner looks through."""


@dataclass(slots=True)
class Visitor(Machine):
    """A role assumed from outside the company."""

    how: Literal["pipeline", "scanner", "backup"] = "pipeline"
    repository: str = ""
    external: str = ""
    """Account the vendor calls from, and the id of its role there."""
    hour: float = 2.0
    """Hour of UTC at which a vendor comes."""
    moved_runners: int = 1 << 40
    """Day from which a pipeline runs in other networks than before."""
    moved: tuple[int, Network] | None = None
    """Day from which a vendor calls from another network, and which."""


def visit(visitor: Visitor, day: int, choice: Random, trail: Trail, things: Resources, epoch: int) -> None:
    """Let a visitor do a day's work; as `pipeline.simulate.machines.run`."""
    if not visitor.first <= day <= visitor.last:
        return
    week = (day - epoch) // 7
    if visitor.how == "pipeline":
        weekend = (day + 3) % 7 >= 5
        mean = visitor.rate * (0.1 if weekend else 1.0) * visitor.factor.get(day, 1.0)
        for _ in range(int(choice.expovariate(1 / mean)) if mean else 0):
            at = day * DAY + int(((visitor.hour + choice.gauss(5, 2.5)) % 24) * 3600)
            _deploy(visitor, at, choice, trail, things, week)
        return
    at = day * DAY + int(visitor.hour * 3600) + choice.randrange(1200)
    if visitor.how == "scanner":
        _sweep(visitor, at, choice, trail, things, week)
    else:
        _back_up(visitor, at, choice, trail, things, week)


def enter(visitor: Visitor, at: int, choice: Random, trail: Trail, week: int) -> Caller:
    """Let a pipeline take its role with a token of its runner, and return the session's caller."""
    identity = visitor.identity
    address = of("runner")[at // DAY >= visitor.moved_runners].address(choice)
    user_agent = agent("cli", 1, week) if choice.random() < 0.5 else workload_agent("lambda-node", week)
    subject = f"repo:example/{visitor.repository}:ref:refs/heads/{choice.choice(('main', 'main', 'release'))}"
    provider = f"arn:aws:iam::{identity.account}:oidc-provider/token.actions.githubusercontent.com"
    web = (
        f'{{"type":"WebIdentityUser","principalId":"{provider}:sts.amazonaws.com:{subject}","userName":"{subject}",'
        f'"identityProvider":"{provider}"}}'
    )
    key = unique(choice, "ASIA")
    asking = Caller(
        web, identity.account, address, "aws-sdk-js/3.600.0 ua/2.0 os/linux lang/js md/nodejs#20 app/actions"
    )
    request = f'{{"roleArn":"{identity.arn}","roleSessionName":"GitHubActions","durationSeconds":3600}}'
    credentials = f'{{"accessKeyId":"{key}","sessionToken":"redacted"}}'
    response = f'{{"credentials":{credentials},"subjectFromWebIdentityToken":"{subject}"}}'
    trail.add(choice, at, asking, FEDERATE, visitor.region, request, response, resources=role_resource(identity))
    return Caller(identity.role_json("GitHubActions", key, at), identity.account, address, user_agent)


def _deploy(visitor: Visitor, at: int, choice: Random, trail: Trail, things: Resources, week: int) -> None:
    identity, caller = visitor.identity, enter(visitor, at, choice, trail, week)
    added = [made for since, made in visitor.added if at // DAY >= since]
    for made in (*visitor.calls[: choice.randint(4, len(visitor.calls))], *added):
        for _ in range(choice.choice((1, 1, 1, 2, 3))):
            at += choice.randrange(1, 20)
            number = visitor.things + choice.choice((0, 0, 0, 1, 2))
            asked, answered = things.request(choice, made, identity.account, visitor.region, number)
            trail.add(choice, at, caller, made, visitor.region, asked, answered, refusal(choice, caller, made, 0.004))
            follow(choice, at, caller, made, visitor.region, number, trail, things)


def _arrive(visitor: Visitor, at: int, choice: Random, trail: Trail, user_agent: str) -> Caller:
    """Assume the role from the vendor's account, and return the session's caller."""
    identity = visitor.identity
    account, _, vendor_role = visitor.external.partition(":")
    network = of("vendor")[visitor.how == "scanner"]
    if visitor.moved is not None and at // DAY >= visitor.moved[0]:
        network = visitor.moved[1]
    address = network.address(Random(f"{visitor.external} {choice.randrange(4)}"))
    session = f"{'posture-scan' if visitor.how == 'scanner' else 'nightly-backup'}-{choice.getrandbits(32):08x}"
    key = unique(choice, "ASIA")
    outside = f'{{"type":"AWSAccount","principalId":"{vendor_role}:worker","accountId":"{account}"}}'
    request = f'{{"roleArn":"{identity.arn}","roleSessionName":"{session}","externalId":"example-{account[:6]}"}}'
    response = f'{{"credentials":{{"accessKeyId":"{key}","sessionToken":"redacted"}}}}'
    trail.add(
        choice,
        at,
        Caller(outside, account, address, user_agent),
        ASSUME,
        "us-east-1",
        request,
        response,
        recipient=identity.account,
        shared=f'"sharedEventID":"{uuid(choice)}",',
        resources=role_resource(identity),
    )
    return Caller(identity.role_json(session, key, at), identity.account, address, user_agent)


def _sweep(visitor: Visitor, at: int, choice: Random, trail: Trail, things: Resources, week: int) -> None:
    user_agent = workload_agent("go", week)
    caller = _arrive(visitor, at, choice, trail, user_agent)
    wanted = int(visitor.rate * choice.lognormvariate(0, 0.2))
    for position in range(wanted):
        made = choice.choice(
            [made for made in services()[SWEPT[position * len(SWEPT) // wanted]] if made.read_only][:14]
        )
        region = visitor.region if choice.random() < 0.6 else choice.choice(("us-east-1", "eu-west-1", "us-west-2"))
        asked, answered = things.request(choice, made, visitor.identity.account, region, choice.randrange(60))
        at += choice.randrange(3)
        trail.add(choice, at, caller, made, region, asked, answered, refusal(choice, caller, made, 0.01))


def _back_up(visitor: Visitor, at: int, choice: Random, trail: Trail, things: Resources, week: int) -> None:
    caller = _arrive(visitor, at, choice, trail, workload_agent("java", week))
    for position in range(int(visitor.rate * choice.lognormvariate(0, 0.15))):
        made = visitor.calls[position % len(visitor.calls)]
        asked, answered = things.request(choice, made, visitor.identity.account, visitor.region, position % 30)
        at += choice.randrange(1, 30)
        trail.add(choice, at, caller, made, visitor.region, asked, answered, refusal(choice, caller, made, 0.003))
