"""`oddtrail alerts publish`: tell search engines what was odd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.session import FAILED, OK, Answer, Session

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.publish.outbox import Published

EXAMPLES = [
    "oddtrail alerts publish --to opensearch+http://localhost:9200",
    "oddtrail alerts publish --to 'elasticsearch+https://ana@search:9200?password=env:P' --json",
    "oddtrail alerts publish --to opensearch+http://localhost:9200 --again",
]

To = Annotated[
    list[str], typer.Option("--to", metavar="URL", help="As in opensearch+https://user@host:9200; any number of them.")
]
Events = Annotated[
    str,
    typer.Option("--events", metavar="NAME", help="Prefix of the daily indices of events, or a pattern of other ones."),
]
EventField = Annotated[str, typer.Option("--event-field", metavar="FIELD", help="Field of an event's id in them.")]


def publish(
    session: Session,
    to: To,
    events: Events = "cloudtrail",
    event_field: EventField = "event.id",
    patience: Annotated[str, typer.Option("--patience", metavar="SPAN", help="How long to try each of them.")] = "10m",
    again: Annotated[
        bool, typer.Option("--again", help="Send what was sent already as well, as after making a detector.")
    ] = False,
) -> Answer:
    """Write alerts into the index of their month in search engines, beside what native anomaly jobs write.

    Each engine is told what it has not been told: the home remembers how far each is. Run again at any time, nothing is
    there twice; what is down is told later. A later revision of an alert takes the place of an earlier one, and what
    you write under `triage.` of an alert stays. `oddtrail setup URL` makes an engine ready.
    """
    from datetime import UTC, datetime, timedelta

    from pipeline.cli.when import read_span
    from pipeline.publish.outbox import publish as publish_alerts
    from pipeline.publish.setting import Setting
    from pipeline.publish.target import Target
    from pipeline.search.url import parse_url

    words = session.words
    seconds = read_span(patience, "--patience", timedelta(0)).total_seconds()
    setting = Setting(deployment=session.settings.deployment, events=events, event_field=event_field)
    targets = [Target(parse_url(url), setting) for url in to]
    told: list[tuple[str, Published]] = []
    for target in targets:
        done = publish_alerts(session.store, target, datetime.now(UTC), seconds=seconds, again=again)
        told.append((target.url.origin, done))
    documents: list[dict[str, Any]] = [
        {"to": origin, "sent": done.sent, "revisions": done.revisions, "left": done.left, "problem": done.problem}
        for origin, done in told
    ]

    def text(console: Console) -> None:
        from pipeline.render.console import print_whole
        from pipeline.render.engine_words import tell_engine_note

        for origin, done in told:
            said = words.say_many(
                done.sent,
                "{n} alert created or brought up to date",
                "{n} alerts created or brought up to date",
            )
            if done.left:
                why = tell_engine_note(done.problem, words)
                left = words.say_many(done.left, "{n} revision left: {why}", "{n} revisions left: {why}", why=why)
                said = f"{said}; {left}"
            print_whole(console, f"{origin}: {said}")

    return Answer({"targets": documents}, text, FAILED if any(done.left for _, done in told) else OK)
