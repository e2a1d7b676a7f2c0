SELECT
  `_0`.`account_day` AS `account_day`,
  `_0`.`principal` AS `principal`,
  `_0`.`identity` AS `identity`,
  `_0`.`identity_arn` AS `identity_arn`,
  `_0`.`identity_account` AS `identity_account`,
  `_0`.`account` AS `account`,
  `_0`.`known_on` AS `known_on`,
  `_0`.`calls` AS `calls`,
  `_0`.`delivered` AS `delivered`,
  `_0`.`first` AS `first`,
  `_0`.`last` AS `last`,
  `_0`.`one`.`kind` AS `kind`,
  `_0`.`one`.`identity_type` AS `identity_type`,
  `_0`.`one`.`principal_name` AS `principal_name`,
  `_0`.`one`.`identity_name` AS `identity_name`,
  `_0`.`one`.`permission_set` AS `permission_set`,
  `_0`.`one`.`rule` AS `rule`
FROM (
  SELECT
    `counted`.`account_day` AS `account_day`,
    `counted`.`principal` AS `principal`,
    `counted`.`identity` AS `identity`,
    `counted`.`identity_arn` AS `identity_arn`,
    `counted`.`identity_account` AS `identity_account`,
    `counted`.`account` AS `account`,
    MIN_BY(
      STRUCT(
        `counted`.`kind` AS `kind`,
        `counted`.`identity_type` AS `identity_type`,
        `counted`.`principal_name` AS `principal_name`,
        `counted`.`identity_name` AS `identity_name`,
        `counted`.`permission_set` AS `permission_set`,
        `counted`.`rule` AS `rule`
      ),
      STRUCT(`counted`.`delivered_at`, `counted`.`event_id`)
    ) AS `one`,
    (
      CAST(GREATEST(
        (
          CAST(FROM_UTC_TIMESTAMP(MIN(`counted`.`delivered_at`) - MAKE_DT_INTERVAL(0, 0, :lateness), :timezone) AS DATE)
        ),
        (
          CAST(FROM_UTC_TIMESTAMP(MIN(`counted`.`event_time`), :timezone) AS DATE)
        )
      ) + 1 AS DATE)
    ) AS `known_on`,
    COUNT(*) AS `calls`,
    MIN(`counted`.`delivered_at`) AS `delivered`,
    MIN(`counted`.`event_time`) AS `first`,
    MAX(`counted`.`event_time`) AS `last`
  FROM `counted` AS `counted`
  GROUP BY
    `counted`.`account_day`,
    `counted`.`principal`,
    `counted`.`identity`,
    `counted`.`identity_arn`,
    `counted`.`identity_account`,
    `counted`.`account`
) AS `_0`
