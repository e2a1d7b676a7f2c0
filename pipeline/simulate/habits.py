"""What a principal likes to call: a few services much, the rest rarely, never quite the same as its peers.

Preferences fall by rank as a power law, so there is always a call, a thing or a service not touched before, ever rarer.
"""

from bisect import bisect
from itertools import accumulate
from random import Random
from typing import Final

from pipeline.simulate.calls import Call, services

TEAMS: Final[dict[str, tuple[str, ...]]] = {
    "backend": ("lambda", "logs", "monitoring", "dynamodb", "sqs", "apigateway", "s3", "cloudformation", "ecs",
                "ecr", "secretsmanager", "sns", "events", "states", "ssm", "iam", "rds", "kms", "xray", "elasticache"),
    "web": ("cloudfront", "s3", "logs", "ecs", "elasticloadbalancing", "acm", "route53", "wafv2", "monitoring",
            "cognito-idp", "amplify", "lambda", "codepipeline", "codebuild", "ecr", "ssm"),
    "platform": ("ec2", "eks", "iam", "autoscaling", "elasticloadbalancing", "cloudformation", "ssm", "route53", "ecs",
                 "rds", "kms", "logs", "monitoring", "s3", "backup", "acm", "servicequotas", "organizations",
                 "cloudtrail", "secretsmanager", "support"),
    "data": ("s3", "glue", "athena", "redshift-data", "redshift", "elasticmapreduce", "lakeformation", "kinesis",
             "sagemaker", "logs", "quicksight", "dms", "iam", "secretsmanager", "states", "kms", "airflow", "firehose"),
    "science": ("sagemaker", "bedrock", "s3", "athena", "ecr", "logs", "glue", "ec2", "servicequotas", "comprehend"),
    "security": ("guardduty", "securityhub", "cloudtrail", "iam", "config", "access-analyzer", "inspector2", "kms",
                 "ec2", "s3", "organizations", "sso", "identitystore", "macie2", "detective", "wafv2"),
    "database": ("rds", "dynamodb", "monitoring", "logs", "elasticache", "backup", "dms", "kms", "secretsmanager",
                 "ec2", "s3", "ssm"),
    "finance": ("ce", "budgets", "cur", "savingsplans", "billing", "invoicing", "organizations",
                "cost-optimization-hub", "compute-optimizer", "s3", "athena", "quicksight", "payments", "tax"),
    "support": ("logs", "dynamodb", "monitoring", "ses", "cognito-idp", "s3", "support", "health", "sqs", "lambda"),
}  # fmt: skip
"""Team to its services, the ones it uses most first."""
EXTRA: Final = ("kms", "sts", "logs", "iam", "s3", "monitoring", "tagging", "resource-explorer-2")
"""Services that calls of other services bring along."""
ROUTINES: Final = 18
"""Things that somebody does again and again, the first most often."""
CHANGES: Final = {"platform": 1.0, "security": 0.5, "database": 0.7, "backend": 0.7, "web": 0.6, "data": 0.8}
"""How readily a team changes things; others less."""


class Habits:
    """What a principal likes, by its team and its own taste.

    Parameters
    ----------
    seed
        What makes its taste its own.
    team
        A key of `TEAMS`.
    spread
        How far its taste is from the team's; 0 is the same.
    explore
        Share of calls to services that are none of the team's.
    """

    def __init__(self, seed: str, team: str, *, spread: float = 0.9, explore: float = 0.02) -> None:
        self.seed = seed
        self.spread = spread
        self.changes = CHANGES.get(team, 0.3)
        choice = Random(f"{seed} services")
        mine = TEAMS[team]
        weights = {service: (rank + 1) ** -1.25 for rank, service in enumerate(mine)}
        others = [service for service in services() if service not in weights]
        rest = [(rank + 4) ** -1.2 for rank in range(len(others))]
        scale = explore * sum(weights.values()) / sum(rest)
        weights |= {service: weight * scale for service, weight in zip(others, rest, strict=True)}
        self.services = tuple(weights)
        taste = [weight * choice.lognormvariate(0, spread) for weight in weights.values()]
        self._services = tuple(accumulate(taste))
        self._calls: dict[str, tuple[tuple[Call, ...], tuple[float, ...]]] = {}
        self._routines: dict[int, tuple[Call, ...]] = {}
        self.offset = choice.randrange(6)

    def service(self, choice: Random) -> str:
        """Draw a service."""
        return self.services[min(bisect(self._services, choice.random() * self._services[-1]), len(self.services) - 1)]

    def call(self, choice: Random, service: str) -> Call:
        """Draw a call of a service."""
        known = self._calls.get(service)
        if known is None:
            known = self._calls[service] = self._taste(service)
        calls, sums = known
        return calls[min(bisect(sums, choice.random() * sums[-1]), len(calls) - 1)]

    def _taste(self, service: str) -> tuple[tuple[Call, ...], tuple[float, ...]]:
        taste = Random(f"{self.seed} {service}")
        calls = tuple(call for call in services()[service] if call.name not in RESERVED)
        weights = (
            call.weight * taste.lognormvariate(0, self.spread) * (1 if call.read_only else self.changes)
            for call in calls
        )
        return calls, tuple(accumulate(weights))

    def routine(self, choice: Random) -> tuple[Call, ...]:
        """Draw something that is done again and again: calls in order, each as often as usual."""
        number = min(int((1 - choice.random()) ** -0.9) - 1, ROUTINES - 1)
        known = self._routines.get(number)
        if known is None:
            taste = Random(f"{self.seed} routine {number}")
            service = self.service(taste)
            calls = [self.call(taste, service) for _ in range(1 + int(taste.expovariate(1 / 5)))]
            if taste.random() < 0.5:
                calls.insert(taste.randrange(len(calls) + 1), self.call(taste, taste.choice(EXTRA)))
            known = self._routines[number] = tuple(calls)
        return known

    def thing(self, choice: Random, least: int = 0) -> int:
        """Draw the number of a thing: its own few, and ever rarer ones."""
        number = int((1 - choice.random()) ** -0.8) - 1
        return least + self.offset + min(number, 400)


RESERVED: Final = frozenset({"AssumeRole", "GetSessionToken", "CreateAccount", "LeaveOrganization"})
"""Calls that are made with more about them than chance."""
