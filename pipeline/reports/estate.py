"""The estate: who meshes with which service and account, as a graph and as a matrix, and how complex that is.

Every function reads the tables of a connection that `pipeline.reports.estate_edges.open_estate` made. An edge is a
principal, a service and an account that it called the service in; months are spans of 28 days, 0 being the newest.
"""

from typing import Final, Literal, NamedTuple

import duckdb
import pandas as pd

from pipeline.reports.inert_frame import inert_frame

By = Literal["peers", "kind", "principal"]


class Meaning(NamedTuple):
    """What a number of `complexity` says."""

    meaning: str
    formula: str
    source: str


MEANINGS: Final = {
    "principals": Meaning("people and machines that called anything", "P", "a count"),
    "services": Meaning("services that were called", "S", "a count"),
    "accounts": Meaning("accounts that were called", "A", "a count"),
    "edges": Meaning("different (principal, service, account) that had a call: what there is to know", "E", "a count"),
    "edges_each": Meaning(
        "edges that a principal has on average: how widely rights are used", "E / P", "a mean degree"
    ),
    "density": Meaning(
        "of all pairs of a principal with a service in an account that anybody uses, the share that is in use; near 0 "
        "everybody keeps to little, at 1 everybody calls everything",
        "E / (P · D), D being pairs of service and account",
        "density of a two-mode network: Borgatti & Everett, Social Networks 19, 1997",
    ),
    "entropy": Meaning(
        "bits that it takes to say on which edge the next call is; a bit more is twice as many edges of equal weight",
        "H = −Σ p log₂ p, p being an edge's share of the calls",
        "Shannon, Bell System Technical Journal 27, 1948",
    ),
    "effective_edges": Meaning(
        "edges of equal weight that would be as hard to foresee; far below `edges`, a few carry nearly all calls",
        "2^H",
        "Hill number of order 1: Hill, Ecology 54, 1973",
    ),
    "services_each": Meaning(
        "services of equal weight that half of the principals use fewer of: a machine has one or two",
        "the median of 2^H over principals, H being of a principal's calls over services",
        "Hill number of order 1: Hill, Ecology 54, 1973; the median, so that a busy machine counts once",
    ),
    "specialisation": Meaning(
        "how far it is known from who calls what is called: 1 if everybody has services of their own, 0 if everybody "
        "calls the same; where it falls, roles grow alike",
        "I(principal; service in an account) / H(service in an account)",
        "uncertainty coefficient: Theil, American Journal of Sociology 76, 1970",
    ),
    "new": Meaning("share of the month's edges that no month before it had", "new edges / E", "a share"),
    "gone": Meaning("share of the edges of the month before that this one has not", "lost edges / E before", "a share"),
    "once": Meaning(
        "share of the month's edges that no other month has, before or after: what happens and does not stay",
        "edges of this month only / E",
        "a share; with two months or more",
    ),
}
"""The numbers of `complexity`: what they mean, how they are computed, and where that comes from."""


def edges(tables: duckdb.DuckDBPyConnection, by: By = "peers", most: int = 200, month: int | None = 0) -> pd.DataFrame:
    """Who calls which service in which account, as the edges of a graph.

    Parameters
    ----------
    by
        A node is a group of `peers`, a `kind` or a single `principal`.
    most
        Edges; those with most hours, since calls only say what loops.
    month
        Number of the month, 0 being the newest; None counts all that were read.

    Returns
    -------
    DataFrame
        A row an edge, that with most hours first: `who`, `kind`, `service`, `account`, `principals` (how many of the
        node), `calls`, `hours` (each principal's hours with a call, added up).

    Examples
    --------
    >>> from pipeline.reports.estate_edges import TABLES
    >>> tables = duckdb.connect()
    >>> _ = tables.execute(
    ...     TABLES + "INSERT INTO principals VALUES ('a', 'a', 'ci', 'g'), ('b', 'b', 'ci', 'g');"
    ...     "INSERT INTO edges VALUES (0, 'a', 's3', '1', 9, 2), (0, 'b', 's3', '1', 1, 1)"
    ... )
    >>> edges(tables)[["who", "service", "principals", "calls", "hours"]].to_numpy().tolist()
    [['g', 's3', 2, 10, 3]]
    """
    rows = tables.execute(
        f"""SELECT {_node(by)} AS who, min(kind) AS kind, service, account, count(DISTINCT principal) AS principals,
            CAST(sum(calls) AS BIGINT) AS calls, CAST(sum(hours) AS BIGINT) AS hours
        FROM edges JOIN principals USING (principal) WHERE month = coalesce($month, month)
        GROUP BY 1, service, account ORDER BY hours DESC, calls DESC, who, service, account LIMIT $most""",
        {"month": month, "most": most},
    )
    return inert_frame(rows.df())


