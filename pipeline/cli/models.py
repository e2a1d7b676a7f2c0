"""`oddtrail models`: what has been learned, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command, group
from pipeline.cli.session import Answer, Session
from pipeline.errors import ModelError

if TYPE_CHECKING:
    from rich.console import Console

LIST_EXAMPLES = ["oddtrail models list"]
SHOW_EXAMPLES = ["oddtrail models show", "oddtrail models show 20516-3f9ac2 --json"]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    models = group("What has been learned: the models of this home.")
    command(models, "list", short="List the models that were trained.", examples=LIST_EXAMPLES)(list_models)
    command(models, "show", short="Check a model and print what it says.", examples=SHOW_EXAMPLES)(show)
    app.add_typer(models, name="models")


def list_models(session: Session) -> Answer:
    """List the models that were trained, the newest last."""
    from pipeline.render.console import print_whole
    from pipeline.render.table import plain_table
    from pipeline.stores.bundles.folder import Bundles

    found = [info.as_dict() for info in Bundles(session.settings.home).every()]

    def text(console: Console) -> None:
        if not found:
            print_whole(console, f"No model yet: run `{session.line('train')}`.")
            return
        rows = [(info["model_id"], info["day"], f"{info['bytes'] / 1e6:,.1f} MB", info["path"]) for info in found]
        console.print(plain_table({"model": "left", "judges from": "left", "size": "right", "folder": "fold"}, rows))

    return Answer({"models": found}, text)


def show(
    session: Session,
    model_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A model's id, or how it starts; the newest without.")
    ] = None,
) -> Answer:
    """Check that a model is whole and signed with this home's key, and say from which day on it judges."""
    from pipeline.stores.bundles.folder import Bundles

    bundles = Bundles(session.settings.home)
    every = bundles.every()
    if not every:
        raise ModelError(f"there is no model in {session.settings.home} yet: run `{session.line('train')}`")
    found = [info for info in every if model_id is None or info.model_id.startswith(model_id)]
    if not found:
        raise ModelError(
            f"no model's id starts with '{model_id}': `{session.line('models list')}` shows those there are"
        )
    if model_id is not None and len({info.model_id for info in found}) > 1:
        raise ModelError(
            f"{len(found)} models' ids start with '{model_id}': give more of one, as in {found[0].model_id}"
        )
    info = found[-1]
    manifest = bundles.describe(info)

    def text(console: Console) -> None:
        from rich.table import Table

        from pipeline.render.inert_text import inert_text

        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True, style="dim")
        table.add_column(overflow="fold")
        rows = {
            "model": info.model_id,
            "judges from": info.day,
            "checked": f"{len(manifest['files'])} files are as they were signed with this home's key",
            "size": f"{info.as_dict()['bytes'] / 1e6:,.1f} MB",
            "folder": info.path,
        }
        for key, value in rows.items():
            table.add_row(key, inert_text(value))
        console.print(table)

    return Answer({**info.as_dict(), "manifest": manifest}, text)
