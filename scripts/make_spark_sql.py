"""Write the SQL of activity in Spark's dialect: `python scripts/make_spark_sql.py`.

It is made of the statements in `features.activity.statements`, which are DuckDB's, by sqlglot; what sqlglot does not
know of the two dialects is mended here, a function a matter, and never in what is written. The events of many
account-days are counted at once, so the key of the account-day goes before the other keys.
"""

import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from features.activity.statements import counted, statements
from features.times.day import day_macros
from features.times.tick import TICK_MACRO
from pipeline.spark.columns import BY, COUNTED_FROM
from pipeline.stores.parquet.view import SQL_TYPES, corrected_sql

FOLDER: Final = Path(__file__).resolve().parent.parent / "pipeline" / "spark" / "sql"
_ZONE, _LATENESS = "Made/Up", 987654
"""Stand in the macros where a deployment's own go; they become parameters."""
_EVENT: Final = dict.fromkeys(BY, "VARCHAR") | {column.name: SQL_TYPES[column.type] for column in COUNTED_FROM}
SCHEMA: Final[Mapping[str, Mapping[str, str]]] = dict.fromkeys(("events", "counted", "collapsed", "correcting"), _EVENT)
"""Relations that the statements read."""
_LISTS: Final = {column.name for column in COUNTED_FROM if column.type == "strings"}
_MICROSECONDS: Final = {"MINUTE": 60_000_000, "HOUR": 3_600_000_000}


def make_sql() -> dict[str, str]:
    """The statements in Spark's dialect, by their names."""
    texts = {
        "corrected": corrected_sql("collapsed", "correcting", COUNTED_FROM, BY),
        "counted": counted(BY),
        **statements(BY),
    }
    return {name: transpile(text) for name, text in texts.items()}


def transpile(text: str) -> str:
    """A statement of DuckDB's in Spark's dialect, with the macros in their places.

    >>> transpile("SELECT len(flags) AS n FROM events").split()
    ['SELECT', 'SIZE(`events`.`flags`)', 'AS', '`n`', 'FROM', '`events`', 'AS', '`events`']
    """
    tree = sqlglot.parse_one(text, read="duckdb")
    tree = tree.transform(_inline)
    tree = _open_structs(tree)
    tree = qualify(tree, schema={name: dict(held) for name, held in SCHEMA.items()}, dialect="duckdb")
    for mend in _MENDING:
        tree = tree.transform(mend)
    return str(tree.sql("spark", pretty=True, identify=True)) + "\n"


@cache
def _macros() -> dict[str, tuple[list[str], exp.Expression]]:
    """Parameters and body of each macro that the statements call."""
    made = {}
    for statement in sqlglot.parse(day_macros(_ZONE, _LATENESS) + TICK_MACRO, read="duckdb"):
        if isinstance(statement, exp.Create):
            head = statement.this
            made[head.this.name] = ([parameter.name for parameter in head.expressions], statement.expression)
    return made


def _inline(node: exp.Expression) -> exp.Expression:
    """A call of a macro becomes its body."""
    if isinstance(node, exp.Anonymous) and node.name in (macros := _macros()):
        parameters, body = macros[node.name]
        given = dict(zip(parameters, node.expressions, strict=True))

        def put(inner: exp.Expression) -> exp.Expression:
            return given[inner.name].copy() if isinstance(inner, exp.Column) and inner.name in given else inner

        return exp.paren(body.copy().transform(put).transform(_inline), copy=False)
    return node


