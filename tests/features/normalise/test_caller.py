"""Who called, with which credential, from where and with which tool."""

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from features.normalise import resolved_identity
from features.normalise.caller import CallerColumns, Callers
from features.normalise.columns import ColumnMaker
from features.normalise.normalised import OF_CALLER
from features.record.cloudtrail import decode_record
from features.record.fields import Fields
from tests.records import a_catalogue, a_record, a_root, a_service, an_assumed_role, an_iam_user, raw


def fields_of(*records: dict[str, Any]) -> Fields:
    return Fields.of([decode_record(raw(record)) for record in records])


def looked_up(*records: dict[str, Any]) -> CallerColumns:
    return Callers().look_up(fields_of(*records))


def test_a_caller_is_the_columns_of_its_parts() -> None:
    (columns,) = looked_up(a_record()).columns
    assert [len(part) for part in columns] == [len(names) for names in OF_CALLER]
    principal, session, address, agent = columns
    assert (principal.principal_name, session.session) == ("ana", "AKIAIOSFODNN7EXAMPLE")
    assert (address, agent[0]) == (("192.0.2.7", "public", "192.0.2.0/24"), "aws-cli")


def test_a_caller_that_comes_again_is_the_same_object() -> None:
    callers = Callers()
    fields = fields_of(*(a_record(an_iam_user(name)) for name in ("ann", "bob", "ann")))
    first, second = (callers.look_up(fields).columns for _ in range(2))
    assert [principal.principal_name for principal, *_ in first] == ["ann", "bob", "ann"]
    assert first[0] is first[2] is second[0]
    assert callers.memo.misses == 2


def test_a_new_tool_is_one_new_part() -> None:
    one, other = looked_up(a_record(), a_record(userAgent="Boto3/1.34")).columns
    assert [here is there for here, there in zip(one, other, strict=True)][2:] == [True, False]
    assert one[0] is other[0]


def test_an_identity_is_read_once_whatever_agents_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    real = resolved_identity.read_user_identity
    monkeypatch.setattr(resolved_identity, "read_user_identity", lambda raw: (read.append(raw), real(raw))[1])
    callers = Callers()
    for identity in (an_iam_user(), {"type": "AWSAccount", "accountId": "anonymous"}):
        callers.look_up(fields_of(*(a_record(identity, userAgent=f"agent/{number}") for number in range(5))))
    assert len(read) == 3  # a contextual one once more, with what the record says of it


def test_an_identity_that_cannot_be_read_has_no_columns() -> None:
    found = looked_up(a_record() | {"userIdentity": "root"}, a_record())
    assert [bool(columns) for columns in found.columns] == [False, True]


def test_a_contextual_caller_is_resolved_by_its_record_and_no_other() -> None:
    service = {"type": "AWSService"}
    sources = ("kms.amazonaws.com", "ec2.amazonaws.com", "kms.amazonaws.com")
    found = looked_up(*(a_record(service, eventSource=source) for source in sources), a_record())
    assert [principal.principal for principal, *_ in found.columns[:3]] == [f"svc/{source}" for source in sources]
    assert found.columns[0] is found.columns[2]
    assert [row for row, _ in found.notable_rows()] == [0, 1, 2]


@pytest.mark.parametrize(
    ("identity", "notable"),
    [
        (an_iam_user(), False),
        (a_service(), False),
        (an_assumed_role(ec2RoleDelivery="2.0"), False),
        (an_assumed_role(ec2RoleDelivery="1.0"), True),
        (a_root(), True),
        (an_iam_user(accountId=111111111111), True),
        ({"type": "Unknown"}, True),
    ],
)
def test_an_identity_is_notable_where_it_has_more_to_say_of_a_record(identity: dict[str, Any], notable: bool) -> None:
    assert [row for row, _ in looked_up(a_record(identity)).notable_rows()] == [0] * notable


def test_who_called_for_whom_is_told_by_the_identity_else_by_the_address() -> None:
    address = {"sourceIPAddress": "athena.amazonaws.com"}
    by_identity = a_record(an_assumed_role() | {"invokedBy": "glue.amazonaws.com"}, **address)
    found = looked_up(by_identity, a_record(an_assumed_role(), **address), a_record(a_service(), **address))
    assert [session.invoked_by for _, session, *_ in found.columns] == [
        "glue.amazonaws.com", "athena.amazonaws.com", "ec2.amazonaws.com",
    ]  # fmt: skip
    assert [agent[0] for *_, agent in found.columns] == ["service:glue", "service:athena", "service:ec2"]


def test_accounts_and_cuts_are_told_by_row() -> None:
    found = looked_up(a_record(), a_record(a_service()), a_record(userAgent="x" * 5_000))
    assert found.accounts == ["111111111111", "", "111111111111"]
    assert found.cut == [False, False, True]


@pytest.mark.parametrize("make", [Callers, lambda: ColumnMaker(a_catalogue())])
def test_what_is_remembered_goes_without_the_collector(make: Callable[[], object]) -> None:
    gc.disable()
    try:
        made = make()
        gone = weakref.ref(made)
        del made
        assert gone() is None
    finally:
        gc.enable()
