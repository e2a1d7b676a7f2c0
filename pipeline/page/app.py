"""The page as an application: which address shows what, and what stands before all of it."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from pipeline.errors import OddtrailError
from pipeline.page.access import Access, Guard
from pipeline.page.alert import show_alert, show_events
from pipeline.page.busy import show_busy
from pipeline.page.feedback import PATH, Feedback
from pipeline.page.headers import SafeHeaders
from pipeline.page.held import show_held
from pipeline.page.home import Home
from pipeline.page.host import LOOPBACK_NAMES, HostCheck
from pipeline.page.receipts import show_receipts
from pipeline.page.search import show_search
from pipeline.page.templating import make_environment
from pipeline.page.today import show_today
from pipeline.page.where import show_where

Show = Callable[[Home, Request], dict[str, Any]]
"""Makes of a home and a request what a template is given."""

PAGES: Final[dict[str, tuple[str, str, Show]]] = {
    "/": ("today.html", "Today", show_today),
    "/search": ("search.html", "Search", show_search),
    "/busy": ("busy.html", "When busiest", show_busy),
    "/where": ("where.html", "Where from", show_where),
    "/days": ("receipts.html", "Coverage", show_receipts),
    "/held": ("held.html", "Held", show_held),
    "/alert": ("alert.html", "", show_alert),
    "/events": ("events.html", "", show_events),
}
"""By path: the template, what the way there is called (empty where one comes by a link), and what it is given."""
STATIC: Final = Path(__file__).parent / "static"


def make_app(
    home: Home, access: Access, names: Collection[str] = LOOPBACK_NAMES, *, read_only: bool = False
) -> ASGIApp:
    """The application.

    Parameters
    ----------
    home
        What it shows.
    access
        Who may look.
    names
        Hosts that it is asked for by.
    read_only
        Nobody marks alerts here.
    """
    environment = make_environment()
    feedback = Feedback(home, read_only=read_only)
    routes: list[Route | Mount] = [
        Route(path, _make_endpoint(environment, home, path, feedback), methods=["GET"]) for path in PAGES
    ]

    async def mark(request: Request) -> Response:
        body = await feedback.read(request)
        found = await run_in_threadpool(feedback.answer, request, body)
        if isinstance(found, str):
            return RedirectResponse(found, status_code=303)
        return _render(environment, "price.html", PATH, found)

    routes.append(Route(PATH, mark, methods=["POST"]))
    routes.append(Mount("/static", StaticFiles(directory=STATIC)))

    def refuse(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        said = error.detail if isinstance(error, HTTPException) and status in (400, 403, 413, 415) else "Refused."
        text = {404: "There is no such page.", 405: "The page only shows: it takes nothing."}.get(status, said)
        return _render(environment, "trouble.html", request.url.path, {"text": text, "heading": str(status)}, status)

    def explain(request: Request, error: Exception) -> Response:
        context = {"text": str(error), "heading": "This cannot be shown"}
        return _render(environment, "trouble.html", request.url.path, context, 503)

    app = Starlette(routes=routes, exception_handlers={HTTPException: refuse, OddtrailError: explain})
    return SafeHeaders(HostCheck(Guard(app, access), names))


def _make_endpoint(
    environment: Environment, home: Home, path: str, feedback: Feedback
) -> Callable[[Request], Response]:
    template, _, show = PAGES[path]

    def endpoint(request: Request) -> Response:
        context = show(home, request)
        if path == "/alert":
            context["marking"] = feedback.show(context["alert"], request)
        return _render(environment, template, path, context)

    return endpoint


def _render(
    environment: Environment, template: str, path: str, context: dict[str, Any], status: int = 200
) -> HTMLResponse:
    ways = [(to, name, to == path) for to, (_, name, _) in PAGES.items() if name]
    return HTMLResponse(environment.get_template(template).render(context, ways=ways), status_code=status)
