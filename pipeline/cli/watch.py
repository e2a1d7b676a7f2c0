"""`oddtrail watch`: take in, score and tell, minute by minute; train at night."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.command import command
from pipeline.cli.enrichment import Geoip, Networks
from pipeline.cli.ingest import Given, Since, day_of
from pipeline.cli.publish import EventField, Events
from pipeline.cli.session import FAILED, OK, Answer, Session
from pipeline.cli.stop_event import stop_event

if TYPE_CHECKING:
    import threading

    from rich.console import Console

    from pipeline.watch.clock import SteadyClock
    from pipeline.watch.watch import Watch
    from pipeline.words.words import Words

EXAMPLES = [
    "oddtrail watch s3://my-trail/AWSLogs/ --since 30d",
    "oddtrail watch 'opensearch+https://ana@search/cloudtrail-*?password=env:P'",
    "oddtrail watch trail/ --alerts 'opensearch+https://ana@search?password=env:P'",
    "oddtrail watch 'sqs://eu-west-1/111122223333/new-objects?bucket=my-trail/AWSLogs/' --keep 120d",
    "oddtrail watch trail/ --once --json",
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "watch", short="Take in, score and tell, minute by minute.", examples=EXAMPLES)(watch)


def watch(
    session: Session,
    sources: Given,
    alerts: Annotated[
        list[str] | None,
        typer.Option("--alerts", metavar="URL", help="A search engine to publish alerts to; any number of them."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Do one tick and end; for cron and schedules.")] = False,
    every: Annotated[str, typer.Option("--every", metavar="SPAN", help="From one tick to the next.")] = "1m",
    since: Since = None,
    keep: Annotated[
        str | None, typer.Option("--keep", metavar="DAYS", help="Forget events that are older, as in 120d.")
    ] = None,
    no_notify: Annotated[bool, typer.Option("--no-notify", help="Leave notifying to `oddtrail notify send`.")] = False,
    no_train: Annotated[bool, typer.Option("--no-train", help="Leave training to `oddtrail train`.")] = False,
    health: Annotated[
        int | None,
        typer.Option("--health", metavar="PORT", help="Answer /healthz and /metrics on this machine; 0 for any port."),
    ] = None,
    shards: Annotated[
        str | None,
        typer.Option("--shards", metavar="N", help="Processes that count, each some principals. [ODDTRAIL_SHARDS; 1]"),
    ] = None,
    events: Events = "cloudtrail",
    event_field: EventField = "event.id",
    geoip: Geoip = None,
    networks: Networks = None,
) -> Answer:
    """Take in what is new, score it, and tell of it, once a minute; train once a night.

    Sources are those of `oddtrail ingest`, any number. Alerts are in the home, and in each search engine that --alerts
    names (`oddtrail setup URL` makes one ready); one that is down is told later, and so are the people whom notify.toml
    in the home names (`oddtrail notify test`). Standard error gets a line of JSON a
    tick, with what could not be done, which is tried again at the next. Ctrl-C and SIGTERM end it between two steps;
    run again, it goes on where it was, and two of them do no harm: the second one ends at once.

    The first training needs eight whole days of events: give --since 30d, or ingest history before. With --once the
    exit code is 1 where something could not be done.
    """
    import sys
    from datetime import UTC, datetime

    from pipeline.cli.enrichment import open_enrichment
    from pipeline.cli.notify import open_notifiers
    from pipeline.cli.when import read_span
    from pipeline.publish.setting import Setting
    from pipeline.publish.target import Target
    from pipeline.search.url import parse_url
    from pipeline.sources.public_keys import find_keys
    from pipeline.stores.home import open_store
    from pipeline.watch.clock import SteadyClock
    from pipeline.watch.health import Health
    from pipeline.watch.plan import Plan
    from pipeline.watch.server import HealthServer
    from pipeline.watch.watch import Watch

    session.given["shards"] = shards
    words = session.words
    enrichment = open_enrichment(session, geoip, networks)
    settings = enrichment.settings
    setting = Setting(deployment=settings.deployment, events=events, event_field=event_field)
    keys = find_keys(sources)
    plan = Plan(
        sources=tuple(sources),
        targets=tuple(Target(parse_url(url), setting) for url in alerts or ()),
        notifiers={} if no_notify else open_notifiers(settings),
        printed=sys.stderr if session.json else None,
        every=read_span(every, "--every", timedelta(seconds=1)),
        since=day_of(since, settings.timezone),
        trains=not no_train,
        keep=read_span(keep, "--keep", timedelta(days=1)) if keep else None,
        geo=enrichment.geo,
        networks=enrichment.networks,
        keys=keys,
    )
    clock, state = SteadyClock(), Health(plan.every)
    with (
        open_store(settings.home, clock=lambda: datetime.now(UTC)) as store,
        stop_event() as stop,
        HealthServer(state, health) if health is not None and not once else nullcontext() as server,
    ):
        if keys is not None:
            keys.remember_in(store.state)
        watching = Watch(store, settings, plan, stop.is_set, state)
        if server is not None:
            health_url, metrics = f"{server.url}/healthz", f"{server.url}/metrics"
            session.remark(words.say("{health} and {metrics} tell how it fares", health=health_url, metrics=metrics))
        try:
            last = _watch_once(session, watching, clock) if once else _run(watching, plan.every, stop, clock)
        finally:
            watching.close()
    return Answer(last, lambda console: _show(console, last, words), FAILED if once and last.get("problems") else OK)


def _watch_once(session: Session, watching: Watch, clock: SteadyClock) -> dict[str, Any]:
    """One tick; what it did."""
    from pipeline.render.problem_words import tell_watch_problem
    from pipeline.reports.integrity_words import tell_integrity
    from pipeline.watch.watch import StoppedError

    try:
        ticked = watching.tick(clock.now())
    except StoppedError:
        return {}
    for problem in ticked.problems:
        session.remark(tell_watch_problem(problem, session.words))
    for finding in ticked.integrity:
        session.remark(tell_integrity(finding.text, session.words))
    return ticked.as_dict()


def _run(watching: Watch, every: timedelta, stop: threading.Event, clock: SteadyClock) -> dict[str, Any]:
    """Tick until somebody stops it; what the last tick did."""
    import sys
    import time
    from datetime import UTC, datetime

    from pipeline.watch.log import Log
    from pipeline.watch.watch import StoppedError

    last: dict[str, Any] = {}
    log = Log(sys.stderr, lambda: datetime.now(UTC))
    while not stop.is_set():
        began, now = time.monotonic(), clock.now()
        if clock.jump:
            log.say("clock", level="warning", ahead=clock.jump)
        try:
            ticked = watching.tick(now)
        except StoppedError:
            break
        last = ticked.as_dict()
        told = {name: value for name, value in last.items() if name != "at"} | {"integrity": len(ticked.integrity)}
        log.say("tick", level="warning" if ticked.problems else "info", until=last["at"], **told)
        for finding in ticked.integrity:
            log.say("integrity", level="warning", **finding.as_dict())
        stop.wait(max(every.total_seconds() - (time.monotonic() - began), 0.0))
    return last


def _show(console: Console, last: dict[str, Any], words: Words) -> None:
    if not last:
        console.print(words.say("Stopped before the first tick was done."))
        return
    said = words.say(
        "{time}: {events}, {revisions}, {raised}, in {seconds} s.",
        time=last["at"],
        events=words.say_many(last["events"], "{n} new event", "{n} new events"),
        revisions=words.say_many(last["revisions"], "{n} revision of alerts", "{n} revisions of alerts"),
        raised=words.say_many(last["raised"], "{n} raised", "{n} raised"),
        seconds=f"{last['seconds']:.1f}",
    )
    console.print(said, highlight=False)
