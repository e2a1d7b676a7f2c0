"""Decoded records become columns, all of a group or none."""

from typing import Any

import pytest

from features.normalise.columns import ColumnMaker, RecordGroup
from features.normalise.normalised import Normalised
from features.normalise.problem import Fault, OtherKind, Problem, Problems
from features.record.cloudtrail import decode_record
from features.times.instant import micros
from tests.records import NOW, OTHER, a_catalogue, a_record, a_root, an_assumed_role, an_iam_user, raw


def group_of(*records: dict[str, Any], repaired: bool = False) -> RecordGroup:
    raws = [raw(record) for record in records]
    return RecordGroup(range(len(raws)), raws, [decode_record(each) for each in raws], repaired)


def made(*records: dict[str, Any], repaired: bool = False) -> Normalised:
    done = Normalised()
    assert ColumnMaker(a_catalogue()).add(group_of(*records, repaired=repaired), done, micros(NOW)) == {}
    return done


def problems(*records: dict[str, Any]) -> Problems:
    done = Normalised()
    found = ColumnMaker(a_catalogue()).add(group_of(*records), done, micros(NOW))
    assert len(done) == 0
    return found


def test_a_group_becomes_rows_in_its_order() -> None:
    done = made(*(a_record(an_iam_user(name)) for name in ("ana", "bob", "ana")))
    assert done.columns["principal_name"] == ["ana", "bob", "ana"]
    assert done.columns["position"] == [0, 1, 2]


def test_some_of_a_group_are_picked_with_what_is_theirs() -> None:
    group = group_of(*(a_record(eventName=f"E{number}") for number in range(4)), repaired=True)
    picked = group.pick(row for row in range(4) if row % 2)
    assert (picked.positions, picked.repaired) == ([1, 3], True)
    assert [record.event_name for record in picked.records] == ["E1", "E3"]
    assert picked.raws == [group.raws[1], group.raws[3]]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"eventName": ...}, Fault("no eventName")),
        ({"eventSource": ...}, Fault("no eventSource")),
        ({"eventTime": ...}, Fault("no eventTime")),
        ({"eventTime": "never"}, Fault("eventTime cannot be read")),
        ({"userIdentity": "root"}, Fault("userIdentity cannot be read")),
        ({"eventCategory": "Insight"}, OtherKind("insight")),
        ({"eventCategory": "Insight", "eventTime": "never"}, OtherKind("insight")),
        ({"eventTime": "never", "userIdentity": "root"}, Fault("eventTime cannot be read")),
    ],
)
def test_a_problem_is_told_and_nothing_is_added(fields: dict[str, Any], problem: Problem) -> None:
    assert problems(a_record(), a_record(**fields)) == {1: problem}


def test_all_problems_of_a_group_are_told_at_once() -> None:
    found = problems(a_record(eventTime="never"), a_record(), a_record(eventCategory="Insight"))
    assert found == {0: Fault("eventTime cannot be read"), 2: OtherKind("insight")}


def test_a_group_in_which_something_raises_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> tuple[str, ...]:
        raise ZeroDivisionError

    monkeypatch.setattr("features.normalise.columns.find_exposures", breaks)
    done, maker = Normalised(), ColumnMaker(a_catalogue())
    call = {"eventSource": "s3.amazonaws.com", "eventName": "PutBucketPolicy"}
    unknown = a_record(eventName="DescribeNovelty")
    with pytest.raises(ZeroDivisionError):
        maker.add(group_of(unknown, a_record(**call)), done, micros(NOW))
    assert (len(done), done.calls, done.rare_rows("error"), maker.rows) == (0, [], {}, 0)


@pytest.mark.parametrize(
    ("record", "flags"),
    [
        (a_record(), ()),
        (a_record(eventTime="2025-03-03 09:00"), ("repaired",)),
        (a_record(an_iam_user(accountId=111111111111)), ("repaired",)),
        (a_record(eventID="mine"), ("hashed_id",)),
        (a_record(recipientAccountId=OTHER), ("cross_account",)),
        (a_record(eventTime="1999-01-01T00:00:00Z"), ("past",)),
        (a_record(eventTime="2099-01-01T00:00:00Z"), ("future",)),
        (a_record(addendum={"reason": "UPDATED_DATA", "originalEventID": "e"}), ("updated",)),
        (a_record(eventVersion="2.0"), ("unknown_version",)),
        (a_record(userAgent="x" * 2000), ("cut",)),
        (a_record(awsRegion="x" * 2000), ("cut",)),
        (a_record(errorCode="x" * 2000), ("cut",)),
        (a_record(eventID="mine", recipientAccountId=OTHER, eventVersion="2.0", errorMessage="x" * 2000),
         ("hashed_id", "cross_account", "unknown_version", "cut")),
    ],
)  # fmt: skip
def test_what_is_odd_is_flagged_in_its_row_alone(record: dict[str, Any], flags: tuple[str, ...]) -> None:
    assert made(a_record(), record, a_record()).columns["flags"] == [(), flags, ()]


def test_a_repaired_record_is_flagged_once() -> None:
    assert made(a_record(eventTime="2025-03-03 09:00"), repaired=True).columns["flags"] == [("repaired",)]


def test_what_few_records_have_stays_in_their_rows() -> None:
    call = {"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "readOnly": False}
    done = made(
        a_record(errorCode="AccessDenied"), a_record(**call), a_record(a_root()), a_record(**call, errorCode="Denied"),
        a_record(an_assumed_role(ec2RoleDelivery="1.0"), sharedEventID="s", vpcEndpointId="vpce-1"),
    )  # fmt: skip
    columns = done.columns
    assert columns["error"] == ["denied", "", "", "failed", ""]
    assert columns["facts"] == [(), ("logging_off",), ("root",), (), ("imds_v1",)]
    assert columns["shared_event_id"] == [None, None, None, None, "s"]
    assert columns["vpc_endpoint"] == ["", "", "", "", "vpce-1"]


def test_a_sign_in_changes_its_own_row_and_not_who_else_shares_the_caller() -> None:
    sign_in = {"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin"}
    done = made(a_record(), a_record(**sign_in, additionalEventData={"MFAUsed": "Yes"}), a_record())
    assert done.columns["mfa"] == [None, True, None]
    assert done.callers[0] is done.callers[2]


def test_rows_are_counted_and_what_repeats_is_looked_up_once() -> None:
    maker, done = ColumnMaker(a_catalogue()), Normalised()
    group = group_of(a_record(), a_record(eventName="DescribeNovelty"), a_record(eventName="DescribeNovelty"))
    for _ in range(2):
        maker.add(group, done, micros(NOW))
    assert maker.rows == 6
    assert {name: memo.misses for name, memo in maker.memos.items()} == {"caller": 1, "call": 2, "resources": 1}
