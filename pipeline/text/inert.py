"""Text of unknown origin made harmless for a terminal, and what was in it made visible.

Names, agents and messages in CloudTrail are written by whoever made the call, an attacker included. Everything that
comes from data passes through here on its way to a person.
"""

from typing import Any

LONGEST = 400
"""Characters of one value that are shown; the raw record holds the rest."""


def inert(value: Any, longest: int = LONGEST) -> str:
    r"""One line of printable text: what has no shape (controls, direction marks, line separators, lone surrogates)
    is shown as its escape, and what is too long is cut.

    >>> inert("\x1b]0;owned\x07ci")
    '\\x1b]0;owned\\x07ci'
    >>> inert("safe\u202egnp.exe"), inert("name" * 200, longest=9)
    ('safe\\u202egnp.exe', 'namename…')
    """
    text = str(value)
    if len(text) > longest:
        text = text[: max(longest - 1, 0)] + "…"
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
