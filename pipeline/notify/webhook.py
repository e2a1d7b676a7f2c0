"""A webhook, signed as the Standard Webhooks say (standardwebhooks.com), so that receivers find a library for it.

`webhook-id` is the same however often a message is sent: who has seen it has seen the message. `webhook-signature` is
an HMAC-SHA256, by the shared secret, of id, time and body; one for each secret, so that secrets can be changed.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pipeline.errors import SettingsError
from pipeline.notify.notice import Notice
from pipeline.notify.outcome import Clock, Outcome
from pipeline.notify.post import Poster
from pipeline.search.secret import Secret

_PREFIX: Final = "whsec_"
_LEAST: Final = 24
"""Bytes of a secret, at least."""


class Webhook:
    """Posts JSON to an address."""

    def __init__(self, poster: Poster, secrets: Sequence[Secret], clock: Clock = time.time) -> None:
        self._poster, self._clock = poster, clock
        self._keys = [read_key(secret) for secret in secrets]
        self.where = f"{poster.goal.origin}/***, signed"

    def send(self, notice: Notice, seconds: float) -> Outcome:
        """Hand a message over once."""
        body, at = json.dumps(write_event(notice)).encode(), int(self._clock())
        headers = {
            "content-type": "application/json",
            "webhook-id": notice.id,
            "webhook-timestamp": str(at),
            "webhook-signature": " ".join(sign(key, notice.id, at, body) for key in self._keys),
        }
        return self._poster.post(body, headers, seconds)


def write_event(notice: Notice) -> dict[str, Any]:
    """A notice as JSON: what kind it is, when it was made, and all that it says."""
    kind = notice.state if notice.state in ("digest", "test") else f"{notice.about}.{notice.state}"
    at = datetime.fromisoformat(notice.at).astimezone(UTC)
    return {"type": kind, "timestamp": at.isoformat().replace("+00:00", "Z"), "data": notice.as_dict()}


def sign(key: bytes, name: str, at: int, body: bytes) -> str:
    """Signature of a message.

    >>> key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    >>> sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    digest = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def read_key(secret: Secret) -> bytes:
    """Bytes of a secret, `whsec_` and base64.

    Raises
    ------
    SettingsError
        It is none, or too short; says how one is made.
    """
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or len(key) < _LEAST:
        raise SettingsError(
            f"the webhook's secret is not {_PREFIX} and {_LEAST} bytes or more in base64: make one with "
            f"`echo {_PREFIX}$(openssl rand -base64 32)`, and give it to the receiver as well"
        )
    return key
