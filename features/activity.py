"""Activity: exact, mergeable counts of what each principal did in each hour. Everything after ingestion reads it.

Two tables, each an account-day's GROUP BY over events, so that they merge by addition and can be rewritten:

`joint`
    one row a (account, principal, hour, session, action, level, write, region, prefix, address_kind, agent, error,
    known_on), with calls, first and last event time and the first delivery.
`touched`
    one row a (account, principal, hour, action, write, resource, known_on), with the same measures. Resources are tokens
    `type:name`; what a request exposes and the facts of a record are resources of the types `exposure` and `fact`.

`known_on` is the deployment's day from whose nightly training on the row may be learnt: a row delivered after that
training joins the next one, so that a replay of deliveries gives the same baselines (design 4.9).

Three small tables describe the keys: `principals`, `places` and `actions`.
The SQL is pure text in DuckDB's dialect; `pipeline` runs it over a view named `events` and sets the variables
`timezone` (IANA name) and `lateness` (interval).
"""

COUNTED = """
CREATE OR REPLACE TEMP VIEW counted AS
WITH trained AS (
    SELECT * EXCLUDE (raw) FROM events
    WHERE category IN ('Management', 'Data')
      AND NOT list_has_any(flags, ['future', 'past'])
)
SELECT * FROM trained WHERE shared_event_id IS NULL
UNION ALL
SELECT * FROM trained WHERE shared_event_id IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY principal, shared_event_id ORDER BY delivered_at, event_id) = 1
"""
