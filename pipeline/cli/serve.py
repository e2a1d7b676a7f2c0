"""`oddtrail serve`: the analyst's page, on this machine."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.command import command
from pipeline.cli.session import Answer, Session

EXAMPLES = [
    "oddtrail serve",
    "oddtrail serve --home demo/home --port 9000",
    "oddtrail serve --host 0.0.0.0 --name odd.example.com --tokens tokens.txt",
    "oddtrail serve --host 10.0.0.7 --name odd.example.com --user-header X-User --from 10.0.0.2",
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "serve", short="Show it all in a browser.", examples=EXAMPLES)(serve)


def serve(
    session: Session,
    host: Annotated[str, typer.Option("--host", metavar="IP", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="PORT", help="0 for any that is free.")] = 8477,
    names: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="NAME", help="A host name that browsers ask for; any number of them."),
    ] = None,
    tokens: Annotated[
        Path | None, typer.Option("--tokens", metavar="FILE", help="Who has one of these may look: a token a line.")
    ] = None,
    user_header: Annotated[
        str, typer.Option("--user-header", metavar="NAME", help="Header in which a proxy says whom it let through.")
    ] = "",
    proxies: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="ADDRESS", help="Where that proxy calls from; it is believed from there alone."),
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Nobody marks alerts on the page.")] = False,
) -> Answer:
    """Show incidents, what is usual and what is held, in a browser, until Ctrl-C.

    It only reads, but for marks of alerts unless --read-only is given. It answers this machine alone unless --tokens
    or --user-header says who may look; whoever is on this machine is asked as well then. A browser asks for a name and
    a password: the password is the token. Put a proxy with TLS in front of it wherever a network lies between.
    """
    from pipeline.page.access import Access, read_networks, read_tokens
    from pipeline.page.app import make_app
    from pipeline.page.counting import Counting
    from pipeline.page.home import Home
    from pipeline.page.serve import find_names, listen, write_address
    from pipeline.page.serve import serve as answer

    if bool(user_header) != bool(proxies):
        raise typer.BadParameter("--user-header and --from go together: a header is believed from named addresses only")
    access = Access(
        read_tokens(tokens.expanduser()) if tokens else (), user_header.lower(), read_networks(proxies or ())
    )
    home, words = Home(session.settings), session.words
    with listen(host, port, access) as found:
        session.remark(words.say("reading the alerts; the first time that takes a second per five thousand"))
        home.alerts.refresh()
        address = write_address(found)
        shows = words.say("{address} shows {home}; Ctrl-C ends it", address=address, home=home.settings.home)
        app = make_app(home, access, find_names(host, [name.lower() for name in names or ()]), read_only=read_only)
        Counting(home.prepare).start()
        with suppress(KeyboardInterrupt):  # the way to end it
            answer(app, found, lambda: session.remark(shows))
    return Answer({"address": address}, lambda console: None)
