"""Make the alert that the README shows: `python -m scripts.make_readme_alert`, which runs the demo, a minute.

What the demo found is kept in `benchmarks/data/readme_alert.json`, so that a test can write the alert again, in the
words of the day, and hold the README to it.
"""

import json
import re
from datetime import datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from rich.console import Group

from pipeline.alerts.story import Line, Story, tell
from pipeline.demo.run import Demo, run_demo
from pipeline.render.alert import indent, render_short
from pipeline.render.console import console, print_prose
from pipeline.render.demo import MOST_CALLS, render_cause
from pipeline.render.inert_text import inert_text
from pipeline.stores.alert import Alert

ROOT: Final = Path(__file__).resolve().parent.parent
RESULT: Final = ROOT / "benchmarks" / "data" / "readme_alert.json"
README: Final = ROOT / "README.md"
TECHNIQUE: Final = "database-snapshot-public"
"""Of the planted attack whose alert is shown."""
WIDTH: Final = 100
"""Columns: what a page shows without a bar to scroll by."""
_BLOCK: Final = re.compile(r"(?<=```text\n).*?(?=```\n)", re.DOTALL)


def find_alert(demo: Demo) -> dict[str, Any]:
    """The alert of the attack that is shown, what happened, and what was behind it."""
    [found] = [one for one in demo.verdict.found if one.campaign.technique == TECHNIQUE]
    [alert] = [one for one in demo.alerts if one.alert_id == found.alert_id]
    evidence = demo.evidence[alert.alert_id]
    story = tell(evidence.rows, evidence.total, MOST_CALLS, evidence.reasons, ZoneInfo("UTC"))
    lines = [{"time": line.time, "text": line.text, "denied": line.denied, "opens": line.opens} for line in story.lines]
    cause = render_cause(demo, alert).plain
    return {"alert": alert.as_dict(), "lines": lines, "left_out": story.left_out, "cause": cause}


def write_alert(result: dict[str, Any]) -> str:
    """The alert as the demo prints it."""
    alert = msgspec.convert(result["alert"], Alert)
    lines = [Line(**one | {"time": datetime.fromisoformat(str(one["time"]))}) for one in result["lines"]]
    out = StringIO()
    screen = console(out)
    screen.width = WIDTH
    story = Story(lines, result["left_out"])
    print_prose(screen, Group(render_short(alert, ZoneInfo("UTC"), story), indent(inert_text(result["cause"]), 4)))
    return out.getvalue()


def put_into_readme(text: str, readme: str) -> str:
    """The README with the alert in its first block of text."""
    return _BLOCK.sub(lambda _: text, readme, count=1)


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        result = find_alert(run_demo(Path(folder) / "demo", given={}, say=print))
    RESULT.write_text(json.dumps(result, indent=1, default=str) + "\n", encoding="utf-8")
    README.write_text(put_into_readme(write_alert(result), README.read_text(encoding="utf-8")), encoding="utf-8")
