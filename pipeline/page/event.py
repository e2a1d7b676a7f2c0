"""One event: what it says in words, each of them a way on, and the record as it was delivered."""

from datetime import timedelta
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from pipeline.page.home import Home
from pipeline.page.links import LONGEST
from pipeline.page.search import read_time
from pipeline.page.templating import Whole

COLUMNS: Final = (
    "event_time", "delivered_at", "account", "region", "action", "error", "error_code", "error_message", "principal",
    "principal_name", "kind", "session", "session_name", "mfa", "address", "country", "city", "organisation", "agent",
    "user_agent", "resources", "exposures", "facts", "flags", "event_id",
)  # fmt: skip
"""Of an event, what is shown."""


def show_event(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given: of the event with an id that happened at a time."""
    event_id = request.query_params.get("id", "")
    at = read_time(request.query_params.get("at", ""))
    if not 0 < len(event_id) <= LONGEST:
        raise HTTPException(404)
    with home.open() as store, home.connect() as connection:
        until = at + timedelta(microseconds=1)
        store.events.view(connection, since=at, until=until)
        found = connection.execute(
            f"SELECT {', '.join(COLUMNS)} FROM events WHERE event_id = $id LIMIT 1", {"id": event_id}
        ).fetchone()
        if found is None:
            raise HTTPException(404)
        event = dict(zip(COLUMNS, found, strict=True))
        raw = store.events.get([event_id], at, until, [event["account"]]).get(event_id, b"")
    return {
        "event": event,
        "time": event["event_time"].astimezone(home.zone),
        "delivered": event["delivered_at"].astimezone(home.zone),
        "raw": Whole(raw.decode("utf-8", "backslashreplace")),
    }
