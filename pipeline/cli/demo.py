"""`oddtrail demo`: planted attacks, found and explained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.command import command
from pipeline.cli.session import Answer, Session

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.demo.run import Demo

EXAMPLES = ["oddtrail demo", "oddtrail demo --seed 11", "oddtrail demo --keep demo/ --budget 3"]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "demo", short="See planted attacks found and explained.", examples=EXAMPLES)(demo)


def demo(
    session: Session,
    seed: Annotated[
        int, typer.Option(metavar="N", show_default=False, help="Another seed is another company. [7]")
    ] = 7,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for its trail and home. [demo/ in the home folder]")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="N", help="Alerts a day, on average, or off. [ODDTRAIL_BUDGET; 5]")
    ] = None,
) -> Answer:
    """Simulate five weeks of a small company with twelve planted attacks, and find them.

    Learns four weeks, scores the fifth as the worker would, explains each alert, and then says which attacks were
    found and which were missed. Takes about a minute; the folder stays, so that every other command can look into it.
    """
    from zoneinfo import ZoneInfo

    from pipeline.demo.run import run_demo
    from pipeline.render.console import print_prose
    from pipeline.render.demo import render_demo
    from pipeline.render.demo_words import DOING
    from pipeline.render.progress import spinner

    words = session.words
    folder = (keep or session.settings.home / "demo").expanduser().absolute()
    given = {name: value for name, value in session.given.items() if name != "home"}
    if budget:
        given["budget"] = budget
    with spinner(session.notes if session.shows_progress else None) as doing:
        result = run_demo(folder, seed=seed, given=given, say=lambda stage: doing(words.find(DOING[stage])))
    look = Session({"home": str(result.home)})
    zone = ZoneInfo(session.settings.timezone)

    def text(console: Console) -> None:
        print_prose(console, render_demo(result, zone, look.line, words))

    return Answer(_document(result), text)


def _document(result: Demo) -> dict[str, Any]:
    found = {one.campaign.id: one for one in result.verdict.found}
    missed = {one.campaign.id: one.why for one in result.verdict.missed}
    campaigns = [
        {
            "id": campaign.id,
            "degree": campaign.degree,
            "technique": campaign.technique,
            "principal_name": campaign.principal_name,
            "found": campaign.id in found,
            "alert_id": found[campaign.id].alert_id if campaign.id in found else None,
            "minutes": found[campaign.id].after.total_seconds() / 60 if campaign.id in found else None,
            "missed_because": missed.get(campaign.id),
        }
        for campaign in result.truth.campaigns
    ]
    return {
        "folder": result.folder,
        "home": result.home,
        "seed": result.seed,
        "events": result.truth.events,
        "seconds": result.seconds,
        "found": len(found),
        "campaigns": campaigns,
        "harmless": result.verdict.harmless,
        "alerts": [alert.as_dict() for alert in result.alerts],
    }
