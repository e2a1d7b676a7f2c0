"""`oddtrail compare-native`: our alerts held against what native anomaly jobs found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.command import command
from pipeline.cli.session import Answer, Session
from pipeline.words.words import to_say

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from pipeline.publish.compare import Compared
    from pipeline.publish.native import NativeRead
    from pipeline.publish.whom import Whom
    from pipeline.words.words import Words

EXAMPLES = [
    "oddtrail compare-native opensearch+http://localhost:9200 --since 7d",
    "oddtrail compare-native 'elasticsearch+https://ana@search:9200?password=env:P' --min-score 50",
    "oddtrail compare-native opensearch+http://localhost:9200 --json | jq '.compared[] | .found_by'",
]
SAID = {"both": to_say("both"), "ours": to_say("only ours"), "native": to_say("only native")}


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "compare-native", short="Hold alerts against native anomaly jobs' results.", examples=EXAMPLES)(
        compare_native
    )


def compare_native(
    session: Session,
    url: Annotated[str, typer.Argument(metavar="URL", help="OpenSearch or Elasticsearch, as in the examples.")],
    since: Annotated[str, typer.Option(metavar="TIME", help="From then on: a time, a date, or 24h, 7d.")] = "7d",
    min_score: Annotated[
        float, typer.Option("--min-score", metavar="SCORE", min=0, max=100, help="Of native results; grades are × 100.")
    ] = 0,
    index: Annotated[
        str, typer.Option("--index", metavar="PATTERN", help="Where native results are, if not where jobs put them.")
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="Alerts that were not raised as well.")] = False,
) -> Answer:
    """Hold alerts against what Elastic's or OpenSearch's own anomaly jobs found, by day and principal.

    Each line says who found something, and the calls behind it. Native results that name nobody (a city, an error) are
    told by what they name. Where there are no native results, or they may not be read, it says so. The page
    (`oddtrail serve`) shows the last comparison.
    """
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from msgspec import convert

    from pipeline.cli.when import parse_when
    from pipeline.publish.compare import count_verdicts, describe
    from pipeline.search.url import parse_url
    from pipeline.stores.compared import Comparison, put_comparison

    zone, words = ZoneInfo(session.settings.timezone), session.words
    now = datetime.now(UTC)
    start = parse_when(since, now=now, timezone=zone.key, option="--since")
    read = _read(url, start, now, index, min_score)
    rows = _compare(session, read, start, now, zone, every)
    counts = count_verdicts(rows)

    def text(console: Console) -> None:
        from pipeline.render.console import print_whole
        from pipeline.render.engine_words import tell_engine_note

        _show(console, rows, zone, words)
        told = ", ".join(f"{words.find(SAID[name])}: {count:,}" for name, count in counts.items())
        print_whole(console, words.say("{counts} (days of a principal)", counts=told))
        for note in read.notes:
            print_whole(console, tell_engine_note(note, words))

    document = {"since": start, "counts": counts, "compared": [describe(row) for row in rows], "notes": read.notes}
    given = document | {"at": now, "origin": parse_url(url).origin, "min_score": min_score, "every": every}
    put_comparison(session.settings.home, convert(given, Comparison))
    return Answer(document, text)


def _read(url: str, since: datetime, until: datetime, pattern: str, min_score: float) -> NativeRead:
    """The native results; the product is as the URL says where the engine does not tell us."""
    from pipeline.documents.capabilities import probe
    from pipeline.errors import SettingsError
    from pipeline.publish.native import read_native
    from pipeline.search.engine import Engine
    from pipeline.search.url import parse_url

    engine = Engine(parse_url(url), connections=1)
    try:
        try:
            product = probe(engine).product
        except SettingsError:
            product = engine.url.product
        return read_native(engine, product, since, until, pattern=pattern, min_score=min_score)
    finally:
        engine.close()


def _compare(
    session: Session, read: NativeRead, since: datetime, until: datetime, zone: ZoneInfo, every: bool
) -> list[Compared]:
    from pipeline.connection import connect
    from pipeline.publish.compare import compare, since_day
    from pipeline.publish.native import LONGEST_WINDOW
    from pipeline.publish.whom import Whom
    from pipeline.stores.home import STATE_FILE

    first = since_day(since, zone)
    found = session.alerts.latest(raised=None if every else True)
    alerts = [each for each in found if each.day >= first and not each.drill]
    whom: Whom = Whom()
    for alert in alerts:
        whom.add_alert(alert)
    if not (session.settings.home / STATE_FILE).exists():
        return compare(alerts, read.results, whom, zone)
    with connect(session.settings.threads, session.settings.memory) as connection:
        session.store.events.view(connection, since=since - LONGEST_WINDOW, until=until)
        whom.add_events(connection)
        return compare(alerts, read.results, whom, zone, connection)


def _show(console: Console, rows: list[Compared], zone: ZoneInfo, words: Words) -> None:
    from pipeline.render.table import plain_table

    columns = {
        words.say("day"): "left",
        words.say("principal"): "fold",
        words.say("found by"): "left",
        words.say("ours"): "fold",
        words.say("native"): "fold",
    }
    if rows:
        console.print(plain_table(columns, [_row(row, zone, words) for row in rows]))


def _row(row: Compared, zone: ZoneInfo, words: Words) -> tuple[Any, ...]:
    ours = [f"{alert.record_score:.0f} {words.find(alert.severity)}" for alert in row.alerts]
    native = [
        f"{result.job} {result.score:.0f}, {result.start.astimezone(zone):%H:%M}–{result.end.astimezone(zone):%H:%M}"
        for result in sorted(row.native, key=lambda result: -result.score)[:2]
    ]
    if len(row.native) > len(native):
        left = len(row.native) - len(native)
        native.append(words.say("and {n} more", n=f"{left:,}"))
    return (
        f"{row.day}",
        row.name,
        words.find(SAID[row.verdict]),
        _side(ours, row.our_calls),
        _side(native, row.native_calls),
    )


def _side(told: list[str], calls: list[str]) -> str:
    return "; ".join(told) + (f": {', '.join(calls)}" if calls else "")
