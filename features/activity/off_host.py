"""The fact that a workload's temporary credential was used from another network than that day's first use."""

from typing import Final

from features.activity.condition import OWN_HANDS, to_sql

OFF_HOST: Final = f"""
SELECT principal, hour, account, tick, calls, 'off_host' AS value FROM (
    SELECT joint.principal, hour, joint.account, tick, joint.calls, asn,
        first_value(asn) OVER (PARTITION BY session ORDER BY tick, hour, asn) AS home
    FROM joint JOIN places USING (prefix, address_kind)
    WHERE asn <> 0 AND starts_with(session, 'ASIA') AND {to_sql([OWN_HANDS])}
      AND principal IN (SELECT principal FROM principals WHERE kind = 'workload')
) WHERE asn <> home
"""
"""Rows of the dimension `fact`; needs `joint`, `places` and `principals`."""
