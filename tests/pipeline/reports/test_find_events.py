"""Which events match: patterns mean `*` alone, and addresses are held against networks as addresses."""

import pytest

from pipeline.errors import SettingsError
from pipeline.reports.find_events import Wanted, find_events
from pipeline.reports.source import open_events
from tests.builders import NINE, an_event
from tests.pipeline.reports.test_source import a_home


@pytest.fixture
def events(tmp_path):
    home = a_home(
        tmp_path,
        an_event(NINE, event_id="a", address="198.51.100.7", address_kind="public", resources=["bucket:a[1]"]),
        an_event(NINE, event_id="b", address="fe80::1%eth0", address_kind="private", resources=["bucket:a1"]),
        an_event(NINE, event_id="c", address="2001:db8::7", address_kind="public", resources=[]),
    )
    return open_events(home)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), ["a", "b", "c"]),
        (Wanted(resource="bucket:a[1]"), ["a"]),
        (Wanted(resource="a*"), ["a", "b"]),
        (Wanted(resource="a?"), []),
        (Wanted(address="198.51.0.0/16"), ["a"]),
        (Wanted(address="2001:db8::/32"), ["c"]),
        (Wanted(address="10.0.0.0/8"), []),
        (Wanted(address="fe80::1%eth0"), ["b"]),
    ],
)
def test_what_matches_is_found(events, wanted, found):
    assert [row["event_id"] for row in find_events(events, wanted, limit=10).rows] == found


def test_a_network_that_is_none_says_how_to_write_one(events):
    with pytest.raises(SettingsError, match=r"198\.51\.100\.0/24"):
        find_events(events, Wanted(address="office/24"), limit=10)
