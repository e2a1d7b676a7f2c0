from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.times.instant import micros, read_instant

NINE = micros(datetime(2025, 3, 3, 9, tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    ["2025-03-03T09:00:00Z", "2025-03-03T09:00:00+00:00", "2025-03-03T18:00:00+09:00", "2025-03-03T09:00:00.999999Z",
     "2025-03-03T09:00:00", "20250303T090000.123Z", "2025-03-03 09:00:00Z", " 2025-03-03T09:00:00Z ", "1740992400",
     "1740992400123"],
)  # fmt: skip
def test_one_instant_in_many_writings(text: str) -> None:
    assert read_instant(text) == NINE


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2025-03-03", "2025-02-30T09:00:00Z", "12", "0001-01-01T00:00:00+23:59x", "2025-03-03T25:00:00Z",
     "2025-03-03T24:00:01Z", "99999-01-01T00:00:00Z", "T", "\x00"],
)  # fmt: skip
def test_what_is_no_instant(text: str) -> None:
    assert read_instant(text) is None


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_second_is_exact(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    assert read_instant(moment.isoformat()) == micros(moment)


@given(st.text())
def test_nothing_raises(text: str) -> None:
    read_instant(text)
