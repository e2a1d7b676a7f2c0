"""Names from data made fit for a message: inert, short, and no address that a reader's program would make a link of."""

import re
from collections.abc import Callable
from typing import Final

from pipeline.text.inert import inert

_ADDRESS = re.compile(r"(?i)\b(?!s3:)([a-z][a-z0-9+.-]{0,20}):(?=//)|\b(mailto|tel|javascript|data|file):")
_SITE = re.compile(r"(?i)\bwww\.")
_ALL: Final = re.compile(r"(?i)@(?=(?:channel|here|everyone|all)\b)")


def plain(text: object, longest: int) -> str:
    r"""One line of text for people: what has no shape as its escape, addresses and calls to everybody broken.

    >>> plain("see https://e.example/x and WWW.e.example", 100)
    'see https[:]//e.example/x and WWW[.]e.example'
    >>> plain("s3://bucket @channel", 100), plain("a\n\x1b[0m", 100), plain("abcdef", 4)
    ('s3://bucket (at)channel', 'a\\x0a\\x1b[0m', 'abc…')
    """
    shown = inert(text, longest)
    shown = _ADDRESS.sub(lambda found: f"{found[1] or found[2]}[:]", shown)
    shown = _SITE.sub(lambda found: f"{found[0][:-1]}[.]", shown)
    return _ALL.sub("(at)", shown)


def fit(text: str, longest: int, escape: Callable[[str], str] = str) -> str:
    """The beginning of a text that has at most so many characters once it is escaped; escapes are never cut.

    >>> fit("a&b&c", 9, lambda text: text.replace("&", "&amp;")), fit("abc", 3)
    ('a&amp;b…', 'abc')
    """
    shown = escape(text)
    if len(shown) <= longest:
        return shown
    least, most = 0, len(text)
    while least < most:
        middle = (least + most + 1) // 2
        if len(escape(text[:middle])) < longest:
            least = middle
        else:
            most = middle - 1
    return escape(text[:least]) + "…"
