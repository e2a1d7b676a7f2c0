"""The alert as text: what is written is what was always written, and what is no alert is refused."""

import json
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from pipeline.stores.alert import VERSION, Alert
from tests.builders import a_reason, an_alert

FIRST_VERSION = (
    '{"alert_id":"64467fdc541b2f60c5e2c4456bed3020","revision":1,"day":"2026-02-28","account":"848384491440",'
    '"accounts":["848384491440"],"principal":"arn:aws:iam::848384491440:role/orders-api-2-role",'
    '"principal_key":"role/848384491440/AROADVZLYM7K3LEAKC7R4","principal_name":"orders-api-2-role",'
    '"principal_kind":"workload","identities":["arn:aws:iam::848384491440:role/orders-api-2-role"],"members":[],'
    '"window_start":"2026-02-28T01:00:00Z","window_end":"2026-02-28T02:00:00Z","detected_at":"2026-02-28T01:50:00Z",'
    '"record_score":47.40521861405139,"raised":false,"severity":"minor",'
    '"title":"orders-api-2-role called ssm:ListDocuments","evidence":-1.965866681372917,"reasons":['
    '{"feature":"surprise","dimension":"read","value":"ssm:ListDocuments","typical":0.0,"actual":1.0,'
    '"nats":0.8673466626832991,'
    '"text":"first call ssm:ListDocuments: in 0 of 407 active hours, 1 of 7 peers; now 1 call"}],'
    '"other":-2.833213344056216,"influencers":[{"field":"event.action","values":["ssm:ListDocuments"],"share":1.0}],'
    '"tactics":[],"techniques":[],"event_count":1,"event_ids":["63c31fa8-c861-4909-9e96-78917e9b0161"],'
    '"model_id":"20512-fc651e73d9e831ea"}'
)
"""A line as it was written before alerts had a version."""


def test_a_line_without_a_version_is_of_the_first_and_is_written_again_as_it_was_but_for_what_came_since() -> None:
    alert = msgspec.json.decode(FIRST_VERSION, type=Alert)
    assert alert.version == 1
    assert (alert.day, alert.detected_at) == (date(2026, 2, 28), datetime(2026, 2, 28, 1, 50, tzinfo=UTC))
    assert alert.reasons[0].nats == 0.8673466626832991
    before, again = json.loads(FIRST_VERSION), json.loads(msgspec.json.encode(alert))
    for was, now in [(before, again), *zip(before.pop("reasons"), again.pop("reasons"), strict=True)]:
        assert {name: now[name] for name in was} == was
        assert not any(value for name, value in now.items() if name not in {*was, "version"})


def test_an_alert_of_every_version_is_read_as_what_it_is() -> None:
    assert [an_alert(version=version).version for version in range(1, VERSION + 1)] == [1, 2]
    assert an_alert().version == 1
    assert list(an_alert().as_dict())[:3] == ["version", "alert_id", "revision"]


def test_as_a_dict_it_holds_what_its_line_holds() -> None:
    alert = an_alert(reasons=[a_reason(), a_reason(typical=1e-9)])
    document = alert.as_dict()
    assert document["window_start"] == "2026-03-02T09:00:00Z"
    assert msgspec.json.decode(msgspec.json.encode(document), type=Alert) == alert


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("version", 0),
        ("revision", 0),
        ("record_score", 100.5),
        ("severity", "dire"),
        ("detected_at", "2026-03-02T10:00:00"),
        ("day", "2026-03-02T10:00:00Z"),
        ("event_count", -1),
        ("reasons", [{"nats": 1.0}]),
        ("title", None),
    ],
)
def test_what_cannot_be_is_refused_by_name(field: str, wrong: Any) -> None:
    with pytest.raises(msgspec.ValidationError, match=rf"\$\.{field}"):
        an_alert(**{field: wrong})


def test_times_are_instants_whatever_their_offset() -> None:
    assert an_alert(detected_at="2026-03-02T19:00:00+09:00") == an_alert(detected_at="2026-03-02T10:00:00Z")
