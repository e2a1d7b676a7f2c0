"""Machines: roles of functions, containers, instances and pipelines, each family with the same few calls.

Every family is stamped out for product after product: the same calls on other things, at other rates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from pipeline.simulate.agents import workload_agent
from pipeline.simulate.assume import ASSUME, role_resource
from pipeline.simulate.calls import Call, call, services
from pipeline.simulate.follow import FOLLOWS, follow
from pipeline.simulate.identity import Identity, service_json, unique
from pipeline.simulate.networks import Network, cloud
from pipeline.simulate.people import THROTTLED, refusal, refused
from pipeline.simulate.resources import Resources
from pipeline.simulate.trail import DAY, Caller, Trail, uuid

FAMILIES: Final[dict[str, tuple[str, str]]] = {
    "api": (
        "lambda-python",
        "secretsmanager:GetSecretValue ssm:GetParameter kms:Decrypt sqs:GetQueueUrl dynamodb:DescribeTable "
        "sns:GetTopicAttributes ssm:GetParametersByPath",
    ),
    "worker": (
        "ecs",
        "kms:Decrypt secretsmanager:GetSecretValue sqs:GetQueueAttributes sqs:GetQueueUrl s3:GetBucketLocation "
        "ssm:GetParameters kms:GenerateDataKey logs:DescribeLogStreams",
    ),
    "node": (
        "ec2",
        "ssm:UpdateInstanceInformation ec2:DescribeTags ec2:DescribeInstances ecr:GetAuthorizationToken "
        "ecr:BatchGetImage ecr:GetDownloadUrlForLayer autoscaling:DescribeAutoScalingInstances ssm:PutInventory "
        "logs:CreateLogStream ec2:DescribeInstanceStatus",
    ),
    "etl": (
        "ecs",
        "glue:GetTable glue:GetPartitions athena:StartQueryExecution athena:GetQueryExecution athena:GetQueryResults "
        "s3:GetBucketLocation kms:GenerateDataKey glue:BatchCreatePartition glue:GetDatabase "
        "secretsmanager:GetSecretValue",
    ),
    "deploy": (
        "lambda-node",
        "lambda:UpdateFunctionCode20150331v2 lambda:GetFunction20150331v2 cloudformation:DescribeStacks "
        "lambda:PublishVersion20150331 cloudformation:DescribeStackEvents ecs:DescribeServices",
    ),
    "autoscaler": (
        "go",
        "autoscaling:DescribeAutoScalingGroups ec2:DescribeInstances ec2:DescribeLaunchTemplateVersions "
        "autoscaling:SetDesiredCapacity ec2:DescribeInstanceTypes elasticloadbalancing:DescribeTargetHealth "
        "elasticloadbalancing:RegisterTargets elasticloadbalancing:DeregisterTargets ec2:DescribeSubnets",
    ),
    "monitor": (
        "java",
        "monitoring:DescribeAlarms monitoring:GetMetricData ec2:DescribeInstances rds:DescribeDBInstances "
        "elasticloadbalancing:DescribeLoadBalancers lambda:ListFunctions20150331 tagging:GetResources "
        "monitoring:ListMetrics sqs:ListQueues dynamodb:ListTables",
    ),
    "backup": (
        "lambda-python",
        "ec2:DescribeVolumes ec2:CreateSnapshot ec2:DescribeSnapshots ec2:DeleteSnapshot ec2:CreateTags "
        "rds:CreateDBSnapshot rds:DescribeDBSnapshots backup:ListBackupJobs",
    ),
    "mailer": ("ecs", "ses:GetSendQuota ses:GetAccount secretsmanager:GetSecretValue sqs:GetQueueUrl kms:Decrypt"),
    "model": (
        "ecs",
        "bedrock:InvokeModel sagemaker:DescribeEndpoint s3:GetBucketLocation kms:Decrypt secretsmanager:GetSecretValue",
    ),
}
"""Family to its runtime and calls, the most frequent first."""
CI: Final = (
    "sts:GetCallerIdentity", "cloudformation:DescribeStacks", "cloudformation:CreateChangeSet",
    "cloudformation:DescribeChangeSet", "cloudformation:ExecuteChangeSet", "cloudformation:DescribeStackEvents",
    "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload", "ecr:PutImage", "ecs:RegisterTaskDefinition", "ecs:UpdateService",
    "ecs:DescribeServices", "lambda:UpdateFunctionCode20150331v2", "lambda:GetFunction20150331v2",
    "ssm:GetParameter", "iam:GetRole", "iam:PassRole", "s3:GetBucketLocation", "iam:PutRolePolicy",
    "ec2:DescribeSecurityGroups", "lambda:UpdateFunctionConfiguration20150331v2", "cloudfront:CreateInvalidation",
)  # fmt: skip
_PRINCIPALS: Final = {"ec2": "ec2.amazonaws.com", "ecs": "ecs-tasks.amazonaws.com", "go": "ec2.amazonaws.com"}


@dataclass(slots=True)
class Machine:
    """A role that software calls as."""

    identity: Identity
    family: str
    runtime: str
    calls: list[Call]
    weights: list[float]
    region: str
    addresses: Sequence[str]
    """Where it calls from, when that is fixed; otherwise the region's own network."""
    rate: float
    """Calls a day."""
    things: int
    """Number of its first thing of every kind."""
    steady: float = 0.5
    """Share of its calls that come by day and night alike."""
    every: int = 300
    """Seconds at whose multiples it begins to work, as schedules do."""
    key: str = ""
    """Long-lived access key, of users."""
    endpoint: str = ""
    """VPC endpoint through which it calls, with private addresses."""
    first: int = 0
    last: int = 1 << 40
    added: list[tuple[int, Call]] = field(default_factory=list)
    """Calls that a release brings, with the day from which they are made."""
    factor: dict[int, float] = field(default_factory=dict)
    """Day to how many times the usual it calls."""
    denied: dict[int, float] = field(default_factory=dict)
    throttled: dict[int, float] = field(default_factory=dict)
    """Day to the share of its calls that is refused."""
    hosts: int = 2
    """How many instances, tasks or copies it runs on."""

    @property
    def principal_key(self) -> str:
        """How oddtrail names it."""
        return self.identity.key()


