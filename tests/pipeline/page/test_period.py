"""Some days of a home: every day is told, what is strongest comes first, and nothing is without a bound."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pipeline.page.home import Home
from pipeline.page.period import MOST_DAYS, MOST_OF_DAY, find_last_day, read_period
from pipeline.settings import Settings
from tests.builders import an_alert
from tests.pipeline.cli.homes import NINE, a_home, a_record, with_alerts

DAY = NINE.date()


def at(day: date) -> dict[str, datetime]:
    start = datetime.combine(day, NINE.timetz())
    return {"window_start": start, "window_end": start + timedelta(hours=1), "detected_at": start}


def test_each_day_is_told_whatever_it_held(tmp_path: Path) -> None:
    home = Home(Settings(home=with_alerts(a_home(tmp_path, [a_record()]), an_alert())))
    period = read_period(home, DAY - timedelta(days=2), DAY + timedelta(days=1))
    assert [(day.day, day.total, day.events) for day in period.days] == [
        (DAY + timedelta(days=1), 0, 0), (DAY, 1, 1), (DAY - timedelta(days=1), 0, 0), (DAY - timedelta(days=2), 0, 0),
    ]  # fmt: skip
    assert (period.first, period.last, period.incidents, period.events) == (
        DAY - timedelta(days=2), DAY + timedelta(days=1), 1, 1,
    )  # fmt: skip


def test_the_strongest_of_all_days_come_first(tmp_path: Path) -> None:
    later = at(DAY + timedelta(days=1))
    alerts = [an_alert("a", record_score=80.0), an_alert("b", record_score=95.0, **later), an_alert("c", raised=False)]
    period = read_period(Home(Settings(home=with_alerts(tmp_path, *alerts))), DAY, DAY + timedelta(days=1))
    assert [alert.id for alert in period.strongest(5)] == ["b", "a"]
    assert [alert.id for alert in period.strongest(1)] == ["b"]
    assert period.events is None, "a folder of alerts holds no events"


def test_neither_days_nor_incidents_are_without_end(tmp_path: Path) -> None:
    many = [an_alert(f"a{n}", title=f"title {n}") for n in range(MOST_OF_DAY + 3)]
    period = read_period(Home(Settings(home=with_alerts(tmp_path, *many))), date(1970, 1, 1), DAY)
    assert len(period.days) == MOST_DAYS
    assert (len(period.days[0].incidents), period.days[0].total) == (MOST_OF_DAY, MOST_OF_DAY + 3)


def test_the_last_day_is_the_newest_of_which_anything_is_known(tmp_path: Path) -> None:
    home = Home(Settings(home=a_home(tmp_path, [a_record(), a_record(NINE + timedelta(days=3))])))
    (home.settings.home / "alerts.jsonl").touch()
    assert find_last_day(home, datetime.now(UTC).date()) == DAY + timedelta(days=3)
    assert find_last_day(home, DAY) == DAY, "what lies ahead of the clock is not yet"
