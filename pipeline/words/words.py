"""One language's words: a message by its English, with values at its places and the form for a number."""

import re
from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any, Final

from pipeline.words.language import DEFAULT, Language

_PLACE: Final = re.compile(r"\{(\w+)\}")


class Words:
    """One language's words.

    Parameters
    ----------
    language
        Which.
    translations
        Finds messages.
    known
        Messages of the catalogue, singular and plural, in English.
    """

    def __init__(self, language: Language, translations: NullTranslations, known: frozenset[str] = frozenset()) -> None:
        self.language, self.known = language, known
        self._translations = translations

    def find(self, message: str) -> str:
        """A message in this language; itself where the catalogue lacks it."""
        return self._translations.gettext(message) if message else ""

    def find_many(self, number: int, one: str, many: str) -> str:
        """The form of a message for a number of things."""
        return self._translations.ngettext(one, many, number)

    def say(self, message: str, **values: Any) -> str:
        """A message with values at its places.

        >>> ENGLISH.say("from {place}", place="{place}")
        'from {place}'
        """
        return put(self.find(message), values)

    def say_many(self, number: int, one: str, many: str, **values: Any) -> str:
        """A message about a number of things, which stands at `{n}`.

        >>> ENGLISH.say_many(1, "{n} call", "{n} calls"), ENGLISH.say_many(1200, "{n} call", "{n} calls")
        ('1 call', '1,200 calls')
        """
        return put(self.find_many(number, one, many), {"n": f"{number:,}", **values})


def put(text: str, values: Mapping[str, Any]) -> str:
    """A text with its places filled in one pass, so that a name in braces is only ever a name."""
    return _PLACE.sub(lambda place: str(values[place[1]]) if place[1] in values else place[0], text)


def to_say(message: str) -> str:
    """The message itself: notes for the catalogue what is said elsewhere, by `Words.say` or `Words.find`."""
    return message


def to_say_many(one: str, many: str) -> tuple[str, str]:
    """The same of a message about a number of things, for `Words.find_many`."""
    return one, many


ENGLISH: Final = Words(DEFAULT, NullTranslations())
"""English needs no catalogue."""