def _open_structs(tree: exp.Expression) -> exp.Expression:
    """`unnest(one)` of a struct that a subquery makes becomes a column for each of its fields."""
    for select in tree.find_all(exp.Select):
        inner = select.args.get("from_") or select.args.get("from")
        source = inner.this.this if inner and isinstance(inner.this, exp.Subquery) else None
        if not isinstance(source, exp.Select):
            continue
        fields = {
            projection.alias: [field.name for field in struct.expressions]
            for projection in source.expressions
            if isinstance(projection, exp.Alias) and (struct := projection.find(exp.Struct))
        }
        opened = []
        for projection in select.expressions:
            name = projection.this.name if isinstance(projection, exp.Explode | exp.Unnest) else ""
            if isinstance(projection, exp.Unnest):
                name = projection.expressions[0].name
            if name in fields:
                opened += [exp.alias_(exp.Dot.build([exp.column(name), exp.to_identifier(f)]), f) for f in fields[name]]
            else:
                opened.append(projection)
        select.set("expressions", opened)
    return tree


def _mend_length(node: exp.Expression) -> exp.Expression:
    """`len` counts a list's elements."""
    if isinstance(node, exp.Length):
        column = node.this
        if not (isinstance(column, exp.Column) and column.name in _LISTS):
            raise ValueError(f"{node.sql()} may be the length of a text: say which")
        return exp.func("size", column)
    return node


def _mend_overlap(node: exp.Expression) -> exp.Expression:
    """`list_has_any`."""
    return exp.func("arrays_overlap", node.this, node.expression) if isinstance(node, exp.ArrayOverlaps) else node


def _mend_tuple(node: exp.Expression) -> exp.Expression:
    """`(a, b)` as a value."""
    if isinstance(node, exp.Tuple) and isinstance(node.parent, exp.ArgMin):
        return exp.func("struct", *node.expressions)
    return node


def _mend_arg_min(node: exp.Expression) -> exp.Expression:
    """`arg_min` passes over what is null."""
    if isinstance(node, exp.ArgMin) and isinstance(node.this, exp.Column) and not isinstance(node.parent, exp.Filter):
        known = exp.Where(this=exp.Not(this=exp.Is(this=node.this.copy(), expression=exp.null())))
        return exp.Filter(this=node.copy(), expression=known)
    return node


def _mend_zone(node: exp.Expression) -> exp.Expression:
    """`timezone(zone, instant)`: what clocks of a zone show."""
    if isinstance(node, exp.Anonymous) and node.name.lower() == "timezone":
        zone, instant = node.expressions
        if zone.name != _ZONE:
            raise ValueError(f"{node.sql()} names another zone than the deployment's")
        return exp.func("from_utc_timestamp", instant, exp.Placeholder(this="timezone"))
    return node


def _mend_interval(node: exp.Expression) -> exp.Expression:
    """The deployment's lateness is a parameter; a microsecond is no unit of Spark's intervals."""
    if isinstance(node, exp.Interval) and node.this.name == str(_LATENESS):
        return exp.func("make_dt_interval", *(exp.Literal.number(0),) * 2, exp.Placeholder(this="lateness"))
    return node


def _mend_bucket(node: exp.Expression) -> exp.Expression:
    """`time_bucket` of minutes, by whole numbers."""
    if isinstance(node, exp.DateBin):
        width = int(node.this.this.name) * _MICROSECONDS[node.this.unit.name]
        micros = exp.func("unix_micros", node.expression)
        rest = exp.func("pmod", micros.copy(), exp.Literal.number(width))
        return exp.func("timestamp_micros", exp.Sub(this=micros, expression=rest))
    return node


def _mend_cte(node: exp.Expression) -> exp.Expression:
    """Spark knows no `NOT MATERIALIZED`; it never is."""
    if isinstance(node, exp.CTE):
        node.set("materialized", None)
    return node


_MENDING: Final[tuple[Callable[[exp.Expression], exp.Expression], ...]] = (
    _mend_cte, _mend_length, _mend_overlap, _mend_tuple, _mend_arg_min, _mend_zone, _mend_interval, _mend_bucket,
)  # fmt: skip


def write(folder: Path) -> None:
    """Write them into a folder, a file each."""
    folder.mkdir(exist_ok=True)
    for name, text in make_sql().items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(FOLDER)