def family_calls(family: str) -> list[Call]:
    """Return the calls of a family."""
    return [call(action) for action in FAMILIES[family][1].split()]


def session_name(machine: Machine, choice: Random) -> str:
    """Return a session's name, as the runtime gives it."""
    if machine.runtime.startswith("lambda"):
        return f"{machine.identity.name.removesuffix('-role')}"
    if machine.runtime in ("ec2", "go"):
        return f"i-0{choice.getrandbits(64):016x}"
    if machine.runtime == "ecs":
        return f"{choice.getrandbits(128):032x}"
    return f"botocore-session-{1_700_000_000 + choice.getrandbits(26)}"


def run(machine: Machine, day: int, choice: Random, trail: Trail, things: Resources, epoch: int) -> None:
    """Let a machine run for a day of UTC.

    Parameters
    ----------
    day
        Days since 1970.
    epoch
        Day number at which the simulation begins.
    """
    if not machine.first <= day <= machine.last:
        return
    quiet = 0.75 if (day + 3) % 7 >= 5 else 1.0
    total = machine.rate * machine.factor.get(day, 1.0) * quiet * choice.lognormvariate(0, 0.15)
    count = int(total) + (choice.random() < total % 1)
    calls, weights = list(machine.calls), list(machine.weights)
    for since, made in machine.added:
        if day >= since:
            calls.append(made)
            weights.append(weights[min(3, len(weights) - 1)])
    begin = at = day * DAY
    callers: dict[tuple[int, int], Caller] = {}
    stable = Random(f"{machine.identity.id} {day // 5}")
    hosts = [session_name(machine, stable) for _ in range(machine.hosts)]
    denied, throttled = machine.denied.get(day, 0.0), machine.throttled.get(day, 0.0)
    moments = sorted(moment(machine, choice) for _ in range(max(1, count // 4)))
    for position in range(count):
        if position % 4 == 0 and position // 4 < len(moments):
            at = max(at, begin + moments[position // 4] // machine.every * machine.every + choice.randrange(60))
        else:
            at += choice.randrange(3)
        host = choice.randrange(machine.hosts)
        key = (host, at // 21600)
        caller = callers.get(key)
        if caller is None:
            caller = callers[key] = start(machine, hosts[host], at, choice, trail, (day - epoch) // 7)
        if choice.random() < 0.004:
            pool = services()[choice.choice(calls).service]
            made = pool[min(int((1 - choice.random()) ** -0.9), len(pool)) - 1]
            if not made.read_only:
                continue
        else:
            made = choice.choices(calls, weights)[0]
        number = machine.things + min(int((1 - choice.random()) ** -0.45) - 1, 12)
        request, response = things.request(choice, made, machine.identity.account, machine.region, number)
        failure = refusal(choice, caller, made, 0.002)
        if denied and choice.random() < denied:
            failure = refused(caller, made)
        elif throttled and choice.random() < throttled:
            failure = THROTTLED
        trail.add(choice, at, caller, made, machine.region, request, response, failure)
        if made.name in FOLLOWS and failure is None:
            follow(choice, at, caller, made, machine.region, number, trail, things)


def moment(machine: Machine, choice: Random) -> int:
    """Return a second of the day: at any time, or rather during the busy hours of the region."""
    if choice.random() < machine.steady:
        return choice.randrange(DAY)
    peak = {"ap-northeast-2": 4, "ap-south-1": 7, "eu-west-1": 12, "eu-central-1": 11}.get(machine.region, 18)
    return int(((peak + choice.gauss(0, 4)) % 24) * 3600)


def start(machine: Machine, name: str, at: int, choice: Random, trail: Trail, week: int) -> Caller:
    """Begin a session, record who gave the credentials out, and return its caller."""
    key = machine.key or unique(choice, "ASIA")
    caller = caller_of(machine, name, key, at - choice.randint(1, 5), choice, week)
    if not machine.key and choice.random() < 0.5:
        host = _PRINCIPALS.get(machine.runtime, "lambda.amazonaws.com")
        service = Caller(service_json(host), caller.account, host, host, tls=False)
        request = f'{{"roleArn":"{machine.identity.arn}","roleSessionName":"{name}"}}'
        response = f'{{"credentials":{{"accessKeyId":"{key}","sessionToken":"redacted"}}}}'
        resources = role_resource(machine.identity)
        shared = f'"sharedEventID":"{uuid(choice)}",'
        trail.add(
            choice, at - 1, service, ASSUME, machine.region, request, response, shared=shared, resources=resources
        )
    return caller


def caller_of(machine: Machine, name: str, key: str, created: int, choice: Random, week: int) -> Caller:
    """Return the caller of a machine's session.

    Parameters
    ----------
    name, key, created
        The session's name, its access key and the Unix time at which it began.
    """
    account = machine.identity.account
    if machine.key:
        identity = machine.identity.user_json(machine.key)
    else:
        delivery = "2.0" if machine.runtime in ("ec2", "go") else ""
        identity = machine.identity.role_json(name, key, created, delivery)
    extra = ""
    if machine.endpoint:
        address = f"10.{machine.things % 200}.{len(name)}.{choice.randrange(4, 250)}"
        extra = f',"vpcEndpointId":"{machine.endpoint}","vpcEndpointAccountId":"{account}"'
    else:
        address = choice.choice(machine.addresses) if machine.addresses else region_address(machine, choice)
    return Caller(identity, account, address, workload_agent(machine.runtime, week), extra)


def region_address(machine: Machine, choice: Random) -> str:
    """Return an address of the region's own network, one of some hundreds for an account."""
    network: Network = cloud(machine.region)
    return network.address(Random(f"{machine.identity.account} {machine.region} {choice.randrange(120)}"))
