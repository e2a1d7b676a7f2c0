"""Travel: how fast one traveller must have been to be everywhere a principal was seen in an hour.

What a principal's own hands called from public addresses outside the organisation's own networks (a VPN's egress is not
where its user sits) is a sequence of sightings: the first and the last call from each place. Between two that follow
each other a single traveller needs at least distance / time, so the fastest leg is a lower bound, whatever happened in
between.

The SQL is text in DuckDB's dialect, over the activity tables `joint` and `places`.
"""

from typing import Final

EARTH_RADIUS_KM: Final = 6371.0088
"""Mean radius, IUGG 1980."""
NEAR_KM: Final = 100
"""Locations are off by tens of kilometres, and a country's stands in for its cities: anything nearer is no travel."""
SHORTEST_SECONDS: Final = 60
"""A leg counts as at least this long; event times are whole seconds and calls of one moment are not ordered."""

MACROS: Final = f"""
CREATE OR REPLACE TEMP MACRO haversine(lat_a, lon_a, lat_b, lon_b) AS
    pow(sin(radians(lat_b - lat_a) / 2), 2)
    + cos(radians(lat_a)) * cos(radians(lat_b)) * pow(sin(radians(lon_b - lon_a) / 2), 2);
CREATE OR REPLACE TEMP MACRO great_circle_km(lat_a, lon_a, lat_b, lon_b) AS
    2 * {EARTH_RADIUS_KM} * atan2(sqrt(haversine(lat_a, lon_a, lat_b, lon_b)),
        sqrt(greatest(0, 1 - haversine(lat_a, lon_a, lat_b, lon_b))));
"""
"""Distance between two points in degrees; null where one is (Sinnott, "Virtues of the Haversine", 1984)."""

TRAVEL: Final = f"""
SELECT principal, hour, max(km * 3600 / seconds) AS kmh FROM (
    SELECT principal, hour,
        great_circle_km(lag(latitude) OVER sequence, lag(longitude) OVER sequence, latitude, longitude) AS km,
        greatest({SHORTEST_SECONDS}, date_diff('second', lag(seen_at) OVER sequence, seen_at)) AS seconds
    FROM (
        SELECT principal, hour, latitude, longitude, unnest([first, last]) AS seen_at FROM (
            SELECT principal, hour, latitude, longitude, min(first) AS first, max(last) AS last
            FROM joint JOIN located USING (prefix, address_kind)
            WHERE latitude IS NOT NULL AND longitude IS NOT NULL AND network = '' AND NOT starts_with(agent, 'service:')
            GROUP BY principal, hour, latitude, longitude
            QUALIFY count(*) OVER (PARTITION BY principal, hour) > 1
        )
    )
    WINDOW sequence AS (PARTITION BY principal, hour ORDER BY seen_at, latitude, longitude)
)
WHERE km >= {NEAR_KM} GROUP BY ALL
"""
"""One row a (principal, hour) that was seen in two places or more, with its fastest leg in km/h; needs `located`."""

LOCATED: Final = """
SELECT prefix, address_kind, unnest(arg_min(
    {'country': country, 'asn': asn, 'network': network, 'latitude': latitude, 'longitude': longitude},
    (first, country, asn, network)))
FROM places GROUP BY prefix, address_kind
"""
"""Where each prefix lies, one row each, by the earliest that any account-day says of it."""
