"""Marking an alert on the page: a form, what it would cost, and only then is it saved.

It is the one thing that the page takes. A request has to come from our own page (`Origin`), with a token that this
process signed for whoever asks; what is saved is what was shown with its price, for that is signed as well. There is no
cookie that a browser could be made to send along.
"""

import base64
import hmac
import os
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Final, cast
from urllib.parse import parse_qsl, urlsplit

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request

from pipeline.feedback.choose import SAID, SCOPES, Asked, MarkError, find_named, make_mark
from pipeline.feedback.price import PAST_DAYS, price_mark
from pipeline.page.access import ON_THIS_MACHINE, WHO
from pipeline.page.home import Home
from pipeline.page.language import choose_language
from pipeline.page.links import LONGEST, link
from pipeline.page.marks import sought
from pipeline.page.templating import Whole
from pipeline.render.marks import write_price, write_said, write_standing
from pipeline.stores.alert import Alert
from pipeline.stores.jsonl.marks import Mark
from pipeline.words.catalogue import find_words
from pipeline.words.words import Words, to_say

PATH: Final = "/mark"
MOST_BYTES: Final = 128 << 10
"""Of a request."""
_MOST_FIELDS: Final = 64
_HOURS: Final = 12
"""For which a form that was shown is good."""
_MOST_ALERTS: Final = 2000
"""Alerts of the past that are looked through, the strongest."""
_WAIT: Final = 20.0
"""Seconds until whoever asks for a price is told that others do."""
_VERDICTS: Final = (
    (to_say("expected"), to_say("told to the model: usual for whom you say, until it expires")),
    (to_say("malicious"), to_say("these days of the principal are not learnt")),
    (to_say("unsure"), to_say("a note, and nothing else")),
)


