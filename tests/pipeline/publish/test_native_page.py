"""docs/native.md is true: its commands and options, its names of indices, its fields."""

import re
import shlex
from datetime import date
from pathlib import Path
from string import Template

import pytest

from pipeline.documents.alert_fields import ALERT_FIELDS
from pipeline.documents.alert_names import ANOMALIES, name_history, name_index, name_month
from pipeline.documents.viewers import TIME_FIELD
from pipeline.search.url import parse_url
from pipeline.sources.address import parse_address
from pipeline.sources.index.place import IndexPlace
from tests.pipeline.cli.commands import COMMANDS, run

PAGE = (Path(__file__).parents[3] / "docs/native.md").read_text(encoding="utf-8")
DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    "line", sorted(set(re.findall(r"oddtrail ((?:alerts publish|compare-native|setup)[^`#\n]*)", PAGE)))
)
def test_every_option_that_is_shown_exists(line):
    words = shlex.split(line)
    command = next(words[:length] for length in (2, 1) if tuple(words[:length]) in COMMANDS)
    shown = run(*command, "--help").output
    for option in (word for word in words if word.startswith("--")):
        assert re.search(rf"(^|\s){option}\b", shown), option


def test_the_addresses_that_are_shown_are_the_engine_and_its_events():
    values: dict[str, str] = {}
    for name, value in re.findall(r"^    ([A-Z]+)=(.*)$", PAGE, re.MULTILINE):
        [word] = shlex.split(value, comments=True)
        values[name] = Template(word).substitute(values)
    given = [
        [Template(word).substitute(values) for word in shlex.split(line, comments=True)]
        for line in re.findall(r"^    oddtrail ((?:ingest|setup|watch) .*)$", PAGE, re.MULTILINE)
    ]
    (_, ingested), (_, made_ready), (_, watched, _, published) = given
    for text in (ingested, watched):
        place = parse_address(text)
        assert isinstance(place, IndexPlace)
        assert (place.pattern, place.url) == ("cloudtrail-*", parse_url(made_ready))
    assert parse_url(published) == parse_url(made_ready)
    assert parse_url(published).given["password"] == "env:SEARCH_PASSWORD"


def test_the_names_of_indices_and_fields_of_time_are_those_that_are_used():
    for name in (name_index(DAY, "opensearch"), name_month(DAY), name_history(DAY), ANOMALIES, *TIME_FIELD.values()):
        assert f"`{name}`" in PAGE


def test_every_field_that_is_named_exists():
    fields = {field.name for field in ALERT_FIELDS}
    named = re.findall(r"`((?:oddtrail|user|entity|triage|cloud)\.[a-z_.]+[a-z])[`:]", PAGE)
    named += re.findall(r"`(record_score|anomaly_score|anomaly_grade|detected_at|raised)\b", PAGE)
    assert len(named) > 8
    assert {name.removesuffix(".keyword") for name in named} <= fields
