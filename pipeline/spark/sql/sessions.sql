SELECT
  `counted`.`account_day` AS `account_day`,
  `counted`.`session` AS `session`,
  `counted`.`principal` AS `principal`,
  MIN(`counted`.`session_start`) AS `session_start`,
  MIN_BY(`counted`.`session_class`, STRUCT(`counted`.`delivered_at`, `counted`.`event_id`)) FILTER(WHERE
    NOT `counted`.`session_class` IS NULL) AS `session_class`,
  BOOL_OR(`counted`.`mfa`) AS `mfa`,
  MIN(`counted`.`event_time`) AS `first`,
  MAX(`counted`.`event_time`) AS `last`
FROM `counted` AS `counted`
WHERE
  `counted`.`session` <> ''
GROUP BY
  `counted`.`account_day`,
  `counted`.`session`,
  `counted`.`principal`
