"""The page as an application: which address shows what, and what stands before all of it."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final

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
from pipeline.page.event import show_event
from pipeline.page.feedback import PATH, Feedback
from pipeline.page.headers import SafeHeaders
from pipeline.page.held import show_held
from pipeline.page.home import Home
from pipeline.page.host import LOOPBACK_NAMES, HostCheck
from pipeline.page.language import choose_language, list_others, tell_language
from pipeline.page.links import link
from pipeline.page.model import show_model
from pipeline.page.native import show_native
from pipeline.page.population import show_population, show_unlike
from pipeline.page.principal import show_principal
from pipeline.page.receipts import show_receipts
from pipeline.page.search import show_search
from pipeline.page.templating import make_environment
from pipeline.page.today import show_today
from pipeline.page.where import show_where
from pipeline.render.error_words import tell_error
from pipeline.words.catalogue import find_words
from pipeline.words.words import to_say

Show = Callable[[Home, Request], dict[str, Any]]
"""Makes of a home and a request what a template is given."""

PAGES: Final[dict[str, tuple[str, str, Show]]] = {
    "/": ("today.html", to_say("Today"), show_today),
    "/search": ("search.html", to_say("Search"), show_search),
    "/busy": ("busy.html", to_say("When busiest"), show_busy),
    "/where": ("where.html", to_say("Where from"), show_where),
    "/population": ("population.html", to_say("Population"), show_population),
    "/model": ("model.html", to_say("Model"), show_model),
    "/native": ("native.html", to_say("Native jobs"), show_native),
    "/days": ("receipts.html", to_say("Coverage"), show_receipts),
    "/held": ("held.html", to_say("Held"), show_held),
    "/alert": ("alert.html", "", show_alert),
    "/events": ("events.html", "", show_events),
    "/principal": ("principal.html", "", show_principal),
    "/unlike": ("unlike.html", "", show_unlike),
    "/event": ("event.html", "", show_event),
}
"""By path: the template, what the way there is called (empty where one comes by a link), and what it is given."""
STATIC: Final = Path(__file__).parent / "static"
_REFUSALS: Final = {404: to_say("There is no such page."), 405: to_say("The page only shows: it takes nothing.")}
_REFUSED: Final = to_say("Refused.")
_UNSHOWN: Final = to_say("This cannot be shown")


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
    feedback = Feedback(home, read_only=read_only)
    routes: list[Route | Mount] = [Route(path, _make_endpoint(home, path, feedback), methods=["GET"]) for path in PAGES]

    async def mark(request: Request) -> Response:
        body = await feedback.read(request)
        found = await run_in_threadpool(feedback.answer, request, body)
        if isinstance(found, str):
            return RedirectResponse(found, status_code=303)
        return _render(home, request, "price.html", found, back=link("/alert", id=found["alert"].alert_id))

    routes.append(Route(PATH, mark, methods=["POST"]))
    routes.append(Mount("/static", StaticFiles(directory=STATIC)))

    def refuse(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        told = isinstance(error, HTTPException) and status in (400, 403, 413, 415)
        said = error.detail if isinstance(error, HTTPException) and told else _REFUSED
        context = {"text": _REFUSALS.get(status, said), "heading": str(status)}
        return _render(home, request, "trouble.html", context, status)

    def explain(request: Request, error: Exception) -> Response:
        words = find_words(choose_language(request, home.settings.language).language)
        context = {"text": tell_error(str(error), words), "heading": _UNSHOWN}
        return _render(home, request, "trouble.html", context, 503)

    app = Starlette(routes=routes, exception_handlers={HTTPException: refuse, OddtrailError: explain})
    return SafeHeaders(HostCheck(Guard(app, access), names))


def _make_endpoint(home: Home, path: str, feedback: Feedback) -> Callable[[Request], Response]:
    template, _, show = PAGES[path]

    def endpoint(request: Request) -> Response:
        context = show(home, request)
        if path == "/alert":
            context["marking"] = feedback.show(context["alert"], request)
        return _render(home, request, template, context)

    return endpoint


def _render(
    home: Home, request: Request, template: str, context: dict[str, Any], status: int = 200, back: str = ""
) -> HTMLResponse:
    """The template in the language of the request; `back` is where the answer to a form was asked from."""
    chosen = choose_language(request, home.settings.language)
    ways = [(to, name, to == request.url.path) for to, (_, name, _) in PAGES.items() if name]
    page = make_environment(chosen).get_template(template)
    text = page.render(context, ways=ways, languages=list_others(request, chosen, back))
    return HTMLResponse(text, status_code=status, headers=tell_language(chosen))
