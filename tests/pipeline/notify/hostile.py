"""Alerts whose every text was written by an attacker, and what may never be made of it."""

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from pipeline.notify.change import Change
from pipeline.notify.notice import Maker, Notice
from pipeline.stores.alert import Alert
from pipeline.words.language import Language
from tests.builders import an_alert
from tests.pipeline.render.hostile import HOSTILE as ELSEWHERE

PAGE: Final = "https://odd.example.com/desk"
HOSTILE: Final = {
    "slack": "<!channel> <!here|x> <@U123> <https://evil.example/a|Reset your password> &lt;",
    "everybody": "@channel @here @Everyone",
    "markdown": "[click](https://evil.example) ![x](https://evil.example/x.png) **b** `c` _i_ ~s~",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)></pre></li></p><a href=javascript:alert(1)>x</a>",
    "header": "a\r\nBcc: victim@example.com\r\nSubject: other\r\n\r\nbody",
    "terminal": "\x1b]0;owned\x07\x1b[2J \u202egnp.exe \u2028 \x00",
    "template": "{{DATE(2026-01-01,SHORT)}} {{{x}}} ${7*7} #{7*7} %s {0} {who}",
    "address": "https://evil.example/?q= HTTP://EVIL.example www.evil.example ftp://evil.example mailto:a@evil.example",
    "half": "a\ud800b",
    "long": "<&>" * 4_000,
    "quotes": "\"'\\",
    **{f"elsewhere {number}": text[:12_000] for number, text in enumerate(ELSEWHERE)},
}
_KEPT: Final = frozenset({"severity", "day", "held_because", "kind", "version"})


def a_hostile_alert(text: str, **named: Any) -> Alert:
    """An alert in which every text that may be is this one."""
    session = {
        "access_key": "x", "session_name": "x", "identity": "x", "account": "x", "started": None, "mfa": False,
        "agents": ["x"], "addresses": ["x"], "calls": 1, "issued_keys": ["x"], "opened_by": [],
    }  # fmt: skip
    plain = msgspec.to_builtins(an_alert(sessions=[session], **named))
    plain["harms"] = [
        {
            "kind": "exposed",
            "tried": False,
            "calls": 1,
            "resources": [f"bucket:{text}"],
            "exposures": [f"account:{text}"],
            "actions": ["s3:PutBucketPolicy"],
        }
    ]
    return msgspec.convert(_spoil(plain, text), Alert)


def a_hostile_notice(text: str, state: str = "updated", language: Language = "en") -> Notice:
    """The message of such an alert."""
    alert = a_hostile_alert(text, related=["other"])
    return Maker("oncall", "dep", page_url=PAGE, language=language).tell(alert, Change(state, (text, text)))  # type: ignore[arg-type]


def a_hostile_digest(text: str, many: int = 60) -> Notice:
    """A digest of many such."""
    maker = Maker("oncall", "dep", page_url=PAGE)
    alerts = [msgspec.structs.replace(a_hostile_alert(text), alert_id=f"{number}{text}") for number in range(many)]
    notices = [maker.tell(alert, Change("raised")) for alert in alerts]
    return maker.gather(notices, "since the last message", alerts[0].detected_at)


def strange_links(text: str) -> list[str]:
    """Addresses in a text that are not ours, as a reader's program would find them."""
    found = re.findall(r"(?i)\b[a-z][a-z0-9+.-]*://[^\s<>\"|]*|\bwww\.[^\s]+|\bmailto:\S+|\bjavascript:\S+", text)
    return [each for each in found if not each.startswith((PAGE, "s3://"))]


def every_text(value: Any) -> list[str]:
    """All texts in a document."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in every_text(each)]
    if isinstance(value, list):
        return [text for each in value for text in every_text(each)]
    return [value] if isinstance(value, str) else []


def _spoil(value: Any, text: str, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: each if name == "harms" else _spoil(each, text, name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_spoil(each, text, key) for each in value]
    kept = key in _KEPT or not isinstance(value, str) or re.match(r"\d{4}-\d\d-\d\dT", value) is not None
    return value if kept or not value else text


Write = Callable[[Notice], Any]
