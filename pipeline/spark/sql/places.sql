SELECT
  `_0`.`account_day` AS `account_day`,
  `_0`.`prefix` AS `prefix`,
  `_0`.`address_kind` AS `address_kind`,
  `_0`.`calls` AS `calls`,
  `_0`.`delivered` AS `delivered`,
  `_0`.`first` AS `first`,
  `_0`.`last` AS `last`,
  `_0`.`one`.`country` AS `country`,
  `_0`.`one`.`city` AS `city`,
  `_0`.`one`.`asn` AS `asn`,
  `_0`.`one`.`organisation` AS `organisation`,
  `_0`.`one`.`network` AS `network`,
  `_0`.`spot`.`latitude` AS `latitude`,
  `_0`.`spot`.`longitude` AS `longitude`
FROM (
  SELECT
    `counted`.`account_day` AS `account_day`,
    `counted`.`prefix` AS `prefix`,
    `counted`.`address_kind` AS `address_kind`,
    MIN_BY(
      STRUCT(
        `counted`.`country` AS `country`,
        `counted`.`city` AS `city`,
        `counted`.`asn` AS `asn`,
        `counted`.`organisation` AS `organisation`,
        `counted`.`network` AS `network`
      ),
      STRUCT(`counted`.`delivered_at`, `counted`.`event_id`)
    ) AS `one`,
    MIN_BY(
      STRUCT(`counted`.`latitude` AS `latitude`, `counted`.`longitude` AS `longitude`),
      STRUCT(`counted`.`delivered_at`, `counted`.`event_id`)
    ) FILTER(WHERE
      NOT `counted`.`latitude` IS NULL) AS `spot`,
    COUNT(*) AS `calls`,
    MIN(`counted`.`delivered_at`) AS `delivered`,
    MIN(`counted`.`event_time`) AS `first`,
    MAX(`counted`.`event_time`) AS `last`
  FROM `counted` AS `counted`
  WHERE
    `counted`.`prefix` <> ''
  GROUP BY
    `counted`.`account_day`,
    `counted`.`prefix`,
    `counted`.`address_kind`
) AS `_0`
