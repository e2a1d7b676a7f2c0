"""The table of openings is well-formed."""

from collections import Counter

from features.call.exposure import may_expose
from features.call.no_opening import NO_OPENINGS
from features.call.opening import OPENINGS, read_rows
from features.call.opening_table import GROUPS, TABLE


def test_no_call_is_told_twice() -> None:
    assert [call for call, number in Counter(call for call, _ in read_rows(TABLE)).items() if number > 1] == []


def test_no_call_both_opens_and_opens_nothing() -> None:
    assert OPENINGS.keys() & NO_OPENINGS.keys() == set()


def test_services_are_in_order() -> None:
    services = [line for line in TABLE.splitlines() if line and not line.startswith(" ")]
    assert services == sorted(services)


def test_fields_are_whole() -> None:
    for call, fields in OPENINGS.items():
        assert fields, call
        for field in fields:
            assert field.path == field.path.lower(), call
            assert field.path or field.kind == "always", call
            assert bool(field.token) == (field.kind in ("on", "else", "always")), call
            assert bool(field.values) == (field.kind in ("on", "only", "tie")), call
    assert all(group in TABLE for group in GROUPS)


def test_calls_of_the_table_are_looked_into() -> None:
    assert all(may_expose(f"{service}:{call}") for service, call in OPENINGS)
