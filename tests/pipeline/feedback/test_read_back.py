"""What other tools marked in an index of alerts is read whole, bounded, and taken once."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from pipeline.feedback.read_back import MOST_READ, PAGE, ReadBackError, find_new, pick, read_marks, read_verdict
from pipeline.search.engine import Answer
from pipeline.stores.jsonl.marks import Mark, Value

ORIGIN = "https://search:9200"
AT = datetime(2026, 3, 9, 10, tzinfo=UTC)


class Index:
    """An engine with some documents, which searches as it is asked to."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        self.documents, self.asked = sorted(documents, key=lambda one: str(one.get("alert_id"))), list[str]()

    def ask(self, method: str, path: str, body: Any = None, *, params: Any = None, timeout: float = 30.0) -> Answer:
        assert (method, params) == ("POST", {"ignore_unavailable": "true"})
        self.asked.append(path)
        fields = [one["exists"]["field"] for one in body["query"]["bool"]["should"]]
        there = [one for one in self.documents if any(pick(one, field) is not None for field in fields)]
        after = body.get("search_after", ["", ""])[-1]
        page = [one for one in there if str(one["alert_id"]) > after][: body["size"]]
        return Answer(200, {"hits": {"hits": [{"_source": one, "sort": [1, one["alert_id"]]} for one in page]}})


def a_mark(**named: Any) -> Mark:
    return Mark(**{"id": "0123456789ab", "at": AT, "by": "ana", "alert_id": "a1", "principal": "idc/bob"} | named)


def test_our_fields_and_kibanas_are_read() -> None:
    index = Index(
        {"alert_id": "a1", "triage": {"verdict": "expected", "owner": "ana", "note": "the new pipeline"}},
        {
            "alert_id": "a2",
            "kibana.alert.workflow_tags": ["Duplicate", "False Positive"],
            "kibana": {"space_ids": ["x"]},
        },
        {"alert_id": "a3", "kibana": {"alert": {"workflow_reason": "true_positive"}}},
        {"alert_id": "a4", "triage": {"verdict": "a release"}},
        {"alert_id": "a5", "triage": {"status": "closed"}},
    )
    found = list(read_marks(index, ORIGIN))
    assert [(one.alert_id, one.verdict, one.by) for one in found] == [
        ("a1", "expected", "ana"), ("a2", "expected", "somebody"), ("a3", "malicious", "somebody"),
        ("a4", None, "somebody"),
    ]  # fmt: skip
    assert found[0].note == "the new pipeline"
    assert found[3].said == "a release"


def test_a_long_index_is_read_a_page_at_a_time_and_not_for_ever() -> None:
    many = [{"alert_id": f"a{number:05d}", "triage": {"verdict": "unsure"}} for number in range(MOST_READ + 500)]
    index = Index(*many)
    found = list(read_marks(index, ORIGIN))
    assert [one.alert_id for one in found] == [one["alert_id"] for one in many[:MOST_READ]]
    assert len(index.asked) == MOST_READ / PAGE
    assert len(list(read_marks(Index(*many[: PAGE + 1]), ORIGIN))) == PAGE + 1


class Stuck(Index):
    """It gives the same page for ever."""

    def ask(self, method: str, path: str, body: Any = None, *, params: Any = None, timeout: float = 30.0) -> Answer:
        return super().ask(method, path, {**body, "search_after": [1, ""]}, params=params, timeout=timeout)


def test_an_engine_that_does_not_go_on_is_left() -> None:
    index = Stuck(*({"alert_id": f"a{number:05d}", "triage": {"verdict": "unsure"}} for number in range(PAGE)))
    assert len(list(read_marks(index, ORIGIN))) == 2 * PAGE
    assert len(index.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [Answer(403, {"error": {"type": "security_exception", "reason": "no"}}), Answer(200, None), Answer(200, [1])],
)
def test_an_answer_that_tells_nothing_is_an_error(answer: Answer) -> None:
    class Failing(Index):
        def ask(self, *given: Any, **named: Any) -> Answer:
            return answer

    with pytest.raises(ReadBackError, match="does not tell what was marked"):
        list(read_marks(Failing(), ORIGIN))


def test_what_is_no_document_of_ours_says_nothing() -> None:
    class Odd(Index):
        def ask(self, *given: Any, **named: Any) -> Answer:
            odd = {"alert_id": "a1", "triage": {"verdict": "true", "owner": ["x"], "note": "n" * 9000}}
            hits = [1, {"_source": []}, {"_source": {"alert_id": 7, "triage": "x"}}, {"_source": odd}]
            return Answer(200, {"hits": {"hits": hits}})

    [found] = read_marks(Odd(), ORIGIN)
    assert (found.verdict, found.by, len(found.note)) == ("malicious", "somebody", 2000)


def test_a_name_of_an_index_is_no_path() -> None:
    index = Index()
    list(read_marks(index, ORIGIN, "../_cluster?x#y"))
    assert index.asked == ["/..%2F_cluster%3Fx%23y/_search"]


def test_words_are_known_however_they_are_written() -> None:
    assert [read_verdict(word) for word in ("FALSE POSITIVE", "benign_positive", "Malicious", "True", "", "dup")] == [
        "expected", "expected", "malicious", "malicious", None, None,
    ]  # fmt: skip


def test_what_was_taken_is_not_taken_again_and_what_is_said_otherwise_is() -> None:
    [first] = read_marks(Index({"alert_id": "a1", "triage": {"verdict": "unsure"}}), ORIGIN)
    assert find_new([first, first], []) == [(first, None)]
    taken = a_mark(verdict="unsure", source="index", external=first.external)
    assert find_new([first], [taken]) == []
    undone = a_mark(id="ffffffffffff", verdict="undone", undoes=taken.id)
    assert find_new([first], [taken, undone]) == [], "who takes it back here is not overruled by the same word"
    [other] = read_marks(Index({"alert_id": "a1", "triage": {"verdict": "true positive"}}), ORIGIN)
    assert find_new([other], [taken]) == [(other, taken)]
    said_here = a_mark(verdict="expected", values=(Value("write", "iam:CreateUser"),), until=date(2026, 6, 1))
    assert find_new([other], [said_here]) == [(other, None)], "what was said here stays"
    assert find_new([first], [a_mark(verdict="unsure")]) == []
