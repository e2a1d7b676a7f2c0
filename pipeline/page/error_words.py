"""Errors that a page shows, told in the reader's language; what to run stays as it is."""

from typing import Final

from pipeline.words.told import tell_again, told
from pipeline.words.words import Words

_ERRORS: Final = (
    told("{home} holds no event yet: `oddtrail ingest PATH` reads log files into it"),
    told("{home} holds no event yet: `oddtrail ingest PATH` reads log files"),
    told("{home} was not scored yet: `oddtrail train`, then `oddtrail score`"),
    told(
        "{home} holds no scores from {first} to {last}: `oddtrail train`, then `oddtrail score` writes them as hours "
        "close; or ask for more days"
    ),
    told("{home} holds no store: run `{command}` first, or `oddtrail demo`"),
)
"""Errors of a home in which something is yet to be done; others are told in English."""


def tell_error(text: str, words: Words) -> str:
    """An error's line, told again.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_error("/h was not scored yet: `oddtrail train`, then `oddtrail score`", find_words("ko"))
    '/h에는 아직 판정한 것이 없습니다. `oddtrail train` 다음 `oddtrail score`를 실행하세요'
    >>> tell_error("the disk is full", find_words("ko"))
    'the disk is full'
    """
    return tell_again(text, _ERRORS, words) or text
