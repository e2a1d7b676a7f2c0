"""The schema of an alert: what is committed is what the script makes, it says what everything means, and it holds."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from pipeline.stores.alert import Alert
from scripts.make_alert_schema import PATH, make_schema, write
from tests.builders import a_reason, an_alert
from tests.pipeline.stores.test_alert import FIRST_VERSION
from tests.walks import walk_through
from tests.worlds import a_company, a_theft, as_person

SCHEMA = jsonschema.Draft202012Validator(make_schema())


def as_json(alert: Alert) -> dict[str, Any]:
    """An alert as whoever reads a line of JSON has it."""
    document: dict[str, Any] = json.loads(msgspec.json.encode(alert))
    return document


def test_the_committed_schema_is_what_the_script_makes(tmp_path: Path) -> None:
    write(tmp_path / "alert.schema.json")
    assert (tmp_path / "alert.schema.json").read_text() == PATH.read_text()
    jsonschema.Draft202012Validator.check_schema(make_schema())


def test_every_field_says_what_it_means() -> None:
    for name, part in make_schema()["$defs"].items():
        assert part["description"], name
        for field, about in part["properties"].items():
            assert about["description"].endswith("."), f"{name}.{field}"


def test_what_the_first_version_had_may_not_be_missing() -> None:
    first, parts = json.loads(FIRST_VERSION), make_schema()["$defs"]
    assert set(first) == set(parts["Alert"]["required"])
    assert set(first["reasons"][0]) == set(parts["AlertReason"]["required"])


def test_every_alert_of_a_company_holds_to_it() -> None:
    rows = a_company(days=11, people=3, roles=2) + a_theft(9, victim=as_person("person1"))
    alerts = [alert for day in walk_through(rows) for alert in day.alerts]
    assert {reason.feature for alert in alerts for reason in alert.reasons} == {"surprise", "own_past"}
    for alert in alerts:
        SCHEMA.validate(as_json(alert))


@pytest.mark.parametrize(
    "wrong",
    [
        {"record_score": 101.0},
        {"severity": "bad"},
        {"revision": 0},
        {"raised": 1},
        {"reasons": [a_reason(nats="1")]},
        {"accounts": "111122223333"},
        {"title": None},
    ],
    ids=str,
)
def test_what_is_no_alert_does_not(wrong: dict[str, object]) -> None:
    document = as_json(an_alert())
    assert SCHEMA.is_valid(document)
    assert not SCHEMA.is_valid(document | wrong)
    assert not SCHEMA.is_valid({name: value for name, value in document.items() if name != next(iter(wrong))})
