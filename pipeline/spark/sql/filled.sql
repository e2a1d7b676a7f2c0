SELECT
  `_0`.`account_day` AS `account_day`,
  `_0`.`principal` AS `principal`,
  `_0`.`hour` AS `hour`,
  `_0`.`known_on` AS `known_on`,
  `_0`.`tick` AS `tick`,
  CAST(COALESCE(SUM(`_0`.`calls`) FILTER(WHERE
    TRUE), 0) AS BIGINT) AS `calls`,
  CAST(COALESCE(SUM(`_0`.`calls`) FILTER(WHERE
    `_0`.`write` = TRUE), 0) AS BIGINT) AS `writes`,
  CAST(COALESCE(SUM(`_0`.`calls`) FILTER(WHERE
    `_0`.`error` = 'denied'), 0) AS BIGINT) AS `denied`,
  CAST(COALESCE(SUM(`_0`.`calls`) FILTER(WHERE
    `_0`.`error` <> ''), 0) AS BIGINT) AS `errors`,
  CAST(COALESCE(
    SUM(`_0`.`calls`) FILTER(WHERE
      `_0`.`action` IN (
        'athena:GetQueryResults',
        'codecommit:GitPull',
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:Query',
        'dynamodb:Scan',
        'ec2:GetPasswordData',
        'ecr:BatchGetImage',
        'ecr:GetDownloadUrlForLayer',
        'glue:GetTable',
        'lambda:GetFunction',
        'rds-data:ExecuteStatement',
        'redshift-data:GetStatementResult',
        's3:GetObject',
        'secretsmanager:BatchGetSecretValue',
        'secretsmanager:GetSecretValue',
        'ssm:GetParameter',
        'ssm:GetParameters',
        'ssm:GetParametersByPath',
        'ssm:GetParameterHistory'
      )),
    0
  ) AS BIGINT) AS `data_reads`
FROM (
  SELECT
    `counted`.`account_day` AS `account_day`,
    `counted`.`principal` AS `principal`,
    (
      DATE_TRUNC('HOUR', `counted`.`event_time`)
    ) AS `hour`,
    (
      CAST(GREATEST(
        (
          CAST(FROM_UTC_TIMESTAMP(`counted`.`delivered_at` - MAKE_DT_INTERVAL(0, 0, :lateness), :timezone) AS DATE)
        ),
        (
          CAST(FROM_UTC_TIMESTAMP(`counted`.`event_time`, :timezone) AS DATE)
        )
      ) + 1 AS DATE)
    ) AS `known_on`,
    (
      TIMESTAMP_MICROS(
        UNIX_MICROS(`counted`.`delivered_at` + INTERVAL '1' MINUTE - INTERVAL '1' MICROSECOND) - PMOD(
          UNIX_MICROS(`counted`.`delivered_at` + INTERVAL '1' MINUTE - INTERVAL '1' MICROSECOND),
          60000000
        )
      )
    ) AS `tick`,
    `counted`.`action` AS `action`,
    `counted`.`level` AS `level`,
    `counted`.`write` AS `write`,
    `counted`.`error` AS `error`,
    `counted`.`agent` AS `agent`,
    1 AS `calls`
  FROM `counted` AS `counted`
) AS `_0`
GROUP BY ALL
