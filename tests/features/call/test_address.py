"""Whatever sourceIPAddress holds has a kind."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.call.address import LONGEST, parse_address
from tests.records import a_record, event_of

KINDS = [
    ("8.8.8.8", "public", "8.8.8.0/24", "8.8.8.8"),
    ("203.0.113.7", "public", "203.0.113.0/24", "203.0.113.7"),
    ("075.050.255.67", "public", "75.50.255.0/24", "75.50.255.67"),
    ("253.252.51.07", "invalid", "", ""),
    ("2001:db8:1:2::3", "public", "2001:db8:1::/48", "2001:db8:1:2::3"),
    ("2600:1F18:0:0:0:0:0:1", "public", "2600:1f18::/48", "2600:1f18::1"),
    ("::ffff:8.8.8.8", "public", "8.8.8.0/24", "8.8.8.8"),
    ("::ffff:10.0.0.1", "private", "10.0.0.0/8", "10.0.0.1"),
    ("10.1.2.3", "private", "10.0.0.0/8", "10.1.2.3"),
    ("172.31.0.1", "private", "172.16.0.0/12", "172.31.0.1"),
    ("172.32.0.1", "public", "172.32.0.0/24", "172.32.0.1"),
    ("192.168.1.1", "private", "192.168.0.0/16", "192.168.1.1"),
    ("100.64.0.1", "private", "100.64.0.0/10", "100.64.0.1"),
    ("127.0.0.1", "private", "127.0.0.0/8", "127.0.0.1"),
    ("169.254.169.254", "private", "169.254.0.0/16", "169.254.169.254"),
    ("fe80::1%eth0", "private", "fe80::/10", "fe80::1"),
    ("fd00::1", "private", "fc00::/7", "fd00::1"),
    ("224.0.0.1", "invalid", "", ""),
    ("255.255.255.255", "invalid", "", ""),
    ("0.0.0.0", "invalid", "", ""),
    ("::", "invalid", "", ""),
    ("ff02::1", "invalid", "", ""),
    ("1.2.3.4, 5.6.7.8", "public", "5.6.7.0/24", "5.6.7.8"),
    ("1.2.3.4,10.0.0.1", "private", "10.0.0.0/8", "10.0.0.1"),
    ("8.8.8.8\n", "public", "8.8.8.0/24", "8.8.8.8"),
    ("8.8.8.8\n8.8.4.4", "invalid", "", ""),
    ("256.1.1.1", "invalid", "", ""),
    ("1.2.3", "invalid", "", ""),
    ("1.2.3.4.5", "invalid", "", ""),
    ("16909060", "invalid", "", ""),
    ("١.٢.٣.٤", "invalid", "", ""),
    ("AWS Internal", "aws_internal", "", ""),
    ("AWS Internal/3", "aws_internal", "", ""),
    ("AWS Internal#", "aws_internal", "", ""),
    ("ec2.amazonaws.com", "aws_service", "", ""),
    ("autoscaling.amazonaws.com", "aws_service", "", ""),
    ("streams.dynamodb.amazonaws.com.cn", "aws_service", "", ""),
    ("resource-explorer-2.amazonaws.com", "aws_service", "", ""),
    ("support.amazonaws.com", "aws_service", "", ""),
    ("ec2.amazonaws.eu", "aws_service", "", ""),
    ("spot.aws.internal", "aws_service", "", ""),
    ("custom-resource.application-autoscaling.amazonaws.com", "aws_service", "", ""),
    ("1.2.3.4, ec2.amazonaws.com", "public", "1.2.3.0/24", "1.2.3.4"),
    ("ec2.amazonaws.com, 1.2.3.4", "public", "1.2.3.0/24", "1.2.3.4"),
    ("1.2.3.4,AWS Internal", "public", "1.2.3.0/24", "1.2.3.4"),
    ("AWS Internal, ec2.amazonaws.com", "invalid", "", ""),
    ("ec2.amazonaws.com,", "invalid", "", ""),
    (",", "invalid", "", ""),
    ("evil.aws", "invalid", "", ""),
    ("evil.amazon", "invalid", "", ""),
    ("evil.amazon.com", "invalid", "", ""),
    ("evil.aws.com", "invalid", "", ""),
    ("ec2.amazonaws", "invalid", "", ""),
    ("amazonaws.com", "invalid", "", ""),
    ("evilamazonaws.com", "invalid", "", ""),
    (".amazonaws.com", "invalid", "", ""),
    ("-.amazonaws.com", "invalid", "", ""),
    ("a..amazonaws.com", "invalid", "", ""),
    ("ec2.amazonaws.com.", "invalid", "", ""),
    ("ec2.amazonaws.com/x", "invalid", "", ""),
    ("ec2.amazonaws.com x", "invalid", "", ""),
    ("ec2-203-0-113-7.compute-1.amazonaws.com", "invalid", "", ""),
    ("ec2-203-0-113-7.eu-west-1.compute.amazonaws.com", "invalid", "", ""),
    ("mine.eu-west-1.elb.amazonaws.com", "invalid", "", ""),
    ("abc.execute-api.eu-west-1.amazonaws.com", "invalid", "", ""),
    ("aws internal x", "invalid", "", ""),
    ("AWS Internal x", "invalid", "", ""),
    ("aws internal", "invalid", "", ""),
    ("AWS-Internal", "invalid", "", ""),
    ("AWS Internals", "invalid", "", ""),
    ("evil.example.com", "invalid", "", ""),
    ("amazonaws.com.evil.example", "invalid", "", ""),
    ("", "invalid", "", ""),
    (None, "invalid", "", ""),
]


@pytest.mark.parametrize(("text", "kind", "prefix", "ip"), KINDS)
def test_kinds(text: str | None, kind: str, prefix: str, ip: str) -> None:
    found = parse_address(text)
    assert (found.kind, found.prefix, found.ip) == (kind, prefix, ip)
    assert found.text == (text or "")


def test_a_private_address_behind_an_endpoint_is_the_endpoints() -> None:
    endpoint: dict[str, Any] = {"vpcEndpointId": "vpce-1"}
    assert event_of(a_record(sourceIPAddress="10.1.2.3", **endpoint))["address_kind"] == "vpc_endpoint"
    assert event_of(a_record(sourceIPAddress="8.8.8.8", **endpoint))["address_kind"] == "public"
    assert event_of(a_record(sourceIPAddress="10.1.2.3"))["address_kind"] == "private"


def test_what_is_kept_is_bounded() -> None:
    assert len(parse_address("9" * 100_000).text) == LONGEST


@given(st.text() | st.ip_addresses().map(str), st.booleans())
def test_nothing_raises(text: str, endpoint: bool) -> None:
    found = parse_address(text, endpoint)
    assert found.kind in ("public", "private", "vpc_endpoint", "aws_service", "aws_internal", "invalid")
    assert bool(found.prefix) == bool(found.ip) == (found.kind in ("public", "private", "vpc_endpoint"))
