"""Reading native results: all of them, however many; and what is said where there are none."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.publish import native
from pipeline.publish.native import NativeError, read_native, read_result
from pipeline.search.engine import Answer
from pipeline.search.url import parse_url

DATA = Path(__file__).with_name("native")
SINCE, UNTIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC)


class Holding:
    """Answers searches out of some results of OpenSearch."""

    url = parse_url("opensearch+https://search.example.com")

    def __init__(self, results=(), answer=None):
        self.results, self.answer, self.asked = results, answer, []

    def ask(self, method, path, body=None, *, params=None):
        self.asked.append((path, body))
        if self.answer:
            return self.answer
        [span] = body["query"]["bool"]["filter"][0]["range"].values()
        found = [each for each in self.results if span["gte"] <= each["data_start_time"] < span["lt"]]
        hits = [{"_source": each} for each in found[: body["size"]]]
        return Answer(200, {"hits": {"total": {"value": len(found)}, "hits": hits}, "_shards": {"failed": 0}})


def a_result(start, **named):
    ms = round(start.timestamp() * 1000)
    return {
        "detector_id": "d", "data_start_time": ms, "data_end_time": ms + 600_000, "anomaly_grade": 0.5,
        "entity": [{"name": "user.name", "value": "alice"}],
    } | named  # fmt: skip


def test_more_results_than_an_answer_holds_are_all_read_once(monkeypatch):
    monkeypatch.setattr(native, "MOST_OF_SLICE", 3)
    times = [SINCE + timedelta(minutes=n * n) for n in range(80)]
    read = read_native(Holding([a_result(each) for each in times]), "opensearch", SINCE, UNTIL)
    assert sorted(each.start for each in read.results) == times
    assert read.notes == []


def test_results_of_one_millisecond_that_do_not_fit_are_told(monkeypatch):
    monkeypatch.setattr(native, "MOST_OF_SLICE", 3)
    read = read_native(Holding([a_result(SINCE)] * 5), "opensearch", SINCE, UNTIL)
    assert (len(read.results), read.notes) == (3, ["2 native results of one millisecond are left out"])


def test_windows_that_reach_into_the_span_are_read():
    results = [a_result(SINCE - timedelta(minutes=5)), a_result(SINCE - timedelta(minutes=10)), a_result(UNTIL)]
    assert len(read_native(Holding(results), "opensearch", SINCE, UNTIL).results) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "no native result is in .opendistro-anomaly-results*,opensearch-ad-plugin-result-* since then"),
        (Answer(404, {"error": {"type": "index_not_found_exception", "reason": "x"}}), "no native result"),
        (Answer(403, {"error": {"type": "security_exception", "reason": "no permissions"}}), "does not let us read"),
        (Answer(401, None), "does not let us read"),
    ],
)
def test_where_nothing_can_be_read_it_says_so(answer, said):
    read = read_native(Holding(answer=answer), "opensearch", SINCE, UNTIL)
    assert read.results == []
    assert len(read.notes) == 1
    assert said in read.notes[0]


@pytest.mark.parametrize("answer", [Answer(500, {"error": "x"}), Answer(200, None), Answer(200, {"hits": 7})])
def test_an_engine_that_fails_is_no_empty_result(answer):
    with pytest.raises(NativeError, match="does not answer a search"):
        read_native(Holding(answer=answer), "opensearch", SINCE, UNTIL)


def test_shards_that_are_away_are_told():
    away = Answer(200, {"hits": {"total": {"value": 0}, "hits": []}, "_shards": {"failed": 2}})
    assert "2 shards" in read_native(Holding(answer=away), "opensearch", SINCE, UNTIL).notes[0]


def test_another_index_and_a_least_score_are_asked_for():
    engine = Holding()
    read_native(engine, "opensearch", SINCE, UNTIL, pattern="mine-*", min_score=50)
    [(path, body)] = engine.asked
    assert path == "/mine-*/_search"
    assert {"range": {"anomaly_grade": {"gte": 0.5}}} in body["query"]["bool"]["filter"]


def test_results_that_a_real_plugin_wrote_are_read():
    [real] = json.loads((DATA / "realtime_anomaly.json").read_text())
    found = read_result(real, "opensearch")
    assert (found.job, found.score, found.fields) == ("8awzG6IBWah3fyfVnYlf", 68.75, (("user.name", "svc-orders"),))
    assert found.end - found.start == timedelta(minutes=10)
    assert found.start.microsecond == 524_000


@pytest.mark.parametrize(
    "source",
    [{}, {"data_start_time": "x"}, a_result(SINCE, entity=7), a_result(SINCE, data_end_time=1e300), {"detector_id": 1}],
)
def test_what_is_no_result_is_passed_over(source):
    assert read_result(source, "opensearch") is None


def test_a_record_of_elastics_says_whom_and_which_calls_it_is_about():
    found = read_result(
        {
            "job_id": "rare", "timestamp": "2026-03-02T09:00:00Z", "bucket_span": 3600, "record_score": 71,
            "causes": [{"by_field_name": "event.action", "by_field_value": "CreateUser"}],
            "influencers": [{"influencer_field_name": "user.name", "influencer_field_values": ["ann", "bob"]}],
        },
        "elasticsearch",
    )  # fmt: skip
    assert found.calls == ("CreateUser",)
    assert found.fields[1:] == (("user.name", "ann"), ("user.name", "bob"))
