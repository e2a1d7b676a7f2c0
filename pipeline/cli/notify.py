"""`oddtrail notify`: tell people what was odd; see what they were told; try whether they can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.command import command, group
from pipeline.cli.session import FAILED, OK, Answer, Session
from pipeline.words.words import to_say

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from pipeline.notify.config import Notifier
    from pipeline.notify.outbox import Notified, Outbox
    from pipeline.settings import Settings
    from pipeline.words.words import Words

TEST_EXAMPLES = ["oddtrail notify test", "oddtrail notify test oncall"]
LIST_EXAMPLES = ["oddtrail notify list", "oddtrail notify list --json | jq '.notifiers[].waiting'"]
SEND_EXAMPLES = [
    "oddtrail score && oddtrail notify send",
    "oddtrail notify send --patience 10m",
    "oddtrail notify send --since 7d --only mail",
]
_STATES = {
    *(to_say("waiting"), to_say("sent"), to_say("folded"), to_say("refused")),
    *(to_say("raised"), to_say("updated"), to_say("closed"), to_say("digest"), to_say("test")),
}
"""States and kinds of messages, which the catalogue has."""
Only = Annotated[str, typer.Option("--only", metavar="NAME", help="One notifier and no other.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    notify = group(
        "Tell people what was odd: Slack, Teams, PagerDuty, webhooks, SNS, mail, standard output. Whom and when stands "
        "in notify.toml in the home (docs/notify.md)."
    )
    command(notify, "test", short="Send a test message.", examples=TEST_EXAMPLES)(send_test)
    command(notify, "list", short="List whom is told, and what they were.", examples=LIST_EXAMPLES)(list_notices)
    command(notify, "send", short="Send what waits.", examples=SEND_EXAMPLES)(send)
    app.add_typer(notify, name="notify")


def open_notifiers(settings: Settings, only: str = "") -> dict[str, Notifier]:
    """Notifiers of the configuration, all that can be wrong with them looked at, or one of them."""
    from pipeline.errors import SettingsError
    from pipeline.notify.config import find_file, read_notifiers
    from pipeline.notify.sinks import check_sink

    notifiers = read_notifiers(settings)
    if only:
        if only not in notifiers:
            there = ", ".join(notifiers) or "none"
            raise SettingsError(
                f"there is no notifier '{only}' in {find_file(settings) or 'any file'}: there are {there}"
            )
        notifiers = {only: notifiers[only]}
    for name, notifier in notifiers.items():
        try:
            check_sink(notifier)
        except SettingsError as error:
            raise SettingsError(f"[{name}] in {find_file(settings)}: {error}") from error
    return notifiers


def send_test(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="One of them; all where it is left out.")] = "",
) -> Answer:
    """Send each notifier a message that says that it is a test, and say what came of it.

    It is sent at once, whatever the hour, and counts for nothing. The exit code is 1 where one of them was not reached.
    """
    from datetime import UTC, datetime

    from pipeline.notify.problem_words import tell_problem

    words = session.words
    notifiers = _need(session.settings, name)
    outcomes = _open(session, notifiers).test(datetime.now(UTC))
    document = {
        "notifiers": [
            {"name": each, "sent": outcome.result == "sent", "problem": outcome.problem}
            for each, outcome in outcomes.items()
        ]
    }

    def text(console: Console) -> None:
        from pipeline.render.console import print_whole

        for each, outcome in outcomes.items():
            problem = tell_problem(outcome.problem, words)
            sent = words.say("sent") if outcome.result == "sent" else words.say("not sent: {why}", why=problem)
            print_whole(console, f"{each}: {sent}")

    return Answer(document, text, OK if all(one.result == "sent" for one in outcomes.values()) else FAILED)


def list_notices(
    session: Session,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1_000, help="Messages of each.")] = 10,
) -> Answer:
    """List the notifiers, where each sends and how it is, and the messages that were queued last.

    Secrets are shown as ***. A message is waiting, sent, folded into a digest, or refused.
    """
    from pipeline.notify.config import read_notifiers
    from pipeline.notify.outbox import describe
    from pipeline.notify.problem_words import tell_problem
    from pipeline.render.table import plain_table

    words = session.words
    notifiers = read_notifiers(session.settings)
    notices = session.store.notices
    found: list[dict[str, Any]] = []
    for name, notifier in notifiers.items():
        state, counts = notices.notifier(name), notices.count(name)
        found.append(
            {
                "name": name, **describe(notifier), "waiting": counts.get("waiting", 0), "sent": counts.get("sent", 0),
                "folded": counts.get("folded", 0), "refused": counts.get("refused", 0),
                "problem": state.problem if state else "",
                "rests_until": _show_time(state.rests_until) if state and state.problem else "",
                "messages": [
                    {
                        "id": one.id, "state": one.state, "kind": one.kind, "severity": one.severity,
                        "alert_id": one.alert, "queued": _show_time(one.queued), "ended": one.ended[:19],
                        "tries": one.tries, "digest": one.digest, "problem": one.problem,
                        "headline": str(one.content.get("headline", "")),
                    }
                    for one in notices.latest(name, limit)
                ],
            }
        )  # fmt: skip

    def text(console: Console) -> None:
        from pipeline.render.console import print_whole

        if not found:
            console.print(words.say("Nobody is told: write notify.toml in the home folder, as docs/notify.md says."))
        for one in found:
            waiting = words.say_many(one["waiting"], "{n} waiting", "{n} waiting")
            sent = words.say_many(one["sent"], "{n} message sent in 30 days", "{n} messages sent in 30 days")
            again = words.say("next try {time}", time=one["rests_until"])
            trouble = f"; {tell_problem(one['problem'], words)}; {again}" if one["problem"] else ""
            print_whole(console, f"{one['name']} ({one['kind']}): {waiting}, {sent}{trouble}")
            columns = {
                words.say("queued"): "left",
                words.say("state"): "left",
                words.say("kind"): "left",
                words.say("severity"): "left",
                words.say("headline"): "fold",
            }
            rows = [
                (
                    message["queued"],
                    *(words.find(message[name]) for name in ("state", "kind", "severity")),
                    message["headline"],
                )
                for message in one["messages"]
            ]
            if rows:
                console.print(plain_table(columns, rows))

    return Answer({"notifiers": found}, text)


def send(
    session: Session,
    only: Only = "",
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="SPAN", help="Tell what was detected since, as in 7d, if it was not told."),
    ] = None,
    patience: Annotated[
        str, typer.Option("--patience", metavar="SPAN", help="How long to try again what is not taken.")
    ] = "30s",
) -> Answer:
    """Send what waits, for whoever runs `oddtrail score` and no watch.

    Nobody is told anything twice, however often it is run and whatever else runs. What waits for the end of quiet
    hours, for a digest's time or for room within the hour stays for a later run. The exit code is 1 where somebody
    could not be told.
    """
    import time
    from datetime import UTC, datetime, timedelta

    from pipeline.cli.when import read_span

    seconds = read_span(patience, "--patience", timedelta(0)).total_seconds()
    notifiers = _need(session.settings, only)
    outbox, now = _open(session, notifiers), datetime.now(UTC)
    if since is not None:
        for name in notifiers:
            session.store.notices.begin(name, now - timedelta(days=1))
            session.store.notices.begin_earlier(name, now - read_span(since, "--since", timedelta(0)))
    sent = dict.fromkeys(notifiers, 0)
    end = time.monotonic() + seconds
    while True:
        told = outbox.notify(datetime.now(UTC))
        sent = {name: sent[name] + one.sent for name, one in told.items()}
        if not any(one.problem for one in told.values()) or time.monotonic() + 5 > end:
            break
        time.sleep(5)
    return _answer(sent, told, session.words)


def _answer(sent: dict[str, int], told: dict[str, Notified], words: Words) -> Answer:
    document = {
        "notifiers": [
            {"name": name, "sent": sent[name], "waiting": one.left, "problem": one.problem}
            for name, one in told.items()
        ]
    }

    def text(console: Console) -> None:
        from pipeline.notify.problem_words import tell_problem
        from pipeline.render.console import print_whole

        for name, one in told.items():
            said = words.say_many(sent[name], "{n} message sent", "{n} messages sent")
            left = f", {words.say_many(one.left, '{n} waiting', '{n} waiting')}" if one.left else ""
            trouble = f": {tell_problem(one.problem, words)}" if one.problem else ""
            print_whole(console, f"{name}: {said}{left}{trouble}")

    return Answer(document, text, FAILED if any(one.problem for one in told.values()) else OK)


def _need(settings: Settings, only: str) -> dict[str, Notifier]:
    from pipeline.errors import SettingsError
    from pipeline.notify.config import FILE

    notifiers = open_notifiers(settings, only)
    if not notifiers:
        raise SettingsError(
            f"nobody is to be told: write {settings.home / FILE}, as docs/notify.md says, or name another file in "
            "ODDTRAIL_NOTIFY"
        )
    return notifiers


def _open(session: Session, notifiers: dict[str, Notifier]) -> Outbox:
    import sys

    from pipeline.notify.outbox import Outbox

    return Outbox(session.store, session.settings, notifiers, sys.stderr if session.json else None)


def _show_time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
