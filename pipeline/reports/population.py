"""Who is unlike the others, and why: the models' scores side by side, and the principal within its group's hours.

Every function reads the tables of a connection that `pipeline.reports.scored_hours.open_population` made. A principal
is named by its label, as `list_unlike` shows it. Only hours with a call are hours here; others are no zeros.
"""

from typing import Final, Literal

import duckdb
import pandas as pd

from features.activity.closed import HOUR_OF_WEEK, MEANINGS
from models.detectors.blame import Blamed, word_blamed
from pipeline.reports.scored_hours import COUNTS

SUM: Final = "incident"
"""Column of what the sum of an alert's evidence is worth."""
By = Literal["day", "week"]
_BY: Final[dict[By, tuple[str, int]]] = {"day": (f"{HOUR_OF_WEEK} % 24", 24), "week": (HOUR_OF_WEEK, 168)}

# Hours of a principal's group, and whether each is its own.
_GROUP: Final = """
WITH mine AS (SELECT peers FROM principals WHERE principal = $principal),
grouped AS (
    SELECT hours.*, hours.principal = $principal AS own
    FROM hours JOIN principals USING (principal) JOIN mine USING (peers)
    WHERE peers <> '' OR hours.principal = $principal
)
"""


def list_unlike(tables: duckdb.DuckDBPyConnection, most: int = 20) -> pd.DataFrame:
    """Principals by the largest record score that any model of vectors gave an hour of theirs.

    Returns
    -------
    DataFrame
        A row a principal, the strangest first: `principal`, `name`, `kind`, `peers` (their group), `others` (of the
        group that were active), a column a model with its largest record score, `incident` with that of alerts,
        raised or held, `raised` (alerts), and `strongest`, when the largest was. Record scores rise with strangeness
        from 0 to 100; nothing below 25 is kept, so that a score that is missing is a low one.

    Examples
    --------
    >>> from pipeline.reports.scored_hours import TABLES
    >>> tables = duckdb.connect()
    >>> _ = tables.execute(
    ...     TABLES + "INSERT INTO principals VALUES ('idc/ana', 'ana', 'human', 'person:Dev');"
    ...     "INSERT INTO scores VALUES ('idc/ana', '2025-03-03 09:00', '2025-03-03', 'population', 93, [])"
    ... )
    >>> list_unlike(tables)[["name", "others", "population", "incident"]].to_numpy().tolist()
    [['ana', 0, 93.0, nan]]
    """
    rows = tables.execute(
        """
        WITH sizes AS (SELECT peers, count(*) AS active FROM principals JOIN totals USING (principal) GROUP BY ALL),
        told AS (
            SELECT principal, max(score) AS incident, count(*) FILTER (raised) AS raised FROM incidents GROUP BY ALL
        ),
        ranked AS (
            SELECT principal, max(score) AS largest, avg(score) AS mean, arg_max(hour, score) AS strongest
            FROM (SELECT principal, model, max(score) AS score, arg_max(hour, score) AS hour FROM scores GROUP BY ALL)
            GROUP BY ALL ORDER BY largest DESC, mean DESC, principal LIMIT $most
        )
        SELECT principal, name, kind, peers,
            CASE WHEN peers = '' THEN 0 ELSE greatest(coalesce(active, 0) - 1, 0) END AS others,
            incident, coalesce(raised, 0) AS raised, strongest
        FROM ranked JOIN principals USING (principal) LEFT JOIN sizes USING (peers) LEFT JOIN told USING (principal)
        ORDER BY largest DESC, mean DESC, principal
        """,
        {"most": most},
    ).df()
    scores = tables.execute("SELECT principal, model, max(score) AS score FROM scores GROUP BY ALL").df()
    beside = scores.pivot(index="principal", columns="model", values="score").astype(float)
    for at, model in enumerate(beside.columns, start=5):
        rows.insert(at, str(model), beside[model].reindex(rows["principal"]).to_numpy())
    return rows


def models_of(tables: duckdb.DuckDBPyConnection) -> list[str]:
    """Columns of `list_unlike` and `scores_by_day` that hold scores: the models of vectors, and `incident`."""
    found = tables.execute("SELECT DISTINCT model FROM scores ORDER BY model").fetchall()
    return [*(name for (name,) in found), SUM]


def explain(tables: duckdb.DuckDBPyConnection, principal: str) -> pd.DataFrame:
    """Why a principal's strangest hour was strange to each model, as the model said when it scored it.

    Returns
    -------
    DataFrame
        A row a model and measure, the strongest first: `model`, `score`, `hour` (in the deployment's time zone),
        `measure`, `typical` (what the model expected), `actual`, `share` of what all measures are to blame for, and
        `text`. Empty where no hour reached 50, from which hours are explained.
    """
    _check(tables, principal)
    rows = tables.execute(
        """
        WITH strongest AS (
            SELECT * FROM scores WHERE principal = $principal
            QUALIFY row_number() OVER (PARTITION BY model ORDER BY score DESC, hour) = 1
        )
        SELECT model, score, hour, one.* FROM (SELECT model, score, hour, unnest(measures) AS one FROM strongest)
        ORDER BY score DESC, model, one.share DESC
        """,
        {"principal": principal},
    ).df()
    blamed = zip(rows["measure"], rows["typical"], rows["actual"], rows["share"], strict=True)
    rows["text"] = [word_blamed(Blamed(*one)) for one in blamed]
    return rows


