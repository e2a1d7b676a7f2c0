"""`oddtrail config`: the settings in force and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from pipeline.cli.command import command, group
from pipeline.cli.session import Answer, Session
from pipeline.words.told import tell_again, told

if TYPE_CHECKING:
    from rich.console import Console

_ORIGINS = (told("{name} in {file}"), told("default"))
EXAMPLES = ["oddtrail config show", "ODDTRAIL_TIMEZONE=Asia/Seoul oddtrail config show"]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    config = group("The settings in force.")
    command(config, "show", short="Print every setting and where it comes from.", examples=EXAMPLES)(show)
    app.add_typer(config, name="config")


def show(session: Session) -> Answer:
    """Print every setting, its value and where it comes from.

    A value on the command line wins over ODDTRAIL_<NAME>, which wins over oddtrail.toml in the home folder (or the
    file that ODDTRAIL_CONFIG names), which wins over the default.
    """
    from pipeline.render.table import plain_table
    from pipeline.settings import Settings, load_with_origins

    words = session.words
    settings, origins = load_with_origins(session.given)
    values = settings.model_dump(mode="json")
    meanings = {name: str(field.description) for name, field in Settings.model_fields.items()}

    def text(console: Console) -> None:
        shown = {"budget": "off"} | {name: value for name, value in values.items() if value is not None}
        none = words.say("none")
        rows = [
            (name, shown.get(name, none), tell_again(origins[name], _ORIGINS, words), words.find(meanings[name]))
            for name in values
        ]
        columns = {
            words.say("setting"): "left",
            words.say("value"): "fold",
            words.say("comes from"): "fold",
            words.say("meaning"): "fold",
        }
        console.print(plain_table(columns, rows))

    document = {name: {"value": values[name], "from": origins[name], "meaning": meanings[name]} for name in values}
    return Answer({"settings": document}, text)
