"""What a tick of the watch could not do, told in the reader's language; what a source or receiver said stays."""

from typing import Final

from pipeline.notify.problem_words import tell_problem
from pipeline.render.error_words import tell_error
from pipeline.words.told import Inner, tell_again, told
from pipeline.words.words import Words

_PROBLEMS: Final = (told("no training: {error}"), told("notify {name}: {problem}"), told("notify: {error}"))


def tell_watch_problem(text: str, words: Words) -> str:
    """A problem of a tick, told again.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_watch_problem("notify oncall: no answer in time", find_words("ko"))
    'oncall 알림: 제때 응답이 없음'
    """
    return tell_again(text, _PROBLEMS, words, _INNER, otherwise=tell_error)


_INNER: Final[Inner] = {"error": tell_error, "problem": tell_problem}
