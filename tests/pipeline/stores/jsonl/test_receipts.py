"""Receipts: a day each, and a line that cannot be read hides no other."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.stores.jsonl.receipts import AccountDay, Receipt, ReceiptsJsonl

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_receipt(day: int = 2, *, deployment: str = "eu", events: int = 7, written_at: datetime = NOON) -> Receipt:
    accounts = [AccountDay(account="111122223333", events=events, late=1, missing_hours=3)]
    return Receipt(
        deployment=deployment, day=date(2026, 3, day), start=NOON, end=NOON, written_at=written_at, model_id="m",
        events=events, late=1, principals=2, accounts=accounts, gaps=[], set_aside=0, dead_letters=0, alerts_raised=1,
        alerts_held=0, never_judged=0,
    )  # fmt: skip


@pytest.fixture
def receipts(tmp_path: Path) -> ReceiptsJsonl:
    return ReceiptsJsonl(tmp_path / "receipts.jsonl")


def test_of_two_for_a_day_the_later_line_stands(receipts):
    for receipt in (a_receipt(), a_receipt(3), a_receipt(events=9), a_receipt(deployment="us")):
        receipts.add(receipt)
    assert receipts.every() == [a_receipt(events=9), a_receipt(3), a_receipt(deployment="us")]


@pytest.mark.parametrize("torn", [b'{"deployment": "x', b"[" * 50_000, b"\xff\n", b"7\n"])
def test_a_line_that_cannot_be_read_hides_no_other(receipts, torn):
    receipts.add(a_receipt())
    with receipts.path.open("ab") as file:
        file.write(torn)
    receipts.add(a_receipt(3))
    assert receipts.every() == [a_receipt(), a_receipt(3)]


def test_a_receipt_of_before_digests_were_read_has_no_finding(receipts):
    receipts.add(a_receipt())
    receipts.path.write_bytes(receipts.path.read_bytes().replace(b',"integrity_findings":0', b""))
    assert receipts.every() == [a_receipt()]


def test_what_is_no_plain_file_is_told(receipts):
    os.mkfifo(receipts.path)
    with pytest.raises(StoreError, match="a pipe"):
        receipts.every()


def test_what_cannot_be_written_is_told(receipts):
    receipts.path.mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        receipts.add(a_receipt())
