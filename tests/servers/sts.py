"""AWS's STS as a test plans it: which credentials it hands out, for how long, and to whom it gives none."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import parse_qsl

import pytest

from tests.servers.loopback import Handler, serving
from tests.servers.signed import Key

_ROLE = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser>
<Arn>arn:aws:sts::111122223333:assumed-role/writer/oddtrail</Arn><AssumedRoleId>AROA:oddtrail</AssumedRoleId>
</AssumedRoleUser><Credentials><AccessKeyId>{key.id}</AccessKeyId><SecretAccessKey>{key.secret}</SecretAccessKey>
<SessionToken>{key.token}</SessionToken><Expiration>{key.expires:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>
</AssumeRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>"""
_ERROR = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>{0}</Code><Message>{1}</Message></Error><RequestId>1</RequestId></ErrorResponse>"""


class Denied(NamedTuple):
    """An answer instead of credentials."""

    code: str
    message: str
    status: int = 403


Plan = Callable[[dict[str, str]], timedelta | Denied]
"""Of a request's parameters: how long its credentials are good, or why there are none."""


class Sts:
    """Hands out credentials, each set once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.asked: list[dict[str, str]] = []
        self.keys: dict[str, Key] = {}
        """By id: what a domain is to let in."""
        self._lock = threading.Lock()

    def answer(self, body: bytes) -> tuple[int, str]:
        """What it answers to a request."""
        asked = dict(parse_qsl(body.decode()))
        with self._lock:
            self.asked.append(asked)
            number = len(self.asked)
        planned = self.plan(asked)
        if isinstance(planned, Denied):
            return planned.status, _ERROR.format(planned.code, planned.message)
        key = Key(f"ASIA{number:04}", f"secret/+{number}", f"token/+=={number}", datetime.now(UTC) + planned)
        self.keys[key.id] = key
        return 200, _ROLE.format(key=key)


@contextmanager
def sts(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sts]:
    """Run one, and have this process ask it, once for each question."""
    running = Sts(plan)

    class Answers(Handler):
        def _serve(self) -> None:
            status, text = running.answer(self.body())
            self.answer(status, text.encode(), "text/xml")

        do_POST = _serve  # noqa: N815

    with serving(Answers) as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        yield running
