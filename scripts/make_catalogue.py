"""Bring the catalogue of messages up to date: `python scripts/make_catalogue.py`.

Messages are found in templates (`{% trans %}`, `_()`), in code (`words.say`, `words.say_many`, `to_say`, `to_say_many`,
`told`, `told_many`) and in the tables that are told by name. What was translated stays, what is new is empty and for a
translator to fill in, what is said nowhere any more goes.
"""

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from jinja2.ext import babel_extract

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from features.activity.catalogue import CATALOGUE
from features.activity.closed import MEANINGS
from features.activity.dimensions import DIMENSIONS
from models.facts import FACTS
from pipeline.alerts.contain import ANYBODY, CONTAIN
from pipeline.alerts.nouns import COUNTS, KINDS
from pipeline.alerts.playbook import STEPS
from pipeline.alerts.remedies import REMEDIES
from pipeline.page.templating import FOLDER as TEMPLATES
from pipeline.settings import Settings
from pipeline.stores.harm import KINDS as HARMS
from pipeline.words.catalogue import FOLDER, read_catalogue
from pipeline.words.language import DEFAULT, LANGUAGES, Language

ROOT: Final = Path(__file__).resolve().parent.parent
Message = str | tuple[str, str]
"""A message, or its singular and plural."""
SAYERS: Final = {
    "words.say": (0,),
    "words.say_many": (1, 2),
    "to_say": (0,),
    "to_say_many": (0, 1),
    "told": (0,),
    "told_many": (0, 1),
}
"""Calls in code that name a message, and at which places."""
_OPTIONS: Final = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"} | dict.fromkeys(
    ("trim_blocks", "lstrip_blocks"), "true"
)


def find_messages() -> dict[Message, list[str]]:
    """Every message, and the files that say it."""
    found: dict[Message, list[str]] = {}
    for place, message in sorted({*_in_templates(), *_in_code(), *_in_tables()}, key=lambda one: (one[0], str(one[1]))):
        found.setdefault(message, []).append(place)
    return found


def _in_templates() -> Iterator[tuple[str, Message]]:
    for path in sorted(TEMPLATES.iterdir()):
        with path.open("rb") as file:
            for _, function, said, _ in babel_extract(file, ("_", "gettext", "ngettext"), (), _OPTIONS):
                parts = [part for part in ([said] if isinstance(said, str) else said or ()) if isinstance(part, str)]
                if parts:
                    yield _name(path), (parts[0], parts[1]) if function == "ngettext" else parts[0]


def _in_code() -> Iterator[tuple[str, Message]]:
    for path in sorted((ROOT / "pipeline").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (places := SAYERS.get(ast.unparse(node.func))):
                yield _name(path), _read(node, places, path)


def _read(call: ast.Call, places: tuple[int, ...], path: Path) -> Message:
    """The message that a call names, which has to be written there."""
    parts = [call.args[at] for at in places if at < len(call.args)]
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    if len(texts) < len(places):
        raise ValueError(f"{_name(path)}, line {call.lineno}: write the message there, or find it with `Words.find`")
    return (texts[0], texts[1]) if len(texts) > 1 else texts[0]


def _in_tables() -> Iterator[tuple[str, Message]]:
    nouns = [entry.noun for entry in DIMENSIONS.values() if not entry.open and entry.attack not in ("exposure", "fact")]
    yield from (("features/activity/dimensions.py", noun) for noun in nouns)
    yield from (("pipeline/alerts/nouns.py", kind) for kind in KINDS)
    yield from (("features/activity/closed.py", count) for count in COUNTS.values())
    yield from (("features/activity/closed.py", meaning) for meaning in MEANINGS.values())
    yield from (("features/activity/catalogue.py", said) for one in CATALOGUE for said in (one.unit, one.meaning))
    yield from (("pipeline/settings.py", str(field.description)) for field in Settings.model_fields.values())
    yield from (("pipeline/alerts/playbook.py", step) for step in STEPS.values())
    yield from (("pipeline/alerts/contain.py", said) for said in (*CONTAIN.values(), ANYBODY))
    for remedy in REMEDIES.values():
        yield from (("pipeline/alerts/remedies.py", said) for said in (remedy.done, remedy.tried))
    yield from (("pipeline/stores/harm.py", said) for harm in HARMS.values() for said in (harm.done, harm.tried))
    for fact in FACTS.values():
        yield from (("models/facts.py", said) for said in (fact.phrase, fact.deed) if said)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def make_catalogue(language: Language) -> Catalog:
    """The catalogue of a language: all messages, with the translations that there are."""
    path = FOLDER / f"{language}.po"
    before = read_catalogue(language) if path.exists() else Catalog(locale=language)
    made = Catalog(locale=language)
    for message, places in find_messages().items():
        known = before.get(message if isinstance(message, str) else message[0])
        same = known is not None and known.id == message
        given: Any = {"locations": [(place, 0) for place in places]}
        made.add(message, known.string if known is not None and same else None, **given)
    return made


def write_catalogue(language: Language) -> bytes:
    """The catalogue of a language as its file holds it."""
    file = BytesIO()
    write_po(file, make_catalogue(language), width=118, omit_header=True, sort_by_file=True, include_lineno=False)
    return file.getvalue()


if __name__ == "__main__":
    for one in LANGUAGES:
        if one != DEFAULT:
            (FOLDER / f"{one}.po").write_bytes(write_catalogue(one))
