WITH `tokens` AS (
  SELECT
    `counted`.`account_day` AS `account_day`,
    `counted`.`account` AS `account`,
    `counted`.`principal` AS `principal`,
    `counted`.`event_time` AS `event_time`,
    `counted`.`action` AS `action`,
    `counted`.`write` AS `write`,
    `counted`.`delivered_at` AS `delivered_at`,
    EXPLODE(
      CASE
        WHEN SIZE(`counted`.`made`) = 0
        THEN `counted`.`resources`
        ELSE FILTER(`counted`.`resources`, `x` -> NOT ARRAY_CONTAINS(`counted`.`made`, x))
      END || TRANSFORM(`counted`.`exposures`, `x` -> 'exposure:' || `x`) || TRANSFORM(`counted`.`facts`, `x` -> 'fact:' || `x`)
    ) AS `resource`
  FROM `counted` AS `counted`
  WHERE
    SIZE(`counted`.`resources`) + SIZE(`counted`.`exposures`) + SIZE(`counted`.`facts`) > 0
)
SELECT
  `tokens`.`account_day` AS `account_day`,
  `tokens`.`account` AS `account`,
  `tokens`.`principal` AS `principal`,
  (
    DATE_TRUNC('HOUR', `tokens`.`event_time`)
  ) AS `hour`,
  `tokens`.`action` AS `action`,
  `tokens`.`write` AS `write`,
  `tokens`.`resource` AS `resource`,
  (
    CAST(GREATEST(
      (
        CAST(FROM_UTC_TIMESTAMP(`tokens`.`delivered_at` - MAKE_DT_INTERVAL(0, 0, :lateness), :timezone) AS DATE)
      ),
      (
        CAST(FROM_UTC_TIMESTAMP(`tokens`.`event_time`, :timezone) AS DATE)
      )
    ) + 1 AS DATE)
  ) AS `known_on`,
  COUNT(*) AS `calls`,
  MIN(`tokens`.`event_time`) AS `first`,
  MAX(`tokens`.`event_time`) AS `last`,
  (
    TIMESTAMP_MICROS(
      UNIX_MICROS(MIN(`tokens`.`delivered_at`) + INTERVAL '1' MINUTE - INTERVAL '1' MICROSECOND) - PMOD(
        UNIX_MICROS(MIN(`tokens`.`delivered_at`) + INTERVAL '1' MINUTE - INTERVAL '1' MICROSECOND),
        60000000
      )
    )
  ) AS `tick`
FROM `tokens` AS `tokens`
GROUP BY ALL
