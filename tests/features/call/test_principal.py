"""The principal as events keep it."""

import pytest

from features.call.principal import LONGEST, Principal, last_part, make_principal
from features.normalise.event import EVENT


def test_a_principal_is_columns_of_the_event_schema_in_their_order() -> None:
    names = [column.name for column in EVENT]
    assert [name for name in names if name in Principal._fields] == sorted(Principal._fields, key=names.index)
    assert set(Principal._fields) <= set(names)


def test_where_nothing_else_is_known_the_key_stands() -> None:
    found = make_principal("unknown", "anonymous", "unknown/1", "")
    assert (found.principal, found.principal_name, found.identity_arn, found.identity_name) == ("unknown/1",) * 4
    assert (found.actor, found.identity_account) == (None, "")


def test_the_actor_is_the_principal_and_the_identity_stays() -> None:
    found = make_principal(
        "source_identity", "human", "role/1/AROA1", "ana", arn="arn:aws:iam::1:role/x/app", actor="a"
    )
    assert (found.principal, found.actor, found.identity) == ("a", "a", "role/1/AROA1")
    assert (found.identity_arn, found.identity_name) == ("arn:aws:iam::1:role/x/app", "app")


def test_texts_are_cut() -> None:
    long = "x" * 100_000
    found = make_principal("role", "workload", long, long, arn=long, role=long, account=long, actor=long)
    assert {len(value) for value in found if value and value not in ("role", "workload")} == {LONGEST}


@pytest.mark.parametrize(
    ("arn", "last"),
    [
        ("arn:aws:iam::1:user/a/b", "b"),
        ("arn:aws:iam::1:root", "root"),
        ("arn:aws:sqs:eu-west-1:1:jobs", "jobs"),
        ("name", "name"),
        ("a:b", "a:b"),
        ("", ""),
        ("arn:aws:iam::1:user/", "user/"),
    ],
)
def test_the_last_part_of_an_arn(arn: str, last: str) -> None:
    assert last_part(arn) == last
