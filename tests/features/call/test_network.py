"""Networks that hold a large part of the internet."""

import pytest

from features.call.network import find_wide, is_network


@pytest.mark.parametrize(
    ("networks", "wide"),
    [
        (["0.0.0.0/0"], ["0.0.0.0/0"]),
        (["128.0.0.0/1"], ["128.0.0.0/1"]),
        (["128.0.0.0/1", "192.0.2.0/24", "0.0.0.0/1"], ["0.0.0.0/0"]),
        ([f"{first}.0.0.0/8" for first in range(256)], ["0.0.0.0/0"]),
        (["10.0.0.0/8", "172.16.0.0/12"], []),
        (["2000::/3"], ["2000::/3"]),
        (["2001:db8::/32"], []),
        (["192.0.2.7", "::1", "", "x", "1.2.3.4/33", "0" * 99], []),
    ],
)
def test_wide_networks(networks: list[str], wide: list[str]) -> None:
    assert find_wide(networks) == wide


def test_no_more_are_read_than_a_group_has_rules() -> None:
    assert find_wide(["192.0.2.1"] * 5_000 + ["0.0.0.0/0"]) == []
    assert not is_network("١.١.١.١")
