"""`oddtrail dead-letters`: what could not be indexed, why, and another try."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command, group
from pipeline.cli.enrichment import Geoip, Networks
from pipeline.cli.index import Letters, Patience, Prefix, Retention, Texts, To
from pipeline.cli.session import Answer, Session

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.delivery.dead_letter import DeadLetter
    from pipeline.words.words import Words

LIST_EXAMPLES = [
    "oddtrail dead-letters list",
    "oddtrail dead-letters list --json | jq .reasons",
    "oddtrail dead-letters list --dead-letters s3://BUCKET/dead-letters/",
]
REPLAY_EXAMPLES = [
    "oddtrail dead-letters replay --to opensearch+http://localhost:9200",
    "oddtrail dead-letters replay --to URL --dead-letters https://sqs.eu-west-1.amazonaws.com/1/dead",
]
_SHOWN_RAW = 2_000
"""Characters of a record that JSON shows, without secrets; where it is kept, all of it is."""
_READ_RAW = 65_536
_MOST_REASONS = 20


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    letters = group("What could not be indexed, why, and another try.")
    command(letters, "list", short="List what could not be indexed.", examples=LIST_EXAMPLES)(list_letters)
    command(letters, "replay", short="Try to index it again.", examples=REPLAY_EXAMPLES)(replay_letters)
    app.add_typer(letters, name="dead-letters")


def list_letters(
    session: Session,
    dead_letters: Letters = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=100_000, help="Letters to print.")] = 100,
) -> Answer:
    """List dead letters, the oldest first: when, why, of which event, and where the record came from.

    They are a folder's, a bucket's as s3://bucket/prefix, or a queue's by its URL, with the bucket beside it that holds
    large ones: 'sqs://… s3://…'. Of a bucket or a queue no more are read than are printed, and a queue shows them to
    others again afterwards.
    """
    import msgspec

    from pipeline.cli.destination import open_letters
    from pipeline.documents.redact import redact
    from pipeline.render.table import plain_table

    words = session.words
    store = open_letters(session.settings, dead_letters)
    reasons, bytes_kept, read = Counter[str](), 0, 0
    shown: list[tuple[str, DeadLetter, int]] = []
    try:
        for name, letter in islice(store.read(), limit if store.is_remote else None):
            read += 1
            bytes_kept += (size := len(letter.raw))
            reasons[letter.reason[:80]] += 1
            if len(reasons) > 1_000:  # each may be its own: an engine's words repeat parts of documents
                reasons = Counter(dict(reasons.most_common(_MOST_REASONS)))
            if len(shown) < limit:
                shown.append((name, msgspec.structs.replace(letter, raw=letter.raw[:_READ_RAW]), size))
    finally:
        store.release()
    total = max(read, store.count()) if store.is_remote else read

    def text(console: Console) -> None:
        if not total:
            console.print(words.say("No dead letters."))
            return
        rows = [(letter.at[:19], letter.event_id, _say_reason(letter, words), letter.origin) for _, letter, _ in shown]
        columns = {
            words.say("at"): "left",
            words.say("event"): "fold",
            words.say("reason"): "fold",
            words.say("from"): "fold",
        }
        console.print(plain_table(columns, rows))
        count = words.say_many(total, "{n} dead letter", "{n} dead letters")
        number = f"{len(shown):,}"
        if total > len(shown) and store.is_remote:
            count = words.say("{letters}; these are {number}", letters=count, number=number)
        elif total > len(shown):
            count = words.say("{letters}; these are the oldest {number}", letters=count, number=number)
        console.print(words.say("{letters}. `oddtrail dead-letters replay --to URL` tries again.", letters=count))

    document = {
        "letters": [
            {
                "name": name, "at": letter.at, "reason": letter.reason[:500], "event_id": letter.event_id[:512],
                "origin": letter.origin[:1_024], "bytes": size, "cut": letter.cut,
                "raw": redact(letter.raw).decode("utf-8", "replace")[:_SHOWN_RAW],
            }
            for name, letter, size in shown
        ],
        "total": total,
        "read": read,
        "bytes": bytes_kept,
        "reasons": dict(islice(reasons.most_common(_MOST_REASONS), _MOST_REASONS)),
        "dead_letters_in": store.where,
    }  # fmt: skip
    return Answer(document, text)


def _say_reason(letter: DeadLetter, words: Words) -> str:
    reason = letter.reason[:160]
    if not letter.cut:
        return reason
    return words.say("{why} (only its beginning is kept: index its file again)", why=reason)


def replay_letters(
    session: Session,
    to: To,
    prefix: Prefix = "cloudtrail",
    retention: Retention = "400d",
    geoip: Geoip = None,
    networks: Networks = None,
    dead_letters: Letters = None,
    patience: Patience = "10m",
    texts: Texts = False,
) -> Answer:
    """Index dead letters by the code of today. Those whose events are in the index are removed, the others stay.

    What only names objects of S3, as a notification that a queue gave up, stays: send it to the function again. A
    letter of which only the beginning is kept stays as well: the whole of it is in the file that it names.
    """
    from datetime import UTC, datetime

    from pipeline.cli.destination import open_destination
    from pipeline.cli.enrichment import open_enrichment
    from pipeline.cli.stopping import stopping
    from pipeline.delivery.replay import replay

    words = session.words
    enrichment = open_enrichment(session, geoip, networks)
    there = open_destination(enrichment, to, prefix, retention, patience, dead_letters, texts)
    with stopping():
        done = replay(there.letters, there.sink, datetime.now(UTC), enrichment.geo, enrichment.networks)

    def text(console: Console) -> None:
        if not done.letters:
            console.print(words.say("No dead letters."))
            return
        gone = words.say_many(
            done.letters,
            "{gone} of {n} dead letter got through and were removed.",
            "{gone} of {n} dead letters got through and were removed.",
            gone=f"{done.gone:,}",
        )
        console.print(gone)
        if done.stayed:
            stay = words.say_many(
                done.stayed,
                "{n} stays: `oddtrail dead-letters list` says why.",
                "{n} stay: `oddtrail dead-letters list` says why.",
            )
            console.print(stay)

    tally = done.tally
    document = {
        "letters": done.letters,
        "removed": done.gone,
        "stayed": done.stayed,
        "equation": "letters = removed + stayed",
        "indexed": tally.indexed,
        "duplicates": tally.duplicates,
        "quarantined": tally.quarantined,
        "to": there.sink.url.origin,
        "dead_letters_in": there.letters.where,
    }
    return Answer(document, text)
