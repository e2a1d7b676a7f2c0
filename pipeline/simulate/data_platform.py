"""A data platform: few people, many jobs that run by schedule on a lake of encrypted buckets.

Written from how such platforms are described in public: Glue and EMR jobs, a scheduler that starts and watches them,
Athena and Redshift for reports, Lake Formation for access, notebooks of data scientists, loads through DMS and streams.
Most of its trail is S3 and KMS; data events of its buckets are recorded.
"""

from random import Random
from typing import Final

from pipeline.simulate.habits import Habits
from pipeline.simulate.identity import Identity, role
from pipeline.simulate.machines import Machine, family_calls
from pipeline.simulate.networks import LIVED, cloud
from pipeline.simulate.population import HOME_REGION, Population, Shape, make_people
from pipeline.simulate.scheduled import Job, steps

TEAMS: Final = (("data", 52), ("science", 26), ("platform", 12), ("security", 4), ("finance", 6))
FORM: Final = Shape(5, 3, 0.2, single_sign_on=True, tasks=7.0, calls=60.0, span=420)
"""Accounts of ingestion, the lake, models, reports and development; one in five principals is a person."""

JOBS: Final[dict[str, tuple[int, str, str, int, str]]] = {
    "glue": (
        26,
        "java",
        "GlueJobRunnerSession",
        1,
        "logs:CreateLogStream lakeformation:GetDataAccess*2 glue:GetDatabase glue:GetTable*2 glue:GetPartitions*3 "
        "s3:ListObjects*3/3 s3:GetObject*34/12 kms:Decrypt*14 s3:PutObject*16/8 kms:GenerateDataKey*8 "
        "glue:BatchCreatePartition",
    ),
    "spark": (
        12,
        "ec2",
        "",
        1,
        "elasticmapreduce:DescribeCluster dynamodb:DescribeTable s3:ListObjects*5/4 s3:GetObject*60/16 "
        "kms:Decrypt*20 s3:PutObject*30/12 kms:GenerateDataKey*12 s3:DeleteObject*4",
    ),
    "schedule": (
        12,
        "ecs",
        "",
        24,
        "states:StartExecution glue:StartJobRun glue:GetJobRun*3 elasticmapreduce:AddJobFlowSteps "
        "elasticmapreduce:DescribeStep*2 secretsmanager:GetSecretValue",
    ),
    "warehouse": (
        12,
        "lambda-python",
        "",
        4,
        "secretsmanager:GetSecretValue redshift-data:ExecuteStatement*2 redshift-data:DescribeStatement*4 "
        "redshift-data:GetStatementResult s3:ListObjects s3:GetObject*5/4 kms:Decrypt*2",
    ),
    "report": (
        14,
        "lambda-python",
        "",
        3,
        "athena:StartQueryExecution*2 athena:GetQueryExecution*4 athena:GetQueryResults*2 glue:GetTable "
        "glue:GetPartitions s3:GetObject*9/6 kms:Decrypt*4 s3:PutObject*2",
    ),
    "stream": (
        12,
        "lambda-python",
        "",
        24,
        "kinesis:DescribeStreamSummary kinesis:ListShards s3:PutObject*4/2 kms:GenerateDataKey*3",
    ),
    "replicate": (
        6,
        "ecs",
        "dms-session-for-replication-engine",
        12,
        "dms:DescribeReplicationTasks dms:DescribeTableStatistics secretsmanager:GetSecretValue s3:PutObject*4/3 "
        "kms:GenerateDataKey",
    ),
    "train": (
        8,
        "ecs",
        "SageMaker",
        1,
        "ecr:GetAuthorizationToken ecr:BatchGetImage sagemaker:DescribeTrainingJob*2 s3:ListObjects*2 "
        "s3:GetObject*40/16 kms:Decrypt*12 s3:PutObject*3/2 logs:CreateLogStream",
    ),
    "crawl": (
        5,
        "java",
        "AWS-Crawler",
        2,
        "s3:ListObjects*6/6 s3:GetObject*6/6 glue:GetTables*2 glue:UpdateTable glue:CreatePartition*2 kms:Decrypt*2",
    ),
    "tidy": (
        4,
        "lambda-python",
        "",
        1,
        "glue:GetTables glue:GetPartitions*2 s3:ListObjects*4/4 s3:DeleteObject*9/7 glue:BatchDeletePartition",
    ),
}
"""Kind of job to its share, runtime, session name, runs a day and steps."""
NOTEBOOK: Final = 14
"""Share of notebooks: execution roles of data scientists, busy when they are."""
SUBJECTS: Final = ("orders", "clicks", "stock", "prices", "sessions", "refunds", "campaigns", "devices", "ledger")


