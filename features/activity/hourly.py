"""How much of each kind a principal did in an hour, as it filled: counts by tick, from activity.

Distinct things (actions, services, secrets …) are counted at the tick in which they first came, so that every column
adds up over ticks to the hour's count.
"""

from typing import Final

MEASURES: Final = {
    "calls": "calls",
    "writes": "calls that change something",
    "denied": "denied calls",
    "errors": "failed calls",
    "actions": "distinct actions",
    "services": "distinct services",
    "data_reads": "reads of data and credentials",
    "secrets": "distinct secrets",
    "buckets": "distinct buckets",
    "instances": "distinct instances",
    "parameters": "distinct parameters",
}
"""Counted measures and what they mean to an analyst."""

SENSITIVE_MEASURES: Final = frozenset({"data_reads", "secrets", "buckets", "instances", "parameters"})
"""Measures of reading out data and credentials."""

DATA_READS: Final = (
    "athena:GetQueryResults",
    "codecommit:GitPull",
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ec2:GetPasswordData",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "glue:GetTable",
    "lambda:GetFunction",
    "rds-data:ExecuteStatement",
    "redshift-data:GetStatementResult",
    "s3:GetObject",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:GetParameterHistory",
)
"""Actions that hand out data or credentials themselves."""

_ACTIONS = ", ".join(f"'{action}'" for action in DATA_READS)
_RESOURCES = {"secrets": "secret", "buckets": "bucket", "instances": "instance", "parameters": "parameter"}
_TOUCHED = ", ".join(
    f"CAST(count(*) FILTER (starts_with(resource, '{kind}:')) AS BIGINT) AS {measure}"
    for measure, kind in _RESOURCES.items()
)
_SUMS = ", ".join(f"CAST(coalesce(sum({measure}), 0) AS BIGINT) AS {measure}" for measure in MEASURES)

HOURLY: Final = f"""
WITH called AS (
    SELECT principal, hour, tick, sum(calls) AS calls, coalesce(sum(calls) FILTER (write), 0) AS writes,
        coalesce(sum(calls) FILTER (error = 'denied'), 0) AS denied,
        coalesce(sum(calls) FILTER (error <> ''), 0) AS errors,
        coalesce(sum(calls) FILTER (action IN ({_ACTIONS})), 0) AS data_reads
    FROM joint GROUP BY ALL
), actions AS (
    SELECT principal, hour, tick, count(*) AS actions FROM (
        SELECT principal, hour, action, min(tick) AS tick FROM joint GROUP BY ALL
    ) GROUP BY ALL
), services AS (
    SELECT principal, hour, tick, count(*) AS services FROM (
        SELECT principal, hour, split_part(action, ':', 1) AS service, min(tick) AS tick
        FROM joint GROUP BY ALL
    ) GROUP BY ALL
), resources AS (
    SELECT principal, hour, tick, {_TOUCHED} FROM (
        SELECT principal, hour, resource, min(tick) AS tick FROM touched GROUP BY ALL
    ) GROUP BY ALL
)
SELECT principal, hour, tick, day_of(hour) AS day, {_SUMS}
FROM (SELECT * FROM called UNION ALL BY NAME SELECT * FROM actions UNION ALL BY NAME SELECT * FROM services
      UNION ALL BY NAME SELECT * FROM resources)
GROUP BY ALL ORDER BY principal, hour, tick
"""
"""One row a (principal, hour, tick) of a day's deliveries, with the increments of every measure.

Needs `joint` and `touched`.
"""
