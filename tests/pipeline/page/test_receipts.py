"""Receipts are shown a day a row, the newest first, silences with them, names as text."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.receipts import Gap, Receipt
from tests.pipeline.cli.homes import ACCOUNT, NINE, a_home, a_record
from tests.pipeline.page.asking import ask


def a_receipt(day: int, gaps: list[Gap]) -> Receipt:
    start, end = datetime(2026, 3, day, tzinfo=UTC), datetime(2026, 3, day + 1, tzinfo=UTC)
    return Receipt(
        deployment="default", day=date(2026, 3, day), start=start, end=end, written_at=end, model_id="<b>", events=1234,
        late=5, principals=6, accounts=[], gaps=gaps, set_aside=0, dead_letters=0, alerts_raised=1, alerts_held=0,
        never_judged=7,
    )  # fmt: skip


def test_days_are_told_with_their_silences(tmp_path: Path) -> None:
    start = datetime(2026, 3, 3, 9, tzinfo=UTC)
    with open_store(tmp_path) as store:
        store.receipts.add(a_receipt(2, []))
        store.receipts.add(a_receipt(3, [Gap(account="<i>1", start=start, end=start.replace(hour=12), expected=90)]))
    text = " ".join(ask(make_app(Home(Settings(home=tmp_path)), Access()), "/days").text.split())
    assert text.index("2026-03-03") < text.index("2026-03-02")
    assert "&lt;i&gt;1 from 03 Mar 09:00 to 03 Mar 12:00, where about 90 events are usual" in text
    assert '<td class="n">1,234</td>' in text
    assert "<b>" not in text


def test_a_silence_names_who_switched_logging_off_before_it(tmp_path: Path) -> None:
    stop = a_record(NINE, "StopLogging", "cloudtrail", requestParameters={"name": "main"})
    home = a_home(tmp_path, [stop])
    with open_store(home) as store:
        gap = Gap(account=ACCOUNT, start=NINE + timedelta(hours=1), end=NINE + timedelta(hours=3), expected=90)
        store.receipts.add(a_receipt(2, [gap]))
    text = " ".join(ask(make_app(Home(Settings(home=home)), Access()), "/days").text.split())
    told = text[text.index("just before, 02 Mar 09:00") :]
    assert re.search(r'<a href="/principal\?id=[^"]*DEPLOY">deploy</a> called <a href="/event', told)
    assert "cloudtrail:StopLogging" in told


def test_without_receipts_the_days_that_are_held_are_counted(tmp_path: Path) -> None:
    home = a_home(tmp_path, [a_record(NINE, "StopLogging"), a_record(NINE, "StartLogging")])
    text = ask(make_app(Home(Settings(home=home)), Access()), "/days").text
    assert re.search(r'2026-03-02</a></th><td class="n">2</td>', text)


def test_without_receipts_it_says_who_writes_them(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    assert "oddtrail watch" in ask(make_app(Home(Settings(home=tmp_path)), Access()), "/days").text
