"""An address is looked up once, and only where that can tell something."""

import pytest

from pipeline.enrich import places
from pipeline.enrich.networks import NO_NETWORKS, Networks
from pipeline.enrich.place import NOWHERE, Place
from pipeline.enrich.places import Places


class Asked:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    def place(self, address: str) -> Place:
        self.addresses.append(address)
        return Place("KR", "Seoul")


def test_a_public_address_is_asked_for_once() -> None:
    geo = Asked()
    known = Places(geo, NO_NETWORKS)
    assert [known.find("203.0.113.7", "public") for _ in range(3)] == [(Place("KR", "Seoul"), "")] * 3
    assert geo.addresses == ["203.0.113.7"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("10.1.2.3", "private"), ("ec2.amazonaws.com", "aws_service"), ("AWS Internal", "aws_internal"), ("?", "invalid")],
)
def test_what_is_not_public_has_no_place(text: str, kind: str) -> None:
    geo = Asked()
    assert Places(geo, NO_NETWORKS).find(text, kind) == (NOWHERE, "")
    assert geo.addresses == []


def test_own_networks_are_named_private_or_public_and_without_databases() -> None:
    known = Places(None, Networks.of([("10.0.0.0/8", "office"), ("203.0.113.0/24", "VPN")]))
    assert known.find("10.1.2.3", "private") == (NOWHERE, "office")
    assert known.find("203.0.113.7", "public") == (NOWHERE, "VPN")


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_REMEMBERED", 10)
    geo = Asked()
    known = Places(geo, NO_NETWORKS)
    for last in range(25):
        assert known.find(f"203.0.113.{last}", "public")[0].country == "KR"
        assert len(known._known) <= 10
    assert len(geo.addresses) == 25
