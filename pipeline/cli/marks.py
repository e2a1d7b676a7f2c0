"""`oddtrail alerts mark`, `marks` and `unmark`: what people say of alerts, and what it costs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.session import Answer, Session

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.feedback.price import Price
    from pipeline.feedback.read_back import Found
    from pipeline.stores.alert import Alert
    from pipeline.stores.jsonl.marks import Mark
    from pipeline.words.words import Words

MARK_EXAMPLES = [
    "oddtrail alerts mark 3f9ac2 expected --note 'the new pipeline'",
    "oddtrail alerts mark 3f9ac2 expected --for call --for place=KR --scope group --days 30",
    "oddtrail alerts mark 3f9ac2 expected --dry-run",
    "oddtrail alerts mark 3f9ac2 malicious --note INC-118",
]
LIST_EXAMPLES = [
    "oddtrail alerts marks",
    "oddtrail alerts marks --all --csv > marks.csv",
    "oddtrail alerts marks --from opensearch+http://localhost:9200",
]
UNMARK_EXAMPLES = ["oddtrail alerts unmark 0123456789ab --note 'it was stolen after all'"]

Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; kept in the log, 2,000 characters at most.")]
By = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who says so. The user who runs this, if left out.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Save without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would do and cost, and save nothing.")]


def mark(
    session: Session,
    alert_id: Annotated[str, typer.Argument(metavar="ID", help="An alert's id, or how it starts.")],
    verdict: Annotated[str, typer.Argument(metavar="VERDICT", help="expected, malicious or unsure.")],
    note: Note = "",
    wanted: Annotated[
        list[str] | None,
        typer.Option(
            "--for",
            metavar="WHAT",
            help="What is expected: call, place, tool or resource, or one as in place=KR. Left out: all that can be.",
        ),
    ] = None,
    scope: Annotated[str, typer.Option("--scope", metavar="WHOM", help="principal, or group.")] = "principal",
    days: Annotated[
        int | None,
        typer.Option("--days", metavar="N", help="Expected for so many days (90); malicious: so many are not learnt."),
    ] = None,
    by: By = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Answer:
    """Say of an alert that it was expected, malicious, or that you are unsure.

    What is expected becomes usual for the principal (or its group) from tomorrow on, and until it expires: it weighs
    less and is judged still, and what else is odd is told as ever. Before it is saved you see what of the past it would
    have hidden, and which planted attacks would be missed. Denied calls, exposures and facts cannot be expected.

    Malicious keeps the principal's days from the alert to today (14 at most) out of what models learn. Unsure is a
    note. Marks are never changed: `oddtrail alerts unmark` takes one back.

    Whoever was sent a message of the alert is told that it is malicious; expected closes the message.
    """
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from pipeline.feedback.choose import SAID, SCOPES, Asked, make_mark
    from pipeline.render.marks import write_said

    words = session.words
    said = next((one for one in SAID if one == verdict), None)
    whom = next((one for one in SCOPES if one == scope), None)
    if said is None:
        raise typer.BadParameter(f"'{verdict[:80]}' is no verdict: say expected, malicious or unsure")
    if whom is None:
        raise typer.BadParameter(f"--scope is '{scope[:80]}': give principal or group")
    alert = session.store.alerts.find(alert_id)
    asked = Asked(said, tuple(wanted or ()), whom, days, note, _find_who(by))
    made = make_mark(alert, asked, _new_id(), datetime.now(UTC), ZoneInfo(session.settings.timezone))
    made, price = _price(session, alert, made)
    today = made.at.astimezone(ZoneInfo(session.settings.timezone)).date()
    beside = [
        one.mark
        for one in session.store.marks.standing(today)
        if one.mark.alert_id == made.alert_id and one.state == "counts" and one.mark.verdict != made.verdict
    ]
    saved = not dry_run and (price is None or yes or _confirm(session, made, price))
    if saved:
        session.store.marks.add(made)

    def text(console: Console) -> None:
        from pipeline.render.console import print_whole

        if dry_run and price is not None:
            _tell_price(console, made, price, words)
        if not saved:
            print_whole(console, words.say("Nothing was saved."))
            return
        print_whole(console, words.say("Mark {id}: {said}", id=made.id, said=write_said(made, words)))
        back = session.line(f"alerts unmark {made.id}")
        print_whole(console, words.say("{command}    takes it back", command=back))
        for other in beside:
            beside_it = words.say(
                "Mark {id} says that it is {verdict}, and counts as well: {command} takes that one back",
                id=other.id,
                verdict=words.find(other.verdict),
                command=session.line(f"alerts unmark {other.id}"),
            )
            print_whole(console, beside_it)

    document = {"mark": made.as_dict(), "price": price.as_counts() if price else None, "saved": saved}
    return Answer(document, text)


def marks(
    session: Session,
    every: Annotated[bool, typer.Option("--all", help="Those that expired or were taken back as well.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="CSV that is safe to open in a spreadsheet.")] = False,
    source: Annotated[
        str | None, typer.Option("--from", metavar="URL", help="Take over what other tools wrote in an index first.")
    ] = None,
    index: Annotated[
        str, typer.Option("--index", metavar="NAME", help="That index, or a pattern.")
    ] = "oddtrail-alerts",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Answer:
    """List what was said of alerts, the newest last: who, when, what and why. `--json` and `--csv` export it.

    With --from, verdicts that are in an index of alerts are marked here: `triage.verdict` of ours, or Kibana's reason
    or tags of a workflow, such as "False Positive". What is expected is priced and asked for, one by one.
    """
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from pipeline.feedback.take_over import find_waiting, tell_waiting
    from pipeline.render.console import print_whole
    from pipeline.render.marks import COLUMNS, export_rows, write_standing
    from pipeline.render.table import to_csv

    words = session.words
    if csv and session.json:
        raise typer.BadParameter("--csv and --json cannot both be printed: choose one")
    if (yes or dry_run) and source is None:
        raise typer.BadParameter("--yes and --dry-run go with --from: a list changes nothing")
    taken = _take_over(session, source, index, yes=yes, dry_run=dry_run) if source is not None else None
    waiting = find_waiting(session.store)
    zone = ZoneInfo(session.settings.timezone)
    found = session.store.marks.standing(datetime.now(UTC).astimezone(zone).date())
    shown = [one for one in found if every or (one.state in ("counts", "noted") and one.mark.verdict != "undone")]

    def text(console: Console) -> None:
        if csv:
            sys.stdout.write(to_csv(export_rows(shown), COLUMNS))
            return
        for line in taken if taken is not None else tell_waiting(waiting.items(), words):
            print_whole(console, line)
        for one in shown:
            alert = words.say("alert {id}", id=one.mark.alert_id[:12])
            print_whole(console, f"{one.mark.id}  {alert}  {write_standing(one, zone, words)}")
        if not shown:
            first = session.line("alerts mark ID expected")
            print_whole(console, words.say("No marks. `{command}` makes one.", command=first))

    document = {"marks": [one.as_dict() for one in shown], "waiting": waiting}
    return Answer(document | ({"read": taken} if taken is not None else {}), text)


def unmark(
    session: Session,
    mark_id: Annotated[str, typer.Argument(metavar="MARK", help="A mark's id, or how it starts.")],
    note: Note = "",
    by: By = None,
) -> Answer:
    """Take a mark back: from tomorrow on models are told nothing of it. The log keeps both."""
    from datetime import UTC, datetime

    from pipeline.feedback.choose import undo_mark

    words = session.words
    every = session.store.marks.every()
    made = undo_mark(_find_mark(session, mark_id), every, _new_id(), _find_who(by), note, datetime.now(UTC))
    session.store.marks.add(made)

    def text(console: Console) -> None:
        console.print(words.say("Mark {id} counts no more from tomorrow on.", id=made.undoes))

    return Answer({"mark": made.as_dict()}, text)


def _find_mark(session: Session, mark_id: str) -> Mark:
    from pipeline.errors import StoreError

    fits = [one for one in session.store.marks.every() if mark_id and one.id.startswith(mark_id)]
    if len(fits) != 1:
        found = f"{len(fits)} marks' ids start" if fits else "no mark's id starts"
        raise StoreError(f"{found} with '{mark_id[:80]}': `{session.line('alerts marks --all')}` shows those there are")
    return fits[0]


def _price(session: Session, alert: Alert, made: Mark) -> tuple[Mark, Price | None]:
    """A mark with its price; None of what costs nothing."""
    from pipeline.feedback.price import price_mark

    if made.verdict != "expected":
        return made, None
    return price_mark(session.store, session.settings, alert, made, session.store.alerts.latest)


def _confirm(session: Session, made: Mark, price: Price) -> bool:
    """Show the price on standard error, and ask."""
    from pipeline.feedback.choose import MarkError

    if session.json or session.quiet:
        raise MarkError("nobody can be asked whether to save it: add --yes, or --dry-run to see what it costs")
    _tell_price(session.notes, made, price, session.words)
    try:
        words = session.words
        return typer.confirm(words.say("Save it?"), default=False, err=True)
    except typer.Abort:
        raise MarkError("nobody answered whether to save it: add --yes, or --dry-run to see what it costs") from None


def _tell_price(console: Console, made: Mark, price: Price, words: Words) -> None:
    from pipeline.render.console import print_whole
    from pipeline.render.marks import write_price, write_said

    for line in [write_said(made, words), *write_price(price, words)]:
        print_whole(console, line)


def _take_over(session: Session, source: str, index: str, *, yes: bool, dry_run: bool) -> list[str]:
    """Mark what an index says; a line of each."""
    from pipeline.feedback.read_back import find_new, read_marks
    from pipeline.feedback.take_over import find_waiting, note_waiting
    from pipeline.search.engine import Engine
    from pipeline.search.url import parse_url

    url = parse_url(source)
    engine = Engine(url, connections=1)
    try:
        found = list(read_marks(engine, url.origin, index))
    finally:
        engine.close()
    new = find_new(found, session.store.marks.every())
    words = session.words
    many = words.say("{n} marked, {new} of them new", n=f"{len(found):,}", new=f"{len(new):,}")
    lines = [f"{url.origin}: {many}"]
    unknown = sorted({one.said for one in found if one.verdict is None})
    if unknown:
        lines.append(words.say("nothing is known of what they call {said}", said=", ".join(unknown[:10])))
    lines += [_take(session, one, before, yes=yes, dry_run=dry_run) for one, before in new]
    left = [one for one, _ in find_new(found, session.store.marks.every()) if one.verdict == "expected"]
    note_waiting(session.store, url.origin, min(len(left), find_waiting(session.store).get(url.origin, 0)))
    return lines


def _take(session: Session, one: Found, before: Mark | None, *, yes: bool, dry_run: bool) -> str:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from pipeline.errors import StoreError
    from pipeline.feedback.choose import MarkError, make_mark
    from pipeline.feedback.take_over import take
    from pipeline.render.error_words import tell_error

    now, store, words = datetime.now(UTC), session.store, session.words
    verdict = words.find(str(one.verdict))
    short = words.say("alert {id}: {verdict}, by {who}", id=one.alert_id[:12], verdict=verdict, who=one.by)
    try:
        alert = store.alerts.find(one.alert_id)
        if alert.alert_id != one.alert_id:
            return words.say("{alert}; no alert has this id here", alert=short)
        made = make_mark(alert, one.as_asked(), _new_id(), now, ZoneInfo(session.settings.timezone))
    except (MarkError, StoreError) as error:
        why = tell_error(str(error), words)
        return words.say("{alert}; not marked: {why}", alert=short, why=why)
    made, price = _price(session, alert, made)
    if dry_run or not (price is None or yes or _confirm(session, made, price)):
        return words.say("{alert}; not marked", alert=short)
    take(store, made, before)
    return words.say("{alert}; mark {id}", alert=short, id=made.id)


def _new_id() -> str:
    import secrets

    return secrets.token_hex(6)


def _find_who(by: str | None) -> str:
    """Who says it: the name given, or the user of this machine who runs the command."""
    import getpass

    if by is not None:
        return by
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody without a name"
