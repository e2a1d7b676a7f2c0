"""What goes wrong in a browser while a page is shown: errors, refused scripts, dialogs, requests to elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

PATIENCE: Final = 10_000
"""Milliseconds until something that does not come is a failure."""


class Faults(list[str]):
    """What went wrong, in words."""

    def __init__(self, page: Page, origin: str) -> None:
        super().__init__()
        self._origin = origin
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):  # what the policy refused is an error
            self.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(self._origin):
            self.append(f"asked elsewhere: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.append(f"{response.status}: {response.url}")


@contextmanager
def looking(browser: Browser, origin: str, **options: Any) -> Iterator[tuple[Page, Faults]]:
    """A page of a window of its own, where paths are of `origin`, and what goes wrong in it."""
    context = browser.new_context(base_url=origin, **options)
    context.set_default_timeout(PATIENCE)
    try:
        page = context.new_page()
        yield page, Faults(page, origin)
    finally:
        context.close()
