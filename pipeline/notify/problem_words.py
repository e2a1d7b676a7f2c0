"""Why somebody was not told, in another language than the one it is kept in; what a receiver said stays as it is."""

from typing import Final

from pipeline.words.told import Inner, tell_again, told
from pipeline.words.words import Words

_PROBLEMS: Final = (
    told("no answer in time"),
    told("the last try is not back yet"),
    told("a message was refused ({id}): {problem}"),
    told("it was written by another version ({cause})"),
    told("standard output cannot be written ({cause})"),
    told("its certificate is not to be believed ({cause}): give ca, or mend it"),
    told("it cannot be reached ({cause})"),
    told("{where} cannot be reached ({cause}): {problem}"),
    told("{where} answers {status}, a redirect, which is not followed: give the address it leads to"),
    told("{where} answers {status}: {problem}"),
    told("{where} answers {status}"),
)


def tell_problem(text: str, words: Words) -> str:
    """Why a message was not taken.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_problem("https://hooks.example.com answers 503: busy", find_words("ko"))
    'https://hooks.example.com의 응답: 503, busy'
    """
    return tell_again(text, _PROBLEMS, words, _INNER)


_INNER: Final[Inner] = {"problem": tell_problem}
