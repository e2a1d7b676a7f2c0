"""In which language a page is told: `?lang=`, else a cookie that it left, else the deployment's, else the browser's."""

import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.requests import Request

from pipeline.words.language import DEFAULT, LANGUAGES, Language

ASKED: Final = "lang"
"""What an address asks for a language by."""
COOKIE: Final = "oddtrail_lang"
_YEAR: Final = 365 * 24 * 3600
_LONGEST: Final = 500
"""Characters of `Accept-Language` that are read."""
_MOST: Final = 20
"""Languages of it."""
_LONGEST_QUERY: Final = 2000
"""Characters of a query that the way to another language keeps."""
_WISH: Final = re.compile(r"\s*([a-zA-Z]{1,8}|\*)(?:-[a-zA-Z0-9-]{1,30})?\s*(?:;\s*q=([01](?:\.\d{1,3})?)\s*)?")
_CODES: Final[Mapping[str, Language]] = {code: code for code in LANGUAGES}


class Chosen(NamedTuple):
    """A language, and whether the address asked for it, so that the page's links ask as well."""

    language: Language
    asked: bool


def choose_language(request: Request, setting: Language | None = None) -> Chosen:
    """The language of an answer.

    Parameters
    ----------
    setting
        The deployment's; None leaves it to the browser.
    """
    if asked := _CODES.get(request.query_params.get(ASKED, "")):
        return Chosen(asked, True)
    kept = _CODES.get(request.cookies.get(COOKIE, ""))
    return Chosen(kept or setting or negotiate(request.headers.get("accept-language", "")), False)


def negotiate(header: str) -> Language:
    """The language of ours that a browser likes most.

    >>> negotiate("ko-KR,ko;q=0.9,en-US;q=0.8"), negotiate("fr, en;q=0.5, ko;q=0.4"), negotiate("ko;q=0"), negotiate("")
    ('ko', 'en', 'en', 'en')
    """
    wishes: list[tuple[float, Language]] = []
    for part in header[:_LONGEST].split(",")[:_MOST]:
        wish = _WISH.fullmatch(part)
        code = _CODES.get(wish[1].lower()) if wish else None
        if wish and code and (weight := float(wish[2] or 1)):
            wishes.append((weight, code))
    return max(wishes, key=lambda wish: wish[0], default=(1.0, DEFAULT))[1]


def list_others(request: Request, chosen: Chosen, back: str = "") -> list[tuple[str, str, str]]:
    """The same page in the other languages: address, code, and what the language calls itself.

    Parameters
    ----------
    back
        Where an answer to a form was asked from: a form is not sent again, so the way leads there; nowhere without it.
    """
    asked = urlsplit(back)
    path, query = asked.path, asked.query
    if request.method in ("GET", "HEAD"):
        path, query = quote(request.scope["path"]), request.scope["query_string"].decode("latin-1")
    elif not back:
        return []
    given = [(name, value) for name, value in parse_qsl(query[:_LONGEST_QUERY]) if name != ASKED]
    return [
        (f"{path}?{urlencode([*given, (ASKED, code)], errors='replace')}", code, name)
        for code, name in LANGUAGES.items()
        if code != chosen.language
    ]


def tell_language(chosen: Chosen) -> dict[str, str]:
    """Headers that say in which language an answer is and what it hangs on, and that keep one that was asked for."""
    headers = {"content-language": chosen.language, "vary": "Accept-Language, Cookie"}
    if chosen.asked:
        cookie: SimpleCookie = SimpleCookie()
        cookie[COOKIE] = chosen.language
        cookie[COOKIE] |= {"path": "/", "max-age": _YEAR, "samesite": "Lax", "httponly": True}
        headers["set-cookie"] = cookie[COOKIE].OutputString()
    return headers
