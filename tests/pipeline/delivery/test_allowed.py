"""Buckets, prefixes, regions and accounts that may be named."""

import pytest

from pipeline.delivery.allowed import Allowed, Place, read_accounts, read_places


@pytest.mark.parametrize("text", ["UPPER", "a", "ok b_d", "bucket@", "bucket@nowhere", "s3://bucket", "*"])
def test_what_is_no_bucket_is_said(text):
    with pytest.raises(ValueError, match="is no bucket; write it as in my-trail/AWSLogs/@eu-west-1"):
        read_places(text)


@pytest.mark.parametrize("text", ["1", "11112222333a", "111122223333 44"])
def test_what_is_no_account_is_said(text):
    with pytest.raises(ValueError, match="is no account of 12 digits"):
        read_accounts(text)


def test_a_bucket_may_be_named_with_several_prefixes_and_regions():
    allowed = Allowed(read_places("trail/AWSLogs/ trail/old/@us-east-1"))
    assert allowed.refuse_object("trail", "AWSLogs/a", "ap-south-1") == ""
    assert allowed.refuse_object("trail", "old/a", "us-east-1") == ""
    assert "region" in allowed.refuse_object("trail", "old/a", "eu-west-1")
    assert "prefix" in allowed.refuse_object("trail", "olden", "us-east-1")
    assert allowed.refuse_object("trail", "old/a") == ""  # where no region is told


@pytest.mark.parametrize("arn", ["", "x", "arn:aws:sqs:eu-west-1", "arn:aws:sqs:eu-west-1:999999999999:q"])
def test_an_arn_of_nobody_we_know_is_refused(arn):
    assert Allowed([Place("b")], frozenset({"111122223333"})).refuse_arn(arn)
