"""What a function says is JSON, counts everything, and holds nothing that a caller wrote."""

import json
import logging
from collections import Counter

import pytest

from pipeline.delivery.door_sink import Tally
from pipeline.delivery.telemetry import METRICS, SERVICE, Telemetry


@pytest.fixture(autouse=True)
def _as_in_a_fresh_process():
    """The logger is one for the process, and holds the output that was there first."""
    logging.root.manager.loggerDict.pop(SERVICE, None)
    yield
    logging.root.manager.loggerDict.pop(SERVICE, None)


def said(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]


def test_an_invocation_is_a_line_and_metrics(capsys):
    tally = Tally(records=9, indexed=3, duplicates=2, repaired=1, quarantined=1, dead_lettered=1, bytes=1_000)
    tally.other = Counter({"digest": 3})
    tally.events[("111122223333", "eu-west-1")] = 5
    tally.lag[("111122223333", "eu-west-1")] = 61.25
    Telemetry().done("sqs", tally, 2, 1.5)
    line, whole, place = said(capsys)
    assert (line["message"], line["level"], line["trigger"], line["again"]) == ("done", "INFO", "sqs", 2)
    assert (line["records"], line["indexed"], line["other"]) == (9, 3, {"digest": 3})
    assert whole["trigger"] == "sqs"
    assert {name: whole[name] for name in METRICS} == {n: [float(getattr(tally, f))] for n, f in METRICS.items()}
    assert (whole["Bytes"], whole["Again"], whole["NoEvents"]) == ([1_000.0], [2.0], [3.0])
    assert (place["account"], place["region"], place["Events"]) == ("111122223333", "eu-west-1", [5.0])
    assert place["Lag"][0] == 61.2
    described = place["_aws"]["CloudWatchMetrics"][0]
    assert described["Namespace"] == "Oddtrail"
    assert {"account", "region"} <= set(described["Dimensions"][0])


def test_an_invocation_with_nothing_in_it_is_told_too(capsys):
    Telemetry().done("nothing", Tally(), 0, 0.0)
    line, whole = said(capsys)
    assert (line["records"], whole["Records"], whole["Troubles"]) == (0, [0.0], [0.0])


def test_troubles_are_counted_for_an_alarm(capsys):
    telemetry = Telemetry()
    for _ in range(2):
        telemetry.trouble("an object is gone")
    telemetry.done("sqs", Tally(gone=2), 0, 0.0)
    assert said(capsys)[-1]["Troubles"] == [2.0]
    telemetry.done("sqs", Tally(), 0, 0.0)
    assert said(capsys)[-1]["Troubles"] == [0.0]


def test_what_a_caller_wrote_stays_one_line_and_is_bounded(capsys):
    tally = Tally()
    name = 'x"\n{"level":"INFO","message":"all is well"}\x1b[2J' + "y" * 5_000
    tally.other[name] = 1
    tally.events[(name, name)] = 1
    tally.lag[(name, name)] = -5.0
    telemetry = Telemetry()
    telemetry.done("s3", tally, 0, 0.0)
    telemetry.trouble("a message failed", reason=name, receives=3)
    out = capsys.readouterr().out
    lines = [line for line in out.splitlines() if line]
    assert [json.loads(line).get("message") for line in lines] == ["done", None, None, "a message failed"]
    assert "\x1b" not in out
    assert max(map(len, lines)) < 3_000


def test_many_places_do_not_make_a_flood(capsys):
    tally = Tally()
    for at in range(500):
        tally.events[(str(at), "eu-west-1")] = at
        tally.lag[(str(at), "eu-west-1")] = 1.0
    Telemetry().done("s3", tally, 0, 0.0)
    assert len(said(capsys)) == 102
