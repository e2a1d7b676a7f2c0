"""What every answer of the page says to the browser: run nothing that is not ours, keep nothing, tell nobody."""

from collections.abc import MutableMapping
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: nothing inline, nothing from elsewhere; nobody frames the page."""
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # without any, a browser does not say that a form is ours
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class SafeHeaders:
    """Puts `HEADERS` on every answer, an error's too, in place of what the application says by the same names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                _put(message)
            await send(message)

        await self._app(scope, receive, send_with)


def _put(message: MutableMapping[str, Any]) -> None:
    own = [(name, value) for name, value in message.get("headers", ()) if name.decode("latin-1").lower() not in HEADERS]
    message["headers"] = own + [(name.encode(), value.encode()) for name, value in HEADERS.items()]
