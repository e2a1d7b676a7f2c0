"""`oddtrail models compare`, `promote`, `rollback`, `keygen` and `public-key`: which model serves, and who signs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.command import command
from pipeline.cli.session import Answer, Session
from pipeline.errors import ModelError, SettingsError
from pipeline.words.words import to_say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rich.console import Console

    from pipeline.detect.gate import Verdict
    from pipeline.stores.bundles.folder import Bundles
    from pipeline.stores.bundles.in_service import InService
    from pipeline.stores.bundles.reading import BundleInfo
    from pipeline.words.words import Words

COMPARE_EXAMPLES = ["oddtrail models compare 20515-1c 20516-3f", "oddtrail models compare 20515-1c 20516-3f --json"]
PROMOTE_EXAMPLES = ["oddtrail models promote 20516-3f9ac2"]
ROLLBACK_EXAMPLES = ["oddtrail models rollback"]
KEYGEN_EXAMPLES = ["oddtrail models keygen ~/oddtrail-signing.pem"]
PUBLIC_EXAMPLES = ["ODDTRAIL_SIGNING_KEY=kms:alias/oddtrail oddtrail models public-key"]
ModelId = Annotated[str, typer.Argument(metavar="ID", help="A model's id, or how it starts.")]


def register(models: typer.Typer) -> None:
    """Add the commands to the group."""
    command(models, "compare", short="Hold a model against another.", examples=COMPARE_EXAMPLES)(compare)
    command(models, "promote", short="Put a model in service.", examples=PROMOTE_EXAMPLES)(promote)
    command(models, "rollback", short="Go back to the model before.", examples=ROLLBACK_EXAMPLES)(rollback)
    command(models, "keygen", short="Make a pair of keys that sign models.", examples=KEYGEN_EXAMPLES)(keygen)
    command(models, "public-key", short="Print the public half of `signing_key`.", examples=PUBLIC_EXAMPLES)(public_key)


def compare(
    session: Session,
    one: Annotated[str, typer.Argument(metavar="A", help="Id of the model that serves, or how it starts.")],
    other: Annotated[str, typer.Argument(metavar="B", help="Id of the model that would, or how it starts.")],
) -> Answer:
    """Say what the gate says of model B beside model A: whether B may serve in its place.

    Both are held against the deployment's newest day and against attacks that are planted into it, and each against its
    own last week. Nothing is changed.
    """
    from pipeline.detect.promotion import compare as compare_models
    from pipeline.stores.bundles.folder import Bundles

    words = session.words
    bundles = Bundles.of(session.settings)
    old, new = (find_model(session, bundles, start) for start in (one, other))
    bundles.describe(old)  # one that is damaged would be passed over
    verdict = compare_models(session.store, session.settings, bundles, new, old)

    def text(console: Console) -> None:
        print_verdict(console, verdict, old.model_id, new.model_id, words)

    return Answer({"old": old.model_id, "new": new.model_id, **verdict.as_dict()}, text)


def promote(session: Session, model_id: ModelId) -> Answer:
    """Put a model in service as the champion, whatever the gate said of it.

    Newer ones that were in service are set aside, and no training puts those in service again. Whoever scores takes it
    the next time that it begins.
    """
    from pipeline.detect.promotion import promote_by_hand
    from pipeline.shared.models import publishing
    from pipeline.stores.bundles.folder import Bundles

    words = session.words
    bundles = Bundles.of(session.settings)
    info = find_model(session, bundles, model_id)
    now = _now()
    with publishing(session.store, session.settings, bundles, now):
        aside = promote_by_hand(session.store, bundles, info, now)

    def text(console: Console) -> None:
        console.print(words.say("Model {model} is in service.", model=info.model_id))
        for name in aside:
            console.print(words.say("Set aside: {model}, which was newer.", model=name))

    return Answer({"model_id": info.model_id, "set_aside": aside}, text)


def rollback(session: Session) -> Answer:
    """Take the champion out of service; the one before it serves.

    What is taken out is kept aside: `oddtrail models promote` puts it in service again, and no training does.
    """
    from pipeline.detect.promotion import roll_back
    from pipeline.shared.models import publishing
    from pipeline.stores.bundles.folder import Bundles

    words = session.words
    bundles = Bundles.of(session.settings)
    now = _now()
    with publishing(session.store, session.settings, bundles, now):
        out, champion = roll_back(session.store, bundles, now)

    def text(console: Console) -> None:
        console.print(
            words.say(
                "Model {model} was taken out of service; {other} serves.", model=out.model_id, other=champion.model_id
            )
        )

    return Answer({"taken_out": out.model_id, "in_service": champion.model_id}, text)


def keygen(
    session: Session, file: Annotated[str, typer.Argument(metavar="FILE", help="Gets the private key.")]
) -> Answer:
    """Make a pair of Ed25519 keys, so that whoever scores can verify models and nobody but the trainer can sign them.

    The private half goes into FILE, which only its owner may read, and the public half into FILE.pub. Where the trainer
    runs, `signing_key` names the first; where scoring runs, `trusted_keys` names the second, or holds the text that is
    printed. While one key takes another's place, `trusted_keys` names both.
    """
    from pathlib import Path

    from pipeline.stores.bundles.pair import KeyFile

    words, path = session.words, Path(file).expanduser().absolute()
    return _answer_key(KeyFile(path).make(), words, private=str(path))


def public_key(session: Session) -> Answer:
    """Print the public half of the setting `signing_key`, a file's or KMS's, as `trusted_keys` takes it."""
    from pipeline.stores.bundles.keys import find_signer

    signer = find_signer(session.settings)
    if signer is None:
        raise SettingsError(
            "signing_key is not set: make a pair with `oddtrail models keygen FILE`, or give kms: and the id of a key"
        )
    return _answer_key(signer.public, session.words)


def _answer_key(key: Any, words: Words, **more: str) -> Answer:
    document = {"id": key.id, "kind": key.kind, "trusted_keys": key.text, **more}

    def text(console: Console) -> None:
        from pipeline.render.console import print_whole

        if "private" in more:
            print_whole(console, words.say("The private key is in {file}.", file=more["private"]))
        public = words.say("The public key, for `trusted_keys` where models are verified: {key}", key=key.text)
        print_whole(console, public)

    return Answer(document, text)


def find_model(session: Session, bundles: Bundles, start: str) -> BundleInfo:
    """The model whose id is this, or the only one whose id starts so.

    Raises
    ------
    ModelError
        There is none, or more than one.
    """
    every = {info.model_id: info for info in bundles.every()}
    return every[choose_id(session, every, start)]


def choose_id(session: Session, ids: Iterable[str], start: str) -> str:
    """The id that is this, or the only one that starts so.

    Raises
    ------
    ModelError
        There is none, or more than one.
    """
    found = sorted({name for name in ids if name.startswith(start)})
    if start in found or len(found) == 1:
        return start if start in found else found[0]
    if not found:
        raise ModelError(f"no model's id starts with '{start}': `{session.line('models list')}` shows those there are")
    raise ModelError(f"{len(found)} models' ids start with '{start}': give more of one, as in {found[0]}")


def say_state(served: InService | None, info: BundleInfo) -> str:
    """Whether a model is in service, in words."""
    name = info.path.name
    if served is None or name in served.serving:
        return to_say("in service")
    return f"set aside: {served.aside[name]}" if name in served.aside else to_say("not in service")


def tell_state(state: str, words: Words) -> str:
    """What `say_state` says, in a language."""
    from pipeline.reports.gate_words import tell_gate

    head, colon, why = state.partition(": ")
    return f"{words.find(head)}{colon}{tell_gate(why, words)}"


def print_verdict(console: Console, verdict: Verdict, old: str, new: str, words: Words) -> None:
    """What was asked, what both models gave, and what came of it."""
    from pipeline.render.inert_text import inert_text
    from pipeline.render.table import plain_table
    from pipeline.reports.gate_words import tell_bound, tell_figure, tell_gate

    rows = [
        (
            tell_figure(figure.name, words),
            _say(figure.was, words),
            _say(figure.now, words),
            tell_bound(figure.bound, words),
            words.say("yes") if figure.passed else words.say("no"),
        )
        for figure in verdict.figures
    ]
    columns = {
        words.say("asked"): "left",
        old: "left",
        new: "left",
        words.say("right is"): "left",
        words.say("passed"): "left",
    }
    console.print(plain_table(columns, rows))
    if verdict.passed:
        said = words.say("Model {model} may serve in its place.", model=new)
    else:
        why = tell_gate(verdict.why, words)
        said = words.say("Model {model} may not serve in its place: {why}.", model=new, why=why)
    console.print(inert_text(said, longest=2000))


def _say(value: Any, words: Words) -> str:
    if value is None:
        return words.say("not asked")
    return f"{value:.3g}" if isinstance(value, float) else str(value) or words.say("finite")


def _now() -> datetime:
    from datetime import UTC, datetime

    return datetime.now(UTC)
