"""A price and a mark read as sentences, with what is many counted."""

from datetime import UTC, date, datetime

from pipeline.feedback.price import Price, Tried, Weaker
from pipeline.render.marks import SHOWN, export_rows, write_price, write_said, write_standing
from pipeline.stores.jsonl.marks import Mark, Standing, Value
from pipeline.words.catalogue import find_words
from tests.builders import an_alert

SINCE = date(2026, 1, 1)
ONE = Tried("mining", "stealthy", as_expected=True, found=True, missed=True)


def test_nothing_hidden_and_nothing_missed_is_said() -> None:
    found = Tried("mining", "loud", as_expected=False, found=True, missed=False)
    assert write_price(Price(SINCE, (Weaker(an_alert(), 9.0, hidden=False),), (found,))) == [
        "Past: 1 alert since 2026-01-01 has some of it. All that were raised would have been.",
        "Attacks: 1 by the same principal were planted, and 1 are found as things are. "
        "All of these would be found still.",
    ]


def test_what_is_hidden_and_missed_is_named_up_to_a_few() -> None:
    lines = write_price(Price(SINCE, (Weaker(an_alert(), 1.0, hidden=True),) * 7, (ONE,) * 7))
    assert "Of these, 7 that were raised would not have been, at most." in lines[0]
    assert lines.count("  and 2 more") == 2
    assert lines.count("  stealthy mining, from the expected place or tool") == SHOWN


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
    [past, *rest] = write_price(Price(SINCE, (Weaker(an_alert(), 1.0, hidden=True),) * 7, (ONE,) * 7), words)
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
