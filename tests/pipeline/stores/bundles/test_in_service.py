"""Which models are in service: a signed list that moves forward only."""

import json

import pytest

from models.model import Model
from models.priors import AttackPriors
from models.seal import BundleError, UnsignedError
from pipeline.datafiles import read_attack_priors
from pipeline.errors import ModelError
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.in_service import (
    FILE,
    KEPT,
    KEPT_ASIDE,
    InService,
    read_in_service,
    seal_in_service,
)

PRIORS = AttackPriors.from_dict(read_attack_priors())
KEY = b"k" * 32


def names(count: int) -> list[str]:
    return [f"2026-03-{number + 1:02}-aa" for number in range(count)]


def test_what_is_promoted_stands_after_those_of_its_day():
    found = InService()
    for name in ("2026-03-02-aa", "2026-03-04-aa", "2026-03-02-bb", "2026-03-02-aa"):
        found = found.promote(name)
    assert found.serving == ("2026-03-02-bb", "2026-03-02-aa", "2026-03-04-aa")
    assert found.serial == 4


def test_as_many_are_kept_as_is_said():
    found = InService()
    for name in names(KEPT + 3):
        found = found.promote(name)
    assert list(found.serving) == names(KEPT + 3)[3:]
    for name in names(KEPT_ASIDE + 2):
        found = found.set_aside(name, "why")
    assert list(found.aside) == names(KEPT_ASIDE + 2)[2:]


def test_a_model_is_in_service_or_aside():
    found = InService().promote("2026-03-02-aa").set_aside("2026-03-02-aa", "why")
    assert (found.serving, found.aside) == ((), {"2026-03-02-aa": "why"})
    found = found.promote("2026-03-02-aa")
    assert (found.serving, found.aside) == (("2026-03-02-aa",), {})


def test_it_is_read_back_and_only_with_its_key():
    found = InService(7, ("2026-03-02-aa",), {"2026-03-01-cc": "why", "2026-02-28-dd": "which"})
    content = seal_in_service(found, KEY)
    assert read_in_service(content, KEY) == found
    with pytest.raises(UnsignedError):
        read_in_service(content, b"other" * 8)
    for at in range(len(content)):
        changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        try:
            assert read_in_service(changed, KEY) == found
        except BundleError:
            continue


@pytest.mark.parametrize(
    "change", [{"serial": "7"}, {"serial": True}, {"serving": 3}, {"aside": []}, {"what": "another"}, {"serving": [1]}]
)
def test_what_was_signed_is_looked_at_all_the_same(change):
    from models.seal import seal

    body = {"what": "models in service", "serial": 1, "serving": [], "aside": {}} | change
    with pytest.raises(BundleError, match="not as this version"):
        read_in_service(seal(json.dumps(body), KEY), KEY)


def publish(bundles: Bundles, day: int) -> str:
    return bundles.publish(Model(day, PRIORS)).path.name


def test_what_was_published_is_not_in_service_before_it_is_promoted(bundles):
    first = publish(bundles, 20_500)
    assert bundles.serving() == []
    bundles.change(lambda found: found.promote(first))
    second = publish(bundles, 20_501)
    assert [info.path.name for info in bundles.serving()] == [first]
    bundles.change(lambda found: found.set_aside(second, "why"))
    assert [info.path.name for info in bundles.serving()] == [first]
    assert bundles.aside() == {second: "why"}


def test_in_a_home_of_before_all_that_is_there_is_in_service(bundles):
    first = publish(bundles, 20_500)
    (bundles.folder / FILE).unlink()
    assert [info.path.name for info in bundles.serving()] == [first]
    second = publish(bundles, 20_501)
    assert [info.path.name for info in bundles.serving()] == [first]
    bundles.change(lambda found: found.promote(second))
    assert [info.path.name for info in bundles.serving()] == [first, second]


def test_a_champion_is_kept_however_many_were_refused_since(bundles):
    champion = publish(bundles, 20_500)
    bundles.change(lambda found: found.promote(champion))
    for day in range(20_501, 20_501 + KEPT_ASIDE + 4):
        refused = publish(bundles, day)
        bundles.change(lambda found, name=refused: found.set_aside(name, "why"))
    there = [info.path.name for info in bundles.every()]
    assert there[0] == champion
    assert len(there) == 1 + KEPT_ASIDE + 2  # the newest that are named nowhere


@pytest.mark.parametrize("content", [b"", b"{}", b'{"signed": "{}", "signature": "00"}', b"\xff"])
def test_a_list_that_is_none_serves_nothing_and_the_next_change_begins_another(bundles, content):
    first = publish(bundles, 20_500)
    bundles.change(lambda found: found.promote(first))
    (bundles.folder / FILE).write_bytes(content)
    with pytest.raises(ModelError, match="run `oddtrail train`"):
        bundles.serving()
    bundles.change(lambda found: found.promote(first))
    assert [info.path.name for info in bundles.serving()] == [first]
    assert "begun anew" in bundles.notes[0]


def test_an_older_list_is_not_gone_on_from(bundles):
    first, second = publish(bundles, 20_500), publish(bundles, 20_501)
    bundles.change(lambda found: found.promote(first))
    older = (bundles.folder / FILE).read_bytes()
    serial = bundles.change(lambda found: found.set_aside(first, "why")).serial
    (bundles.folder / FILE).write_bytes(older)
    found = bundles.change(lambda found: found.promote(second), serial)
    assert found == InService(serial + 1, (second,), {})
