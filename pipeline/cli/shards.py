"""`oddtrail shards`: a watch that counts on several machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command, group
from pipeline.cli.session import Answer, Session

if TYPE_CHECKING:
    from rich.console import Console

ASSIGN_EXAMPLES = ["oddtrail shards assign here node-b", "oddtrail shards assign here here node-b node-b"]
SERVE_EXAMPLES = ["oddtrail shards serve node-b --home /mnt/oddtrail"]


def register(app: typer.Typer) -> None:
    """Add the group to the application."""
    shards = group("Count for a watch on several machines that have its home.")
    command(shards, "assign", short="Say which machine counts which shard.", examples=ASSIGN_EXAMPLES)(assign)
    command(shards, "serve", short="Count the shards that are assigned to a name.", examples=SERVE_EXAMPLES)(serve)
    app.add_typer(shards, name="shards", short_help="Count for a watch on several machines.")


def assign(
    session: Session,
    owners: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Whose each shard is: here, or a machine's name; none ends it."),
    ] = None,
) -> Answer:
    """Divide principals among machines: a shard for each name, in their order.

    `here` is the machine that runs `oddtrail watch`; it counts its shards in processes of their own. Each other name is
    a machine on which `oddtrail shards serve NAME` runs, with the same folder as its home. The watch takes it when it
    begins the next time. What is decided does not depend on it.
    """
    from pipeline.detect.shards.assignment import assign as assign_in

    assigned, words = assign_in(session.store.state, owners or ()).owners, session.words

    def text(console: Console) -> None:
        for shard, owner in enumerate(assigned):
            said = words.say("shard {number} of {of}: {name}", number=shard + 1, of=len(assigned), name=owner)
            console.print(said)
        if not assigned:
            console.print(words.say("Nothing is assigned: a watch counts on its machine alone."))

    return Answer({"owners": list(assigned)}, text)


def serve(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="This machine, as it was assigned.")],
) -> Answer:
    """Count the shards that are assigned to this machine, for the watch of a home that both have mounted.

    It reads the home's events and answers in its folder `shards`; nothing else of the home is opened or written. Where
    it ends, the watch says which shards lack, and goes on once it is there again. Ctrl-C and SIGTERM end it.
    """
    from pipeline.cli.stop_event import stop_event
    from pipeline.detect.shards.elsewhere import serve_name
    from pipeline.render.note_words import tell_note

    words = session.words
    with stop_event() as stop:
        serve_name(session.settings, name, stop, lambda line: session.remark(tell_note(line, words)))
    return Answer({"name": name}, lambda console: None)