def matrix(
    tables: duckdb.DuckDBPyConnection,
    by: By = "peers",
    across: Literal["service", "account"] = "service",
    rows: int = 25,
    columns: int = 25,
    month: int | None = 0,
) -> pd.DataFrame:
    """Who calls which service, or which account: a row a node, a column a service or account, those with most first.

    Parameters
    ----------
    by, month
        As of `edges`.
    rows, columns
        So many at most, those with most hours.

    Returns
    -------
    DataFrame
        Share of a row's hours in each column, 0 to 1; what columns were left out is missing from a row's sum.
    """
    found = tables.execute(
        f"""WITH told AS (
            SELECT {_node(by)} AS who, {across} AS what, CAST(sum(hours) AS DOUBLE) AS hours
            FROM edges JOIN principals USING (principal) WHERE month = coalesce($month, month) GROUP BY ALL
        ),
        rows AS (SELECT who, sum(hours) AS total FROM told GROUP BY 1 ORDER BY total DESC, who LIMIT $rows),
        columns AS (SELECT what, sum(hours) AS hours FROM told GROUP BY 1 ORDER BY hours DESC, what LIMIT $columns)
        SELECT who, what, told.hours / total AS share, total, columns.hours AS width
        FROM told JOIN rows USING (who) JOIN columns USING (what)""",
        {"month": month, "rows": rows, "columns": columns},
    ).df()
    across_order = found.groupby("what")["width"].first().sort_values(ascending=False, kind="stable").index
    down_order = found.groupby("who")["total"].first().sort_values(ascending=False, kind="stable").index
    shares = found.pivot(index="who", columns="what", values="share").fillna(0.0)
    shares = shares.reindex(index=down_order, columns=across_order)
    shown = inert_frame(pd.DataFrame({"who": shares.index})), inert_frame(pd.DataFrame({"what": shares.columns}))
    shares.index, shares.columns = pd.Index(shown[0]["who"], name="who"), pd.Index(shown[1]["what"], name=across)
    return shares


