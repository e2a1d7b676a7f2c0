"""What a page says of a principal is what all of its calls say, whether sums were made, are too old or are missing."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import duckdb
import pandas as pd
import pytest

from pipeline.connection import connect
from pipeline.reports import principal
from pipeline.reports.principal_calls import take_principal
from pipeline.reports.principal_days import keep_sums
from pipeline.reports.principal_quick import view_hours, view_principal
from pipeline.settings import Settings, load_settings
from pipeline.stores.home import Store, open_store
from tests.builders import NINE, Event, an_event
from tests.pipeline.reports.homes import an_active_home

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
KEYS: Final = ("user/ana", "role/ci", "user/nobody")
ANSWERS: Final[tuple[Callable[[duckdb.DuckDBPyConnection, str], pd.DataFrame], ...]] = (
    principal.summarize,
    principal.week,
    principal.days,
    principal.services,
    principal.places,
    principal.credentials,
    principal.sessions,
    principal.changes,
)


def a_busy_month() -> Iterator[Event]:
    """Twelve days of two principals: hours, places, keys, services and denials that recur now and then, and firsts."""
    for number in range(240):
        at = NINE + timedelta(minutes=71 * number)
        ana = number % 3 != 0
        yield an_event(
            at,
            principal="user/ana" if ana else "role/ci",
            account="444455556666" if 90 < number < 99 else "111122223333",
            action=["s3:GetObject", "iam:PutRolePolicy", "ec2:RunInstances", "kms:Decrypt"][number * 7 % 11 % 4],
            write=number % 5 == 0,
            region="sa-east-1" if number in (9, 150, 151) else ["us-east-1", "eu-west-1", ""][number % 3],
            country=["DE", "KR", ""][number % 17 % 3],
            prefix=f"192.0.{number % 5}.0/24",
            agent="service:s3" if number % 13 == 0 else ["aws-cli", "boto3"][number % 2],
            session="" if number % 19 == 0 else f"{'AKIA' if number % 7 else 'ASIA'}{number % 6}/run{number // 50}",
            session_class="named" if number % 6 == 1 else "",
            session_start=at - HOUR if number % 7 == 0 else None,
            mfa=[True, False, None][number % 6 % 3],
            error="denied" if number % 10 == 0 else "",
            resources=[
                f"bucket:{number % 9}",
                *[f"key:{number}"] * (number > 200),
                *["role:new"] * (number > 100),
            ],
            exposures=["principal:*"] if number == 230 else [],
            facts=["root"] if number == 231 else [],
            delivered_at=at + timedelta(minutes=5) + (9 * HOUR if number % 23 == 0 else timedelta()),
        )
        if number > 100 and number % 4 == 0:  # the same hour, or the next one
            yield an_event(at + timedelta(minutes=9), principal="user/ana", action="iam:Get", resources=["role:new"])


@pytest.fixture(scope="module", params=["UTC", "Asia/Kolkata"])
def month(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return an_active_home(tmp_path_factory.mktemp("month"), *a_busy_month(), timezone=request.param)


@pytest.fixture
def home(month: Path, tmp_path: Path) -> Path:
    """Of each test its own, for tests make sums in it."""
    return shutil.copytree(month, tmp_path / "home")


def take_sums(
    store: Store, settings: Settings, key: str, days: int, last: date | None = None
) -> duckdb.DuckDBPyConnection:
    tables = connect(1, 1 << 30)
    view_principal(store, settings, tables, key, last, days)
    return tables


def answers(
    take: Callable[..., duckdb.DuckDBPyConnection], store: Store, settings: Settings, last: date | None = None
) -> dict[tuple[str, str], pd.DataFrame]:
    """What every function says of everybody."""
    found = {}
    given = {"others": True} if take is take_principal else {}
    for key in KEYS:
        with take(store, settings, key, 28, last, **given) as tables:
            found |= {(key, ask.__name__): ask(tables, settings.timezone) for ask in ANSWERS}
    return found


def assert_same(one: dict[tuple[str, str], pd.DataFrame], other: dict[tuple[str, str], pd.DataFrame]) -> None:
    assert one.keys() == other.keys()
    for asked, frame in one.items():
        pd.testing.assert_frame_equal(frame, other[asked], check_dtype=False, obj=str(asked))


def make(store: Store, settings: Settings) -> int:
    with connect(1, 1 << 30) as reading:
        return keep_sums(store, settings, reading, 28)


def test_sums_say_what_all_calls_say(home: Path) -> None:
    settings = load_settings({"home": home})
    with open_store(home, create=False) as store:
        for last in (None, (NINE + 8 * DAY).date()):
            every = answers(take_principal, store, settings, last)
            assert len(every["user/ana", "changes"]) > 1
            assert len(set(every["user/ana", "changes"]["others"])) > 1
            assert len(every["user/ana", "sessions"]) > 10
            assert every["user/nobody", "summarize"].empty
            assert_same(every, answers(take_sums, store, settings, last))
        [hours] = every["user/ana", "changes"].query("value == 'role:new'")["hours"]
        assert hours > 30, "of a week that is one row and of days"
        assert make(store, settings) > 12, "days, and a week"
        assert make(store, settings) == 0, "they are as they should be"
        for last in (None, (NINE + 8 * DAY).date()):
            assert_same(answers(take_principal, store, settings, last), answers(take_sums, store, settings, last))


def test_the_hours_of_its_weeks_are_the_same(home: Path) -> None:
    settings, last = load_settings({"home": home}), (NINE + 9 * DAY).date()
    with open_store(home, create=False) as store:
        make(store, settings)
        with connect(1, 1 << 30) as quick, take_principal(store, settings, "user/ana", 28, last) as every:
            view_hours(store, settings, quick, "user/ana", last)
            days = principal.days(quick, settings.timezone)
            pd.testing.assert_frame_equal(days, principal.days(every, settings.timezone), check_dtype=False)
            assert days.to_numpy().sum() > 100
