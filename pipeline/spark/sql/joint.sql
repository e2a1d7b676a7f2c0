SELECT
  `counted`.`account_day` AS `account_day`,
  `counted`.`account` AS `account`,
  `counted`.`principal` AS `principal`,
  (
    DATE_TRUNC('HOUR', `counted`.`event_time`)
  ) AS `hour`,
  `counted`.`session` AS `session`,
  `counted`.`action` AS `action`,
  `counted`.`level` AS `level`,
  `counted`.`write` AS `write`,
  `counted`.`region` AS `region`,
  `counted`.`prefix` AS `prefix`,
  `counted`.`address_kind` AS `address_kind`,
  `counted`.`agent` AS `agent`,
  `counted`.`error` AS `error`,
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
  COUNT(*) AS `calls`,
  MIN(`counted`.`event_time`) AS `first`,
  MAX(`counted`.`event_time`) AS `last`,
  (
    TIMESTAMP_MICROS(
      UNIX_MICROS(MIN(`counted`.`delivered_at`) + INTERVAL '1' MINUTE - INTERVAL '1' MICROSECOND) - PMOD(
        UNIX_MICROS(MIN(`counted`.`delivered_at`) + INTERVAL '1' MINUTE - INTERVAL '1' MICROSECOND),
        60000000
      )
    )
  ) AS `tick`
FROM `counted` AS `counted`
GROUP BY ALL
