"""`oddtrail drill`: make up an attack, and see whether what you have set up finds it tonight."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.command import command
from pipeline.cli.session import MISSED, OK, Answer, Session
from pipeline.words.words import put, to_say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rich.console import Console

    from pipeline.drill.follow import Followed
    from pipeline.stores.home import Store
    from pipeline.words.words import Words

EXAMPLES = [
    "oddtrail drill --into trail/",
    "oddtrail drill --into s3://my-trail/ --alerts 'opensearch+https://ana@search?password=env:P'",
    "oddtrail drill --attack trail-stopped --stealth stealthy --principal jane --once",
    "oddtrail drill --list",
    "oddtrail drill --clean",
]
_STEALTH = ("loud", "medium", "stealthy")


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "drill", short="Make up an attack, and see whether it is found.", examples=EXAMPLES)(drill)


def drill(
    session: Session,
    attack: Annotated[
        list[str] | None, typer.Option("--attack", metavar="NAME", help="What to play; any number. [three of them]")
    ] = None,
    stealth: Annotated[
        str, typer.Option("--stealth", metavar="HOW", help="loud, medium or stealthy: from where, with what, how much.")
    ] = "medium",
    principal: Annotated[
        str, typer.Option("--principal", metavar="NAME", help="Whose credentials are stolen: a key or a name.")
    ] = "",
    into: Annotated[
        str,
        typer.Option(
            "--into", metavar="PLACE", help="What is watched: a folder, s3://bucket/prefix, indices. [the home]"
        ),
    ] = "",
    alerts: Annotated[
        str | None, typer.Option("--alerts", metavar="URL", help="A search engine to find the alerts in, too.")
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Take in and score by itself; for a home that nobody watches.")
    ] = False,
    wait: Annotated[str, typer.Option("--wait", metavar="SPAN", help="How long to wait for the alert.")] = "10m",
    keep: Annotated[
        str, typer.Option("--keep", metavar="SPAN", help="After which events and alerts of it are taken away.")
    ] = "1d",
    clean: Annotated[bool, typer.Option("--clean", help="Take away what drills left, and end.")] = False,
    names: Annotated[bool, typer.Option("--list", help="Name the attacks that can be played, and end.")] = False,
) -> Answer:
    """Make up an attack in the name of one of your principals, and see whether what you have set up finds it.

    Its records are written as CloudTrail would have written them, with the identity, account, region, place and tool
    of a principal as your own trail shows it, and take the way of all others. Then it is measured until when it was
    taken in, judged and told; where it was held, why, and what would be needed. Nobody did any of it: nothing is called
    in AWS.

    A drill is never learnt, uses up no budget, and changes no other alert; its own are called [drill] and are taken
    away with its events after a day, or by --clean. Another home that reads the same place takes it for real.

    Exit code 0 says that every attack was raised, 4 that one was not.
    """
    if names:
        return _list(session.words)
    if stealth not in _STEALTH:
        raise typer.BadParameter(f"--stealth is {stealth[:40]!r}: give {', '.join(_STEALTH)}")
    return _clean(session) if clean else _play(session, attack, stealth, principal, into, alerts, once, wait, keep)


def _list(words: Words) -> Answer:
    from pipeline.drill.play import USUAL
    from pipeline.simulate.techniques import TECHNIQUES

    found: list[dict[str, Any]] = [
        {"name": one.name, "usual": one.name in USUAL, "does": [word.partition("*")[0] for word in one.do.split()]}
        for one in TECHNIQUES
    ]

    def text(console: Console) -> None:
        for one in found:
            console.print(f"{one['name']}{' *' if one['usual'] else ''}: {', '.join(one['does'])}", soft_wrap=True)
        console.print(words.say("* where none is named"))

    return Answer({"attacks": found}, text)


def _clean(session: Session) -> Answer:
    from datetime import UTC, datetime

    from pipeline.drill.play import clean

    words = session.words
    done = clean(session.store, session.settings, datetime.now(UTC))

    def text(console: Console) -> None:
        taken = words.say_many(
            len(done),
            "{n} drill taken away, with events, files and alerts.",
            "{n} drills taken away, with events, files and alerts.",
        )
        console.print(taken)

    return Answer({"cleaned": [{"id": one.id, "attack": one.technique, "stealth": one.degree} for one in done]}, text)


def _play(
    session: Session,
    attack: list[str] | None,
    stealth: str,
    principal: str,
    into: str,
    alerts: str | None,
    once: bool,
    wait: str,
    keep: str,
) -> Answer:
    import time
    from datetime import UTC, datetime
    from typing import cast

    from pipeline.cli.when import read_span
    from pipeline.drill.engine import open_engine
    from pipeline.drill.follow import Following
    from pipeline.drill.play import USUAL, Order, begin
    from pipeline.simulate.truth import Degree

    waits, keeps = (
        read_span(text, option, timedelta(seconds=1)) for text, option in ((wait, "--wait"), (keep, "--keep"))
    )
    order = Order(tuple(attack or USUAL), cast("Degree", stealth), principal, into, keeps)
    store, words = session.store, session.words
    drills = begin(store, session.settings, order, datetime.now(UTC))
    session.remark(words.say("{n} made up; waiting up to {span} for the alerts", n=len(drills), span=wait))
    following = Following(store, drills, open_engine(alerts) if alerts else None, clock=lambda: datetime.now(UTC))
    if once:
        _tick(session, store, into, following.look)
    followed = following.wait(datetime.now(UTC) + waits, time.sleep)
    document = {"drills": [one.as_dict() for one in followed], "found": sum(one.found for one in followed)}
    return Answer(
        document,
        lambda console: _show(console, session, followed, words),
        OK if all(o.found for o in followed) else MISSED,
    )


def _tick(session: Session, store: Store, into: str, look: Any) -> None:
    """Take in what was put there, and score; as a watch would."""
    from datetime import UTC, datetime

    from pipeline.drill.put import take_in
    from pipeline.errors import NoHistoryError
    from pipeline.render.error_words import tell_error
    from pipeline.shared.rounds import score_apart
    from pipeline.sources.several import open_sources

    if into:
        now = datetime.now(UTC)
        with open_sources([into], now.date()) as opened:
            take_in(opened.listing, store, session.settings, now)
        look()
    try:
        score_apart(store, session.settings, datetime.now(UTC))
    except NoHistoryError as error:
        words = session.words  # it is judged all the same
        session.remark(words.say("nothing but the drill is new: {why}", why=tell_error(str(error), words)))


def _show(console: Console, session: Session, followed: Sequence[Followed], words: Words) -> None:
    from pipeline.render.console import print_whole
    from pipeline.render.inert_text import inert_text

    for one in followed:
        told = words.say("raised") if one.found else words.say("NOT RAISED")
        named = words.say("{attack} as {name}", attack=one.drill.name, name=one.drill.principal_name)
        console.print(inert_text(f"{told}: {named}", longest=300))
        console.print(inert_text(f"  {one.say_why(words)}", longest=600), soft_wrap=True)
        steps = [
            (to_say("taken in after {seconds} s"), one.taken_in),
            (to_say("judged after {seconds} s"), one.judged),
            (to_say("alert after {seconds} s"), one.alerted),
            (to_say("in the index after {seconds} s"), one.indexed),
        ]
        times = [put(words.find(said), {"seconds": _after(at, one.written)}) for said, at in steps if at]
        console.print("  " + ", ".join(times), soft_wrap=True)
        if one.fared and one.fared.alert_id:
            print_whole(console, f"  {session.line(f'alerts show {one.fared.alert_id[:8]}')}")
    clean = session.line("drill --clean")
    print_whole(console, words.say("`{command}` takes all of it away; by itself it goes after a while.", command=clean))


def _after(at: datetime, written: datetime) -> str:
    return f"{(at - written).total_seconds():.0f}"