def populate_platform(seed: int, principals: int) -> Population:
    """Return a data platform of so many principals."""
    choice = Random(f"data platform {seed} {principals}")
    accounts = [f"{choice.randrange(100_000_000_000, 999_999_999_999)}" for _ in range(FORM.accounts)]
    countries = [choice.choice(LIVED[:5]), *choice.sample(LIVED[5:], 2)]
    regions = list(dict.fromkeys([HOME_REGION[countries[0]], "us-east-1", "eu-west-1"]))
    number = round(principals * FORM.people)
    people = make_people(seed, number, choice, FORM, accounts, countries, regions, TEAMS)
    machines = [_machine(index, seed, choice, accounts, regions[0]) for index in range(principals - number)]
    hops = {account: role(choice, account, "data-platform-operations") for account in accounts}
    for person in people:
        if person.team in ("data", "platform") and choice.random() < 0.5:
            person.hops = [hops[account] for account in accounts if account != person.identity.account][:2]
    return Population(accounts, people, machines, hops, countries, regions)


def _machine(index: int, seed: int, choice: Random, accounts: list[str], region: str) -> Machine:
    kinds = [*JOBS, "notebook"]
    kind = choice.choices(kinds, [*(one[0] for one in JOBS.values()), NOTEBOOK])[0]
    subject = SUBJECTS[index % len(SUBJECTS)]
    account = choice.choice(accounts[:4])
    identity = role(choice, account, f"{subject}-{kind}-{index}-role")
    addresses = [cloud(region).address(Random(f"{seed} {account} gateway {place}")) for place in range(3)]
    endpoint = f"vpce-0{Random(f'{seed} {account} endpoint').getrandbits(64):016x}" if choice.random() < 0.55 else ""
    if kind == "notebook":
        return _notebook(identity, subject, index, seed, choice, region, addresses, endpoint)
    _, runtime, session, runs, text = JOBS[kind]
    begins = choice.uniform(0, 24 / runs)
    work = steps(text)
    return Job(
        identity=identity,
        family="etl" if kind in ("glue", "spark", "report") else kind,
        runtime=runtime,
        calls=[step.made for step in work],
        weights=[float(step.times) for step in work],
        region=region,
        addresses=addresses,
        rate=float(runs * sum(step.times for step in work)),
        things=choice.randrange(120),
        endpoint=endpoint,
        hours=[begins + run * 24 / runs for run in range(runs)],
        steps=work,
        session=session,
        workdays=kind == "train" and choice.random() < 0.6,
    )


def _notebook(
    identity: Identity,
    subject: str,
    index: int,
    seed: int,
    choice: Random,
    region: str,
    addresses: list[str],
    endpoint: str,
) -> Machine:
    """A notebook's role: what its owner looks at, never quite the same, in the hours of work."""
    habits = Habits(f"{seed} notebook {index} {subject}", choice.choice(("science", "data")), explore=0.01)
    drawn = [habits.call(choice, habits.service(choice)) for _ in range(24)]
    calls = list(dict.fromkeys([*family_calls("model"), *drawn]))
    return Machine(
        identity=identity,
        family="notebook",
        runtime="ec2",
        calls=calls,
        weights=[(rank + 1) ** -1.0 for rank in range(len(calls))],
        region=region,
        addresses=addresses,
        rate=45 * choice.lognormvariate(0, 0.5),
        things=choice.randrange(120),
        steady=0.04,
        every=900,
        endpoint=endpoint,
        hosts=1,
    )
