"""A price and a mark read as sentences, with what is many counted."""

from datetime import UTC, date, datetime

from pipeline.feedback.again import NO_MODEL, NO_TIME
from pipeline.feedback.price import Price, Tried, Weaker
from pipeline.render.marks import SHOWN, export_rows, write_price, write_said, write_standing
from pipeline.stores.jsonl.marks import Mark, Standing, Value
from pipeline.words.catalogue import find_words
from tests.builders import an_alert

SINCE = date(2026, 1, 1)
ONE = Tried("mining", "stealthy", as_expected=True, found=True, missed=True)


def test_nothing_hidden_and_nothing_missed_is_said() -> None:
    found = Tried("mining", "loud", as_expected=False, found=True, missed=False)
    same = Weaker(an_alert(), 9.5, hidden=False, score=91.4)
    assert write_price(Price(SINCE, (same,), (found,))) == [
        "Past: 1 alert since 2026-01-01 has some of it.",
        "1 was judged again as on its day: none would have been weaker.",
        "Attacks: 1 by the same principal was planted; found as things are: 1. All of these would be found still.",
    ]


def test_what_is_hidden_weaker_and_missed_is_named_up_to_a_few() -> None:
    gone, weaker = Weaker(an_alert(), 1.0, hidden=True, score=12.3), Weaker(an_alert(), 7.0, hidden=False, score=80.0)
    lines = write_price(Price(SINCE, (gone,) * 6 + (weaker,), (ONE,) * 7))
    assert lines[1] == (
        "7 were judged again, each as on its day: 6 would not have been raised, 1 would have been weaker."
    )
    assert lines.count("  2026-03-02  deploy called iam:CreateAccessKey (91 → 12)") == SHOWN
    assert lines.count("  and 2 more") == 2
    assert lines.count("  stealthy mining, from the expected place or tool") == SHOWN
    [_, only, line, _] = write_price(Price(SINCE, (weaker,), (ONE,)))[:4]
    assert (only.partition(": ")[2], line) == (
        "1 would have been weaker.",
        "  2026-03-02  deploy called iam:CreateAccessKey (91 → 80)",
    )


def test_what_was_not_judged_again_is_told_at_most_with_why() -> None:
    most = Weaker(an_alert(), 1.0, hidden=True, unjudged=NO_TIME)
    lines = write_price(Price(SINCE, (most, most, Weaker(an_alert(), 9.0, hidden=False, unjudged=NO_MODEL)), (ONE,)))
    assert lines[1] == "2 were not judged again, for it would take too long: 2 would not have been raised, at most."
    assert lines[4] == "1 was not judged again, for no model of then is kept: 0 would not have been raised, at most."


def test_what_could_not_be_tried_is_no_good_news() -> None:
    [_, attacks] = write_price(Price(SINCE, untried="there is no model in service"))
    assert attacks == "Attacks: none could be planted to try it, for there is no model in service."


def test_marks_and_prices_are_told_in_korean() -> None:
    words = find_words("ko")
    mark = Mark(
        id="0" * 12, at=datetime(2026, 3, 9, 10, tzinfo=UTC), by="ana", verdict="malicious", alert_id="3f9a",
        principal="idc/bob", principal_name="bob {first}", days=(date(2026, 3, 8), date(2026, 3, 9)),
    )  # fmt: skip
    assert write_said(mark, words) == "악의적 활동: bob {first}의 2026-03-08부터 2일을 학습하지 않습니다"
    assert "expired" not in write_standing(Standing(mark, "expired"), UTC, words)
    [past, *rest] = write_price(Price(SINCE, (Weaker(an_alert(), 1.0, hidden=True, score=1.0),) * 7, (ONE,) * 7), words)
    assert past.startswith("과거: 2026-01-01 이후의 경보 7건")
    assert rest.count("  외 2개") == 2
    [_, attacks] = write_price(Price(SINCE, untried="nothing is kept of how <b> called around that day"), words)
    assert "<b>" in attacks
    assert "nothing" not in attacks


def test_a_mark_says_who_when_what_and_why() -> None:
    mark = Mark(
        id="0" * 12, at=datetime(2026, 3, 9, 10, tzinfo=UTC), by="ana", verdict="expected", alert_id="3f9a", note="why",
        principal="idc/bob", principal_name="bob", values=(Value("country", "KR"),), until=date(2026, 6, 1),
    )  # fmt: skip
    assert write_standing(Standing(mark, "expired"), UTC) == (
        "2026-03-09 10:00, ana (expired): expected of bob until 2026-06-01: place=KR (country). Note: why"
    )
    [row] = export_rows([Standing(mark, "expired")])
    assert (row["values"], row["state"]) == ("country=KR", "expired")
