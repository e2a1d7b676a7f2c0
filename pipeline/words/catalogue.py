"""The catalogue of messages: every sentence of ours, by its English, in the other languages.

English is the code's own and has no file. `messages/ko.po` is brought up to date by `python scripts/make_catalogue.py`,
which finds the messages in templates, code and tables; a translator fills in what is empty.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.words.language import DEFAULT, LANGUAGES, Language
from pipeline.words.words import ENGLISH, Words

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

FOLDER: Final = Path(__file__).parent / "messages"


@cache
def find_words(language: Language) -> Words:
    """The words of a language; its file is read once.

    >>> find_words("ko").say("Search"), find_words("en").say("Search")
    ('검색', 'Search')
    """
    from babel.messages.mofile import write_mo

    others = {other: read_catalogue(other) for other in LANGUAGES if other != DEFAULT}
    ids = [message.id for catalogue in others.values() for message in catalogue if message.id]
    known = frozenset(text for one in ids for text in ((one,) if isinstance(one, str) else one))
    if language not in others:
        return Words(language, NullTranslations(), known)
    compiled = BytesIO()
    write_mo(compiled, others[language])
    compiled.seek(0)
    return Words(language, GNUTranslations(compiled), known)


def speak(language: Language | None) -> Words:
    """The words of a language for what is no page: of English, for which no catalogue is read, where none is said."""
    return find_words(language) if language and language != DEFAULT else ENGLISH


def read_catalogue(language: Language) -> Catalog:
    """The catalogue of a language as its file has it."""
    from babel.messages.pofile import read_po  # who speaks English needs none of it, as on Spark

    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)
