"""What another version named and this one does not know is shown by its bare name, on page, report and command."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pytest

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.page.links import link
from pipeline.page.period import read_period
from pipeline.page.report import write_report
from pipeline.page.report_text import write_text
from pipeline.publish.document import make_document
from pipeline.publish.setting import Setting
from pipeline.settings import Settings
from pipeline.stores.alert import Alert
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.marks import MARKS_FILE, Mark, Value
from pipeline.stores.parquet.hour_scores import SCHEMA
from tests.builders import NINE, a_count, a_reason, an_alert, an_event
from tests.pipeline.cli.commands import run
from tests.pipeline.cli.homes import with_alerts
from tests.pipeline.page.asking import ask
from tests.pipeline.reports.homes import an_active_home

KEY: Final = "user/ana"
HOUR: Final = timedelta(hours=1)
REASONS: Final = [
    a_reason(dimension="colour", value="teal", text="first colour teal: never in 9 active hours"),
    a_reason(dimension="fact", value="levitated", text="levitated: never in 9 active hours", feature="facts"),
    a_reason(dimension="resource:teapot", value="t-1", text="first teapot t-1: never in 9 active hours"),
    a_count(dimension="teapots", value="teapots", text="3 teapots in an hour, where 1 is typical"),
    a_reason(value="ec2:DescribeInstances", dimension="read"),
]
MEASURE: Final = {"measure": "teapots", "typical": 1.0, "actual": 3.0, "share": 1.0}


def an_old_alert() -> Alert:
    """An alert that names a dimension, fact, count, measure, model, harm, tactic and kind that there are not."""
    named: dict[str, Any] = {
        "reasons": REASONS, "principal_key": KEY, "principal_name": "ana", "principal_kind": "golem",
        "tactics": ["Levitation"], "event_ids": ["event-old"], "day": NINE.date(), "window_start": NINE,
        "window_end": NINE + HOUR, "detected_at": NINE + HOUR,
        "measures": [MEASURE | {"model": "oracle", "text": "3 teapots in an hour", "hour": NINE}],
        "scores": {"incident": 91.0, "oracle": 80.0},
    }  # fmt: skip
    plain = msgspec.to_builtins(an_alert("old", **named))
    harm = {"kind": "teleported_away", "tried": False, "calls": 1, "actions": ["ec2:DescribeInstances"]}
    return msgspec.convert(plain | {"harms": [harm]}, Alert)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = an_active_home(tmp_path_factory.mktemp("unknown"), an_event(principal=KEY, event_id="event-old"))
    score = {
        "principal": KEY, "principal_name": "ana", "principal_kind": "golem", "day": NINE.date(), "hour": NINE,
        "scored_at": NINE + timedelta(minutes=75), "model": "oracle", "raw_score": 9.0, "record_score": 90.0,
        "measures": [MEASURE],
    }  # fmt: skip
    with open_store(home) as store:
        store.hour_scores.put(NINE.date(), pa.Table.from_pylist([score], schema=SCHEMA))
    mark = Mark(
        id="0" * 12, at=NINE, by="ana", verdict="expected", alert_id="old", principal=KEY,
        values=(Value("colour", "teal"),), until=date(2099, 1, 1),
    )  # fmt: skip
    (home / MARKS_FILE).write_bytes(msgspec.json.encode(mark) + b"\n")
    return with_alerts(home, an_old_alert())


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize(
    ("path", "named"),
    [
        (
            "/alert",
            ["colour teal", "levitated", "3 teapots", "oracle", "teleported away", "golem", "colour=teal"],
        ),
        ("/events", []),
        ("/unlike", ["oracle", "3 teapots"]),
        ("/principal", ["golem"]),
        ("/population", ["oracle"]),
        ("/model", []),
        ("/", []),
    ],
)
def test_a_page_shows_it(home: Path, path: str, named: list[str], lang: str) -> None:
    asked = {"id": KEY if path in ("/unlike", "/principal") else "old"} if len(path) > 1 else {}
    found = ask(make_app(Home(Settings(home=home)), Access()), link(path, **asked, lang=lang))
    assert found.status == 200
    assert [name for name in named if name not in found.text] == []


def test_reports_and_documents_hold_it(home: Path) -> None:
    reading = Home(Settings(home=home))
    period = read_period(reading, NINE.date(), NINE.date())
    for text in (write_report(reading, period), write_text(reading, period)):
        assert "first colour teal" in text
    document = make_document(an_old_alert(), Setting(deployment="here"))
    assert [one["value"] for one in document["reasons"]] == [one["value"] for one in REASONS]


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (("alerts", "show", "old"), "teleported away"),
        (("alerts", "show", "old", "--lang", "ko"), "levitated"),
        (("alerts", "list"), "deploy called"),
        (("alerts", "marks"), "colour=teal"),
        (("scores",), "3 teapots"),
    ],
)
def test_a_command_prints_it(home: Path, command: tuple[str, ...], named: str) -> None:
    found = run(*command, "--home", home)
    assert found.exit_code == 0, found.output
    assert named in " ".join(found.output.split())
