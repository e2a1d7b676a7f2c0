"""`oddtrail models`: what has been learned, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

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
    from pipeline.bundles import Bundles
    from pipeline.render.table import plain_table

    found = [info.as_dict() for info in Bundles(session.settings.home).every()]

    def text(console: Console) -> None:
        if not found:
            console.print("No model yet: run `oddtrail train`.")
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
    """Check a model's signed manifest and print what it says."""
    from pipeline.bundles import Bundles

    bundles = Bundles(session.settings.home)
    found = [info for info in bundles.every() if model_id is None or info.model_id.startswith(model_id)]
    if not found:
        wanted = f"no model's id starts with '{model_id}'" if model_id else "there is no model yet"
        raise ModelError(f"{wanted}: `oddtrail models list` shows those there are, `oddtrail train` makes one")
    if model_id is not None and len({info.model_id for info in found}) > 1:
        raise ModelError(
            f"{len(found)} models' ids start with '{model_id}': give more of one, as in {found[0].model_id}"
        )
    info = found[-1]
    manifest = bundles.describe(info)

    def text(console: Console) -> None:
        from rich.table import Table

        from pipeline.render.inert import inert_text

        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True, style="dim")
        table.add_column(overflow="fold")
        for key, value in _rows({**info.as_dict(), **manifest}):
            table.add_row(key, inert_text(value))
        console.print(table)

    return Answer({**info.as_dict(), "manifest": manifest}, text)


def _rows(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Leaves of a document by their path."""
    rows: list[tuple[str, str]] = []
    for key, value in document.items():
        if isinstance(value, dict):
            rows += [(f"{key}.{inner}", text) for inner, text in _rows(value)]
        else:
            rows.append((key, ", ".join(map(str, value)) if isinstance(value, list) else str(value)))
    return rows
