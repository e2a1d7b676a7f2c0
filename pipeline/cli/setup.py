"""`oddtrail setup`: make a search engine ready for documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command
from pipeline.cli.session import FAILED, OK, Answer, Session
from pipeline.words.words import to_say

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.documents.setup import SetUp
    from pipeline.words.words import Words

EXAMPLES = [
    "oddtrail setup opensearch+http://localhost:9200",
    "oddtrail setup 'opensearch+https://admin@search.example.com?password=env:PASSWORD' --dry-run",
    "oddtrail setup 'opensearch+sigv4://vpc-x.es.amazonaws.com?region=eu-west-1' --retention 90d",
]
_SAID = {
    "made": to_say("made"),
    "changed": to_say("changed"),
    "same": to_say("there already"),
    "refused": to_say("refused"),
}
_WOULD = _SAID | {"made": to_say("would be made"), "changed": to_say("would be changed")}

Prefix = Annotated[str, typer.Option("--prefix", metavar="NAME", help="What names of indices begin with.")]
Retention = Annotated[str, typer.Option("--retention", metavar="SPAN", help="How long events are kept, as in 90d.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "setup", short="Make a search engine ready for documents.", examples=EXAMPLES)(setup)


def setup(
    session: Session,
    url: Annotated[str, typer.Argument(metavar="URL", help="OpenSearch or Elasticsearch, as in the examples.")],
    prefix: Prefix = "cloudtrail",
    retention: Retention = "400d",
    saved_objects: Annotated[
        str | None,
        typer.Option("--saved-objects", metavar="FILE", help="Write a data view that Dashboards and Kibana import."),
    ] = None,
    dashboards: Annotated[
        str | None,
        typer.Option("--dashboards", metavar="URL", help="Make it there, as in opensearch+https://host:5601."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print each request, and change nothing.")] = False,
) -> Answer:
    """Make OpenSearch or Elasticsearch ready for documents: index templates, policies for old indices, and roles.

    What is there already stays as it is, so it may be run again at any time. Nothing of somebody else's is changed:
    a template or an index in the way is named, and nothing is done.

    Where OpenSearch's anomaly detection answers, a detector is made that is never started: its viewer then lists our
    alerts. One alias and one data view read them and the native results that are there.
    """
    from datetime import UTC, datetime, timedelta

    from pipeline.cli.when import read_span
    from pipeline.documents.document import Naming
    from pipeline.documents.setup import check_prefix, set_up
    from pipeline.search.engine import Engine
    from pipeline.search.url import parse_url

    words = session.words
    naming = Naming(check_prefix(prefix), read_span(retention, "--retention", timedelta(days=1)))
    engine = Engine(parse_url(url))
    done = set_up(engine, naming, today=datetime.now(UTC).date(), dry_run=dry_run)
    if not dry_run:
        _make_data_view(done, saved_objects, dashboards)

    def text(console: Console) -> None:
        _print(console, done, engine.url.origin, dry_run, words)

    steps = [{**step._asdict(), "body": step.body if dry_run else None} for step in done.steps]
    document = {
        "url": engine.url.origin, "engine": done.engine, "dry_run": dry_run, "steps": steps, "notes": done.notes,
    }  # fmt: skip
    return Answer(document, text, FAILED if any(step.outcome == "refused" for step in done.steps) else OK)


def _make_data_view(done: SetUp, file: str | None, dashboards: str | None) -> None:
    """The data view over alerts and native results, where it is asked for."""
    from pathlib import Path

    from pipeline.documents.setup import Step
    from pipeline.documents.viewers import make_data_view, put_data_view, write_saved_objects
    from pipeline.errors import SettingsError
    from pipeline.search.engine import Engine
    from pipeline.search.url import parse_url

    if file:
        path = Path(file).expanduser()
        try:
            path.write_text(write_saved_objects(done.product), encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"{path} cannot be written ({error.strerror}): name another --saved-objects") from error
        done.notes.append(f"{path} holds the data view: import it under Saved Objects")
    if dashboards:
        viewer = Engine(parse_url(dashboards), connections=1)
        try:
            asked = put_data_view(viewer, done.product)
        finally:
            viewer.close()
        view = make_data_view(done.product)
        done.steps.append(Step(f"data view {view['attributes']['title']}", "made", "POST", asked, view["attributes"]))


def _print(console: Console, done: SetUp, origin: str, dry_run: bool, words: Words) -> None:
    from pipeline.render.console import print_whole
    from pipeline.render.engine_words import tell_engine_note, tell_step

    said = _WOULD if dry_run else _SAID
    print_whole(console, words.say("{address} is {engine}.", address=origin, engine=done.engine))
    for step in done.steps:
        reason = f" ({step.reason})" if step.reason else ""
        print_whole(console, f"{tell_step(step.what, words)}: {words.find(said[step.outcome])}{reason}")
        if dry_run and step.outcome != "same":
            print_whole(console, f"{step.method} {step.path}")
            for line in json.dumps(step.body, indent=2).splitlines():
                print_whole(console, line)
    for note in done.notes:
        print_whole(console, tell_engine_note(note, words))