class Feedback:
    """Takes marks for a home.

    Parameters
    ----------
    read_only
        It takes none.
    """

    def __init__(self, home: Home, *, read_only: bool = False) -> None:
        self._home, self._read_only = home, read_only
        self._key = secrets.token_bytes(32)
        self._one = Lock()

    @property
    def takes(self) -> bool:
        """Whether anything can be marked: a home that may be written, and nobody said otherwise."""
        home = self._home
        return not self._read_only and home.has_events and os.access(home.settings.home, os.W_OK)

    def show(self, alert: Alert, request: Request) -> dict[str, Any]:
        """What the template of the form is given."""
        said: list[str] = []
        if self._home.has_events:
            with self._home.open() as store:
                today = datetime.now(UTC).astimezone(self._home.zone).date()
                every = [one for one in store.marks.standing(today) if one.mark.alert_id == alert.alert_id]
            words = self._words(request)
            said = [write_standing(one, self._home.zone, words) for one in every]
        token = self._sign("form", _who(request), alert.alert_id.encode()) if self.takes else ""
        return {"said": said, "token": Whole(token), "named": find_named(alert), "verdicts": _VERDICTS}

    async def read(self, request: Request) -> list[tuple[str, str]]:
        """Fields of a request that may be taken.

        Raises
        ------
        HTTPException
            It may not: 403 where it is not our page that asks, 413 and 415 for what is no form.
        """
        if not self.takes:
            raise HTTPException(403, to_say("Nothing can be marked here: the page only shows."))
        _check_origin(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise HTTPException(415, to_say("Send a form."))
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                raise HTTPException(413, to_say("That is too long."))
        try:
            return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
        except (ValueError, UnicodeDecodeError):
            raise HTTPException(400, to_say("That is no form.")) from None

    def answer(self, request: Request, fields: list[tuple[str, str]]) -> str | dict[str, Any]:
        """Where to go once it is saved, or what the template of the price is given."""
        given, who = dict(fields), _who(request)
        return self._save(given["save"], who) if "save" in given else self._price(request, fields, given)

    def _words(self, request: Request) -> Words:
        return find_words(choose_language(request, self._home.settings.language).language)

    def _price(self, request: Request, fields: list[tuple[str, str]], given: Mapping[str, str]) -> dict[str, Any]:
        alert_id, who = given.get("id", ""), _who(request)
        if self._verify("form", who, given.get("token", "")) != alert_id.encode():
            raise HTTPException(403, to_say("The form is old, or not ours: open the alert again."))
        alert = self._home.alerts.find(alert_id) if 0 < len(alert_id) <= LONGEST else None
        if alert is None:
            raise HTTPException(404)
        try:
            asked = _read_asked(alert, fields, given, who)
            mark = make_mark(alert, asked, secrets.token_hex(6), datetime.now(UTC), self._home.zone)
        except MarkError as error:
            raise HTTPException(400, str(error)) from None
        lines: list[str] = []
        if mark.verdict == "expected":
            if not self._one.acquire(timeout=_WAIT):
                raise HTTPException(403, to_say("Somebody else asks what a mark costs: try again in a minute."))
            try:
                with self._home.open() as store:
                    mark, price = price_mark(store, self._home.settings, alert, mark, lambda: self._find_past(alert))
            finally:
                self._one.release()
            lines = write_price(price, self._words(request))
        signed = self._sign("save", who, msgspec.json.encode(mark))
        said = write_said(mark, self._words(request))
        return {
            "alert": alert, "said": said, "lines": lines, "note": mark.note, "who": mark.by, "signed": signed,
        }  # fmt: skip

    def _find_past(self, alert: Alert) -> list[Alert]:
        """Alerts that name something that this one names as well."""
        names = [sought(one.value.value) for one in find_named(alert)]
        since = alert.day - timedelta(days=PAST_DAYS)
        return list(self._home.alerts.marked(names, since, datetime.max.date(), _MOST_ALERTS))

    def _save(self, signed: str, who: str) -> str:
        content = self._verify("save", who, signed)
        if content is None:
            raise HTTPException(403, to_say("What it costs was shown too long ago, or not here: open the alert again."))
        mark = msgspec.structs.replace(msgspec.json.decode(content, type=Mark), at=datetime.now(UTC))
        with self._one, self._home.open() as store:
            if all(one.id != mark.id for one in store.marks.every()):  # who presses twice says it once
                store.marks.add(mark)
        return link("/alert", id=mark.alert_id) + "#mark"

    def _sign(self, purpose: str, who: str, content: bytes) -> str:
        until = int(time.time()) + _HOURS * 3600
        body = base64.urlsafe_b64encode(content).decode()
        return f"{until}.{body}.{self._digest(purpose, who, until, body)}"

    def _verify(self, purpose: str, who: str, signed: str) -> bytes | None:
        """What was signed for this purpose and person; None where that was not us, or too long ago."""
        until, _, rest = signed.partition(".")
        body, _, digest = rest.partition(".")
        if not (until.isascii() and until.isdigit() and len(until) < 12 and int(until) >= time.time()):
            return None
        wanted = self._digest(purpose, who, int(until), body)
        if not hmac.compare_digest(wanted.encode(), digest.encode("utf-8", "replace")):
            return None
        return base64.urlsafe_b64decode(body)

    def _digest(self, purpose: str, who: str, until: int, body: str) -> str:
        return hmac.new(self._key, msgspec.json.encode([purpose, who, until, body]), "sha256").hexdigest()


def _who(request: Request) -> str:
    return str(request.scope.get(WHO, ON_THIS_MACHINE))


def _check_origin(request: Request) -> None:
    """That our own page asks: its host, and the port that it is asked for by."""
    origins, hosts = request.headers.getlist("origin"), request.headers.getlist("host")
    try:
        asks = urlsplit(origins[0]) if len(origins) == 1 else None
    except ValueError:  # such as http://[
        asks = None
    ours = asks is not None and asks.scheme in ("http", "https") and [asks.netloc.lower()] == [h.lower() for h in hosts]
    if not ours or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise HTTPException(403, to_say("Only the page itself may ask that: open the alert and use its form."))


def _read_asked(alert: Alert, fields: list[tuple[str, str]], given: Mapping[str, str], who: str) -> Asked:
    verdict = next((one for one in SAID if one == given.get("verdict")), None)
    scope = next((one for one in SCOPES if one == given.get("scope", "principal")), None)
    if verdict is None or scope is None:
        raise MarkError(to_say("say whether it was expected, malicious, or that you are unsure"))
    note = given.get("note", "")
    if verdict != "expected":
        return Asked(verdict, note=note, by=who, source="page")
    named = {str(number): one.key for number, one in enumerate(find_named(alert))}
    chosen = [value for name, value in fields if name == "for"]
    days = given.get("days", "").strip()
    if any(one not in named for one in chosen) or (days and not (days.isascii() and days.isdigit() and len(days) < 6)):
        raise MarkError(to_say("the form says what the alert does not: open the alert again"))
    wanted = tuple(named[one] for one in chosen)
    return Asked(cast(Any, verdict), wanted, scope, int(days) if days else None, note, who, "page")
