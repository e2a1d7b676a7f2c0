"""Why a watch is not well (`pipeline.watch.health`), in another language than the one it is kept in."""

from typing import Final

from pipeline.words.told import tell_again, told, told_many
from pipeline.words.words import Words

_TROUBLE: Final = (
    told("no tick for {n} s, where one is due every {of} s"),
    told_many("{n} tick failed in a row: {why}", "{n} ticks failed in a row: {why}"),
    told("no model: run `oddtrail train`"),
    told("the model is {n} days old: run `oddtrail train`, or see why it is not run at night"),
    told("for {n} h nobody knows which log files are missing: {why}"),
    told_many("{n} alert for {target} stuck for {of} min", "{n} alerts for {target} stuck for {of} min"),
)


def tell_trouble(text: str, words: Words) -> str:
    """Why a watch is not well; what a source said stays as it is.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_trouble("3 ticks failed in a row: s3://a: denied", find_words("ko"))
    '연속 3회 실패: s3://a: denied'
    """
    return tell_again(text, _TROUBLE, words)
