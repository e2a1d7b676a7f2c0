"""`oddtrail doctor`: what the data cannot show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command
from pipeline.cli.session import OK, RAISED, Answer, Session

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLES = [
    "oddtrail doctor",
    "oddtrail doctor --exit-code --quiet || notify-me",
    "oddtrail doctor --json | jq '.findings[] | select(.level == \"warning\")'",
]
STYLE = {"warning": "yellow", "note": "cyan", "ok": "green"}


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "doctor", short="Say what the data cannot show.", examples=EXAMPLES)(doctor)


def doctor(
    session: Session,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 3 when there is a warning.")] = False,
) -> Answer:
    """Say what the data cannot show, and what to do about it.

    A quiet list of alerts means little where nothing is looked at: without data events, with regions or days missing,
    with no geo databases, with a short history.
    """
    from datetime import UTC, datetime

    from pipeline.reports.doctor import diagnose
    from pipeline.words.words import ENGLISH

    words = ENGLISH if session.json else session.words  # what a machine reads stays English
    findings = diagnose(session.store, session.settings, datetime.now(UTC), words)
    count = {level: sum(finding.level == level for finding in findings) for level in STYLE}

    code = RAISED if exit_code and count["warning"] else OK

    def text(console: Console) -> None:
        from rich.table import Table
        from rich.text import Text

        from pipeline.render.inert_text import inert_text

        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for finding in findings:
            said = inert_text(finding.found, longest=1000)
            if finding.do:
                said.append("\n→ ").append_text(inert_text(finding.do, "dim", longest=1000))
            level = Text(words.find(finding.level), style=STYLE[finding.level])
            table.add_row(level, words.find(finding.check), said)
        console.print(table)

    answer = {"findings": [finding._asdict() for finding in findings], "count": count}
    return Answer(answer, text, code, tells_damage=True)