def complexity(tables: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """How complex the estate is, and how that changes.

    Returns
    -------
    DataFrame
        A row a month, the oldest first: `first`, `last`, `days` (of its 28, those with a call: with fewer, counts are
        smaller for that alone), and the numbers of `MEANINGS`. `new` and `gone` are missing of the oldest month, and
        `once` where there is only one.

    Examples
    --------
    >>> from pipeline.reports.estate_edges import TABLES
    >>> tables = duckdb.connect()
    >>> _ = tables.execute(
    ...     TABLES + "INSERT INTO months VALUES (0, '2026-02-02', '2026-03-01', 28);"
    ...     "INSERT INTO edges VALUES (0, 'a', 's3', '1', 5, 2), (0, 'b', 'ec2', '1', 5, 1)"
    ... )
    >>> complexity(tables)[["edges", "density", "entropy", "specialisation"]].to_numpy().tolist()
    [[2.0, 0.5, 1.0, 1.0]]
    """
    rows = tables.execute(_COMPLEXITY).df()
    return rows[["first", "last", "days", *MEANINGS]]


def changed_edges(tables: duckdb.DuckDBPyConnection, by: By = "peers", most: int = 50) -> pd.DataFrame:
    """Edges of the newest month that no month before had, and those of the month before that are gone.

    Returns
    -------
    DataFrame
        A row an edge, that with most hours first: `change` (new or gone), `who`, `kind`, `service`, `account`,
        `principals`, `calls`, `hours`; with one month only there is none.
    """
    rows = tables.execute(
        f"""WITH told AS (
            SELECT {_node(by)} AS who, min(kind) AS kind, service, account, month,
                count(DISTINCT principal) AS principals, CAST(sum(calls) AS BIGINT) AS calls,
                CAST(sum(hours) AS BIGINT) AS hours
            FROM edges JOIN principals USING (principal) GROUP BY 1, service, account, month
        ),
        placed AS (
            SELECT *, min(month) OVER edge AS newest, max(month) OVER edge AS oldest FROM told
            WINDOW edge AS (PARTITION BY who, service, account)
        )
        SELECT CASE month WHEN 0 THEN 'new' ELSE 'gone' END AS change, who, kind, service, account, principals, calls,
            hours
        FROM placed
        WHERE (month = 0 AND oldest = 0 OR month = 1 AND newest = 1) AND (SELECT max(month) FROM months) > 0
        ORDER BY hours DESC, calls DESC, change, who, service, account LIMIT $most""",
        {"most": most},
    )
    return inert_frame(rows.df())


def explain_numbers() -> pd.DataFrame:
    """The numbers of `complexity`: `number`, `meaning`, `formula`, `source`."""
    return pd.DataFrame([(name, *one) for name, one in MEANINGS.items()], columns=["number", *Meaning._fields])


def _node(by: By) -> str:
    return {"peers": "coalesce(nullif(peers, ''), kind)", "kind": "kind", "principal": "principal"}[by]


_BITS: Final = "-sum(p * log2(p))"
_COMPLEXITY: Final = f"""
WITH weighed AS (
    SELECT *, calls / sum(calls) OVER (PARTITION BY month) AS p,
        min(month) OVER edge AS newest, max(month) OVER edge AS oldest, count(*) OVER edge AS seen,
        lag(month) OVER (PARTITION BY principal, service, account ORDER BY month) AS next
    FROM edges WHERE month IN (SELECT month FROM months)
    WINDOW edge AS (PARTITION BY principal, service, account)
),
counted AS (
    SELECT month, count(DISTINCT principal) AS principals, count(DISTINCT service) AS services,
        count(DISTINCT account) AS accounts, count(*) AS edges, count(DISTINCT (service, account)) AS pairs,
        {_BITS} AS entropy, count(*) FILTER (oldest = month) AS new, count(*) FILTER (seen = 1) AS once,
        count(*) FILTER (month > 0 AND next IS DISTINCT FROM month - 1) AS lost
    FROM weighed GROUP BY month
),
who AS (
    SELECT month, {_BITS} AS entropy FROM (SELECT month, principal, sum(p) AS p FROM weighed GROUP BY ALL)
    GROUP BY month
),
what AS (
    SELECT month, {_BITS} AS entropy FROM (SELECT month, service, account, sum(p) AS p FROM weighed GROUP BY ALL)
    GROUP BY month
),
each AS (
    SELECT month, median(effective) AS services_each FROM (
        SELECT month, principal, pow(2, {_BITS}) AS effective FROM (
            SELECT month, principal, service, sum(calls) / sum(sum(calls)) OVER (PARTITION BY month, principal) AS p
            FROM weighed GROUP BY month, principal, service
        ) GROUP BY month, principal
    ) GROUP BY month
)
SELECT months.first, months.last, months.days, principals, services, accounts, edges,
    edges / principals AS edges_each, edges / (principals * pairs) AS density, counted.entropy,
    pow(2, counted.entropy) AS effective_edges, services_each,
    CASE WHEN what.entropy > 1e-12
        THEN greatest(who.entropy + what.entropy - counted.entropy, 0) / what.entropy END AS specialisation,
    CASE WHEN month < (SELECT max(month) FROM months) THEN counted.new / edges END AS new,
    lag(lost / edges) OVER (ORDER BY month DESC) AS gone,
    CASE WHEN (SELECT count(*) FROM months) > 1 THEN once / edges END AS once
FROM months JOIN counted USING (month) JOIN who USING (month) JOIN what USING (month) JOIN each USING (month)
ORDER BY month DESC
"""
