"""Agreement with native anomaly jobs, as the command that asks their engine last found it: the page asks nobody."""

from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from pipeline.page.home import Home
from pipeline.stores.compared import read_comparison
from pipeline.words.words import to_say

SAID: Final = {"both": to_say("both"), "ours": to_say("only ours"), "native": to_say("only native")}
MOST: Final = 200


def show_native(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given: all of the comparison, or what one side found."""
    by = request.query_params.get("by", "")
    if by and by not in SAID:
        raise HTTPException(404)
    kept = read_comparison(home.settings.home)
    rows = [row for row in kept.compared if by in ("", row.found_by)] if kept else []
    return {
        "comparison": kept,
        "rows": rows[:MOST],
        "left": len(rows) - len(rows[:MOST]),
        "by": by,
        "said": SAID,
        "zone": home.zone,
    }
