"""The lines of an alert's story in another language than the one they are kept in (`pipeline.alerts.story`)."""

import re
from typing import Final

from pipeline.alerts.nouns import tell_named
from pipeline.alerts.opening_words import ALL, INNER
from pipeline.words.dates import tell_moment
from pipeline.words.told import LONGEST, Inner, tell_again, told
from pipeline.words.words import Words

_SESSION: Final = (
    told("from {place}"),
    told("with {agent}"),
    told("key {key}"),
    told("MFA"),
    told("no MFA"),
    told("session {name} of {time}"),
    told("session of {time}"),
    told("session {name}"),
)
_WHO: Final = told("{role} in {account}")
_ENDS: Final = (
    told("denied ({codes})"),
    told("denied"),
    told("failed ({codes})"),
    told("failed"),
    told("bad credentials ({codes})"),
    told("bad credentials"),
    told("no such thing ({codes})"),
    told("no such thing"),
    told("in conflict ({codes})"),
    told("in conflict"),
    told("not valid ({codes})"),
    told("not valid"),
    told("slowed down by AWS ({codes})"),
    told("slowed down by AWS"),
)
_REGION: Final = told("in {region}")
_MORE: Final = told("{name} and {of} more")
_CALL: Final = re.compile(r"((?:[\d,]+ × )?[^\s,]+:[^\s,]+: )(.+)", re.DOTALL)
_COMMA: Final = re.compile(r", (?![^()]*\))")
"""Between pieces, and not within brackets."""
_INNER: Final[Inner] = {**INNER, "name": tell_named}
_OF_SESSION: Final[Inner] = {"time": tell_moment}


def tell_line(text: str, words: Words, *, opens: bool) -> str:
    """A line of a story in a language; the kept one where it is English.

    Parameters
    ----------
    opens
        It opens a session: who, from where and with what.

    Examples
    --------
    >>> from pipeline.words.catalogue import find_words
    >>> tell_line("3 × s3:GetObject: bucket a, b and 1 more, denied (AccessDenied)", find_words("ko"), opens=False)
    '3 × s3:GetObject: 버킷 a, b 외 1개, 거부됨(AccessDenied)'
    """
    if len(text) > LONGEST:
        return text
    first, *rest = _COMMA.split(text)
    if opens:
        who = tell_again(first, (_WHO,), words)
        return ", ".join([who, *(tell_again(part, _SESSION, words, _OF_SESSION) for part in rest)])
    if match := _CALL.fullmatch(first):
        first = f"{match[1]}{_tell_part(match[2], words)}"
    return ", ".join([first, *(_tell_part(part, words) for part in rest)])


def _tell_part(part: str, words: Words) -> str:
    return tell_again(part, (*_ENDS, *ALL, _REGION, _MORE), words, _INNER, otherwise=tell_named)