def compare(tables: duckdb.DuckDBPyConnection, principal: str) -> pd.DataFrame:
    """A principal's hours against those of the others of its group, measure by measure.

    Returns
    -------
    DataFrame
        A row a measure, that in which the principal goes furthest beyond the others first: `measure`, `meaning`,
        `median` and `high` (95th percentile) of the others' hours, `own` (median of the principal's), `actual` (its
        largest), `hour` when that was, and `below`, the share of the others' hours that hold less. Where there are no
        others, what is theirs is missing.

    Examples
    --------
    >>> from pipeline.reports.scored_hours import TABLES
    >>> tables = duckdb.connect()
    >>> _ = tables.execute(TABLES + "INSERT INTO principals VALUES ('a', 'a', 'ci', 'g'), ('b', 'b', 'ci', 'g')")
    >>> _ = tables.execute(
    ...     "INSERT INTO hours BY NAME SELECT unnest(['a', 'b', 'b']) AS principal, unnest([50, 2, 4]) AS calls"
    ... )
    >>> compare(tables, "a").loc[0, ["median", "actual", "below"]].astype(float).tolist()
    [3.0, 50.0, 1.0]
    """
    _check(tables, principal)
    return tables.execute(
        f"""WITH mine AS (FROM hours WHERE principal = $principal),
        owned AS MATERIALIZED (UNPIVOT (SELECT hour, {", ".join(COUNTS)} FROM mine)
            ON {", ".join(COUNTS)} INTO NAME measure VALUE value),
        largest AS (
            SELECT measure, median(value) AS own, max(value) AS actual, arg_max(hour, (value, -epoch_us(hour))) AS hour
            FROM owned GROUP BY measure
        ),
        others AS (
            SELECT measure, value, hours - coalesce(number, 0) AS number
            FROM spreads LEFT JOIN (SELECT measure, value, count(*) AS number FROM owned GROUP BY ALL)
                USING (measure, value)
            WHERE peers = (SELECT peers FROM principals WHERE principal = $principal) AND hours > coalesce(number, 0)
        ),
        ranked AS (
            SELECT *, CAST(sum(number) OVER (PARTITION BY measure ORDER BY value) AS DOUBLE) AS upto,
                CAST(sum(number) OVER (PARTITION BY measure) AS DOUBLE) AS every
            FROM others
        ),
        placed AS (
            SELECT measure, {_quantile(0.5)} AS median, {_quantile(0.95)} AS high,
                coalesce(sum(number) FILTER (value < actual), 0) / any_value(every) AS below
            FROM ranked LEFT JOIN largest USING (measure) GROUP BY measure
        )
        SELECT measure, meaning, median, high, own, CAST(actual AS DOUBLE) AS actual, hour,
            CASE WHEN actual IS NOT NULL THEN below END AS below
        FROM (SELECT unnest($measures) AS measure, unnest($meanings) AS meaning)
            LEFT JOIN placed USING (measure) LEFT JOIN largest USING (measure)
        ORDER BY ln(1 + actual) - ln(1 + high) DESC NULLS LAST, below DESC NULLS LAST, measure
        """,
        {"principal": principal, "measures": list(COUNTS), "meanings": [MEANINGS[name] for name in COUNTS]},
    ).df()


def _quantile(share: float) -> str:
    """SQL of a quantile of values that are there `number` times each, as `quantile_cont` has it.

    Needs `upto`, how many there are of a value and those below it, and `every`, how many there are at all.
    """
    at = f"(any_value(every) - 1) * {share}"
    low, high = (f"min(value) FILTER (upto > {end}((every - 1) * {share}))" for end in ("floor", "ceil"))
    return f"{low} + ({high} - {low}) * ({at} - floor({at}))"


