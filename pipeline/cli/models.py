"""`oddtrail models`: what has been learned, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import models_serving as serving
from pipeline.cli.command import command, group
from pipeline.cli.session import Answer, Session
from pipeline.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from pipeline.stores.jsonl.models import ModelNote
    from pipeline.words.words import Words

LIST_EXAMPLES = ["oddtrail models list"]
SHOW_EXAMPLES = ["oddtrail models show", "oddtrail models show 20516-3f9ac2 --json"]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    models = group("What has been learned: the models of this home.")
    command(models, "list", short="List the models that were trained.", examples=LIST_EXAMPLES)(list_models)
    command(models, "show", short="Check a model and print what it says.", examples=SHOW_EXAMPLES)(show)
    serving.register(models)
    app.add_typer(models, name="models")


def list_models(session: Session) -> Answer:
    """List the models that were trained, the newest last, and which of them are in service."""
    from pipeline.render.console import print_whole
    from pipeline.render.table import plain_table
    from pipeline.stores.bundles.folder import Bundles

    words = session.words
    bundles = Bundles.of(session.settings)
    every = bundles.every()
    served = bundles.in_service() if every else None
    champion = served.serving[-1] if served and served.serving else None
    found = [
        {**info.as_dict(), "state": serving.say_state(served, info), "champion": info.path.name == champion}
        for info in every
    ]

    def text(console: Console) -> None:
        if not found:
            print_whole(console, words.say("No model yet: run `{command}`.", command=session.line("train")))
            return
        rows = [
            (
                info["model_id"],
                info["day"],
                f"{info['bytes'] / 1e6:,.1f} MB",
                serving.tell_state(info["state"], words) + (f", {words.say('champion')}" if info["champion"] else ""),
                info["path"],
            )
            for info in found
        ]
        columns = {
            words.say("model"): "left",
            words.say("judges from"): "left",
            words.say("size"): "right",
            words.say("state"): "fold",
            words.say("folder"): "fold",
        }
        console.print(plain_table(columns, rows))

    return Answer({"models": found}, text)


def show(
    session: Session,
    model_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A model's id, or how it starts; the newest without.")
    ] = None,
) -> Answer:
    """Check that a model is whole and signed with a key that this home trusts, and say from which day on it judges.

    Between two trainings the model learns day by day, and what it was on a day is not kept whole. Of one that an alert
    names, what was noted when it judged is shown for as long as there are alerts: of which trained model it was made,
    how much it had seen, and what evidence reached which score.
    """
    from pipeline.stores.bundles.folder import Bundles
    from pipeline.stores.fetched import count_spans

    words = session.words
    bundles = Bundles.of(session.settings)
    every = {info.model_id: info for info in bundles.every()}
    noted = _read_notes(session.settings.home) if model_id is not None else {}
    if not every and not noted:
        raise ModelError(f"there is no model in {session.settings.home} yet: run `{session.line('train')}`")
    chosen = [*every][-1] if model_id is None else serving.choose_id(session, {*every, *noted}, model_id)
    if chosen not in every:
        return _show_note(noted[chosen], words)
    info = every[chosen]
    manifest = bundles.describe(info)
    files = len(manifest["files"])
    note = manifest.get("note")

    def text(console: Console) -> None:
        fetched = [
            words.say_many(
                days,
                "the activity of {n} account-day from {first} to {last} was fetched from {place}",
                "the activity of {n} account-days from {first} to {last} was fetched from {place}",
                first=first,
                last=last,
                place=place,
            )
            for place, days, first, last in count_spans(note.get("fetched") if isinstance(note, dict) else None)
        ]
        rows = {
            words.say("model"): info.model_id,
            words.say("judges from"): info.day,
            words.say("checked"): words.say_many(
                files, "{n} file is as it was signed", "{n} files are as they were signed"
            ),
            words.say("size"): f"{info.as_dict()['bytes'] / 1e6:,.1f} MB",
            words.say("folder"): info.path,
            **({words.say("learnt"): "\n".join(fetched)} if fetched else {}),
        }
        _print_rows(console, rows)

    return Answer({**info.as_dict(), "kept": True, "manifest": manifest}, text)


def _read_notes(home: Path) -> dict[str, ModelNote]:
    """Notes of models by their ids, in a home or in the folder of a backtest."""
    from pipeline.detect.backtest import read_models
    from pipeline.stores.home import MODELS_FILE
    from pipeline.stores.jsonl.models import ModelsJsonl

    notes = ModelsJsonl(home / MODELS_FILE).every() or read_models(home)
    return {note.model_id: note for note in notes}


def _show_note(note: ModelNote, words: Words) -> Answer:
    """What was noted of a model that is not kept whole."""

    def text(console: Console) -> None:
        made_of = (
            words.say("model {model}, which learned on from day to day", model=note.made_of)
            if note.made_of
            else words.say("a backtest's history")
        )
        seen = (
            words.say_many(note.learnt_days, "{n} day", "{n} days"),
            words.say_many(note.principals, "{n} principal", "{n} principals"),
            words.say_many(note.values, "{n} value", "{n} values"),
        )
        reached = [
            words.say("{nats} nats reach {score}", nats=f"{nats:.1f}", score=score) for score, nats in note.nats.items()
        ]
        rows = {
            words.say("model"): note.model_id,
            words.say("day judged"): note.day,
            words.say("made of"): made_of,
            words.say("had seen"): ", ".join(seen),
            words.say("calibrated on"): words.say_many(
                note.judged_days, "{n} day judged before", "{n} days judged before"
            ),
            words.say("evidence"): ", ".join(reached),
            words.say("kept"): words.say(
                "not whole: this was noted when it judged; models that trainings publish are kept"
            ),
        }
        _print_rows(console, rows)

    return Answer({**note.as_dict(), "kept": False}, text)


def _print_rows(console: Console, rows: Mapping[str, object]) -> None:
    from rich.table import Table

    from pipeline.render.inert_text import inert_text

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for key, value in rows.items():
        table.add_row(key, inert_text(value))
    console.print(table)
