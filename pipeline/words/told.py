"""Sentences that were told in English and are kept, told again in another language.

An alert keeps its title, reasons and story in English, because they are searched, published and compared. A sentence of
ours is a message with values in its places: where a kept text reads as one, its values are known, and the message can
be said in any language. What reads as none is left as it is.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pipeline.words.language import DEFAULT
from pipeline.words.words import Words, put

LONGEST: Final = 2000
"""Characters of a text that is told again; a longer one is none of ours."""
_NUMBER: Final = r"\d{1,3}(?:,\d{3})*(?:\.\d)?"
_PLACES: Final = {
    "n": _NUMBER,
    "of": _NUMBER,
    "typical": rf"{_NUMBER}|less than 0\.1",
    "action": r"[^\s,]{1,200}",
    "codes": r"[^()\n]{1,300}",
    "made": r"[^()\n]{1,120}",
    "region": r"[\w-]{1,40}",
    "why": r"[^\n]{1,1500}?",
}
"""What stands at a place, by its name."""
_ANYTHING: Final = r"[^\n]{1,400}?"
_PLACE: Final = re.compile(r"\{(\w+)\}")

Tell = Callable[[str, Words], str]
"""Tells a text again."""
Inner = Mapping[str, Tell]
"""How what stands at a place is told again, by its name."""


@dataclass(frozen=True)
class Told:
    """A message as it is read from a text."""

    one: str
    many: str = ""
    """Of another number than one, which stands at `{n}`; empty where there is no number."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The message as a pattern of texts."""
        forms = [form for form in (self.one, self.many) if form]
        return re.compile("|".join(f"(?:{_write_pattern(form, number)})" for number, form in enumerate(forms)))

    def read(self, text: str, start: int = 0, end: str = r"\Z") -> tuple[dict[str, str], int] | None:
        """The values of a text that reads so from a position on, and where it ends; None where it does not."""
        match = re.compile(f"(?:{self.pattern.pattern})(?={end})").match(text, start)
        if match is None:
            return None
        return {name[:-1]: value for name, value in match.groupdict().items() if value is not None}, match.end()

    def say(self, words: Words, values: Mapping[str, str]) -> str:
        """The message in a language."""
        if not self.many:
            return put(words.find(self.one), values)
        return put(words.find_many(int(values["n"].replace(",", "")), self.one, self.many), values)


def _write_pattern(form: str, number: int) -> str:
    """A form as a pattern, its places named with the form's number at the end."""
    parts = _PLACE.split(form)
    return "".join(
        re.escape(part) if not at % 2 else f"(?P<{part}{number}>{_PLACES.get(part, _ANYTHING)})"
        for at, part in enumerate(parts)
    )


def told(message: str) -> Told:
    """A message that is read; the catalogue has it."""
    return Told(message)


def told_many(one: str, many: str) -> Told:
    """A message about `{n}` things that is read."""
    return Told(one, many)


def tell_again(
    text: str, messages: Iterable[Told], words: Words, inner: Inner | None = None, otherwise: Tell | None = None
) -> str:
    """A text that reads as one of some messages, in another language; itself in the one it is kept in.

    Parameters
    ----------
    messages
        The first that fits is taken.
    inner
        How values are told again themselves; the others stay as they are.
    otherwise
        Tells what reads as none of them; it stays as it is without.
    """
    if words.language == DEFAULT:
        return text
    if len(text) <= LONGEST:
        for message in messages:
            if found := message.read(text):
                return message.say(words, tell_values(found[0], words, inner))
    return otherwise(text, words) if otherwise else text


def tell_values(values: Mapping[str, str], words: Words, inner: Inner | None) -> dict[str, str]:
    """Values, each told again where it is known how."""
    how = inner or {}
    return {name: how[name](value, words) if name in how else value for name, value in values.items()}


def tell_through(text: str, messages: Iterable[Told], words: Words, inner: Inner | None, end: str) -> str:
    """A text that is a row of messages with `, ` between, piece by piece; a piece that reads as none stays.

    Parameters
    ----------
    end
        Pattern of what may follow a piece.
    """
    if len(text) > LONGEST:
        return text
    said: list[str] = []
    at = 0
    known = list(messages)
    while at < len(text):
        if said:
            said.append(text[at : at + 2])
            at += 2
        for message in known:
            if found := message.read(text, at, end):
                said.append(message.say(words, tell_values(found[0], words, inner)))
                at = found[1]
                break
        else:
            stop = re.compile(end).search(text, at + 1)
            said.append(text[at : stop.start() if stop else len(text)])
            at = stop.start() if stop else len(text)
    return "".join(said)