def list_peers(tables: duckdb.DuckDBPyConnection, principal: str, most: int = 20) -> pd.DataFrame:
    """A principal among its group: how much each of them does.

    Returns
    -------
    DataFrame
        A row a principal, that with most calls first; the principal itself is among them however many do more:
        `principal`, `name`, `own` (it is the one asked for), `rank` (by calls, 1 is most), `of` (how many of the group
        were active), `hours` with a call, `calls`, `denied`, `errors`, and the most `services`, `regions` and
        `resources` of an hour. No row where none of the group was active.

    Examples
    --------
    >>> from pipeline.reports.scored_hours import TABLES
    >>> tables = duckdb.connect()
    >>> _ = tables.execute(TABLES + "INSERT INTO principals VALUES ('a', 'a', 'ci', 'g'), ('b', 'b', 'ci', 'g')")
    >>> _ = tables.execute(
    ...     "INSERT INTO hours BY NAME SELECT unnest(['a', 'b', 'b']) AS principal, unnest([50, 2, 4]) AS calls"
    ... )
    >>> list_peers(tables, "b", most=1)[["principal", "rank", "of", "calls"]].to_numpy().tolist()
    [['b', 2, 2, 6]]
    """
    _check(tables, principal)
    return tables.execute(
        """WITH mine AS (SELECT peers FROM principals WHERE principal = $principal),
        told AS (
            SELECT principal, name, principal = $principal AS own,
                row_number() OVER (ORDER BY calls DESC, principal) AS rank, count(*) OVER () AS "of",
                totals.* EXCLUDE (principal, first, last)
            FROM totals JOIN principals USING (principal) JOIN mine USING (peers)
            WHERE peers <> '' OR principal = $principal
        )
        FROM told QUALIFY own OR row_number() OVER (ORDER BY own DESC, rank) <= $most ORDER BY rank""",
        {"principal": principal, "most": most},
    ).df()


def spread(tables: duckdb.DuckDBPyConnection, principal: str, measure: str, by: By = "day") -> pd.DataFrame:
    """How a measure is spread over the hours of a principal's group, with the principal in it.

    Parameters
    ----------
    measure
        One of `features.activity.closed.MEANINGS`, but for the hour of the week.
    by
        Hours of the `day`, 0 to 23, or of the `week`, 0 (Monday's first) to 167, in the deployment's time zone.

    Returns
    -------
    DataFrame
        A row an hour: `hour`, `others` (hours of other principals of the group), the 5th, 25th, 50th, 75th and 95th
        percentile of those (`p5`, `p25`, `median`, `p75`, `p95`), and of the principal's own hours `own` (median) and
        `actual` (largest). Where nobody was active, values are missing.

    Examples
    --------
    >>> from pipeline.reports.scored_hours import TABLES
    >>> tables = duckdb.connect()
    >>> _ = tables.execute(TABLES + "INSERT INTO principals VALUES ('a', 'a', 'ci', 'g'), ('b', 'b', 'ci', 'g')")
    >>> _ = tables.execute(
    ...     "INSERT INTO hours BY NAME SELECT unnest(['a', 'b', 'b']) AS principal, 9 AS hour_of_week, "
    ...     "unnest([50, 2, 4]) AS calls"
    ... )
    >>> spread(tables, "a", "calls").loc[9, ["others", "median", "actual"]].tolist()
    [2.0, 3.0, 50.0]
    """
    _check(tables, principal)
    if measure not in COUNTS:
        raise ValueError(f"{measure!r} is no measure of an hour; there are {', '.join(COUNTS)}")
    at, hours = _BY[by]
    quantiles = {"p5": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
    others = ", ".join(f"quantile_cont(value, {q}) FILTER (NOT own) AS {name}" for name, q in quantiles.items())
    rows = tables.execute(
        f"""{_GROUP}
        SELECT place AS hour, count(*) FILTER (NOT own) AS others, {others}, median(value) FILTER (own) AS own,
            max(value) FILTER (own) AS actual
        FROM (SELECT {at} AS place, {measure} AS value, own FROM grouped) RIGHT JOIN range({hours}) AS every(place)
            USING (place)
        GROUP BY place ORDER BY place""",
        {"principal": principal},
    ).df()
    return rows.astype({name: float for name in rows.columns if name not in ("hour", "others")})


def scores_by_day(tables: duckdb.DuckDBPyConnection, principal: str) -> pd.DataFrame:
    """The largest record score of each day by each model: a row a day that was read, a column a model and `incident`.

    Missing where a model kept none (below 25), or where there was no alert.
    """
    _check(tables, principal)
    rows = tables.execute(
        f"""
        WITH told AS (
            SELECT principal, day, model, score FROM scores
            UNION ALL SELECT principal, day, '{SUM}', score FROM incidents
        )
        SELECT day, model, max(score) AS score FROM told WHERE principal = $principal GROUP BY ALL
        """,
        {"principal": principal},
    ).df()
    bounds = tables.execute(
        "SELECT min(first), max(last) FROM (SELECT first, last FROM totals UNION ALL SELECT day, day FROM scores)"
    )
    first, last = bounds.fetchall()[0]
    table = rows.pivot(index="day", columns="model", values="score").astype(float)
    table.index = pd.DatetimeIndex(table.index)
    return table.reindex(index=pd.date_range(first, last, name="day"), columns=pd.Index(models_of(tables)))


def _check(tables: duckdb.DuckDBPyConnection, principal: str) -> None:
    known = tables.execute("SELECT 1 FROM principals WHERE principal = $principal", {"principal": principal})
    if not known.fetchall():
        raise ValueError(f"nobody is called {principal!r} in these days; take a principal as `list_unlike` shows it")
