"""`oddtrail features`: what a window is described by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from pipeline.cli.command import command
from pipeline.cli.session import Answer, Session

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLES = ["oddtrail features", "oddtrail features --json | jq '.features[].name'"]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "features", short="Print what an hour is described by.", examples=EXAMPLES)(features)


def features(session: Session) -> Answer:
    """Print the feature catalogue: name, unit and meaning of what describes a principal's hour."""
    from features.activity.catalogue import CATALOGUE
    from pipeline.render.table import plain_table

    words = session.words
    entries = [{"name": entry.name, "unit": entry.unit, "meaning": entry.meaning} for entry in CATALOGUE]

    def text(console: Console) -> None:
        rows = [(entry["name"], words.find(entry["unit"]), words.find(entry["meaning"])) for entry in entries]
        columns = {words.say("feature"): "left", words.say("unit"): "left", words.say("meaning"): "fold"}
        console.print(plain_table(columns, rows))

    return Answer({"features": entries}, text)
