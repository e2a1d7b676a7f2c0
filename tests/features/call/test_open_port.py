"""Which ports a call opens to the internet, in every form a request has."""

from typing import Any

import msgspec
import pytest

from features.call.open_port import PORTS, may_open_port, opens_port
from tests.records import a_record, event_of

WIDE = {"items": [{"cidrIp": "0.0.0.0/0"}]}
NARROW = {"items": [{"cidrIp": "203.0.113.0/24"}]}


def a_group(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"groupId": "sg-1", "ipPermissions": {"items": list(rules)}}


def a_rule(first: Any, last: Any, ranges: object = WIDE, protocol: str = "tcp", **more: object) -> dict[str, Any]:
    return {"ipProtocol": protocol, "fromPort": first, "toPort": last, "ipRanges": ranges, "groups": {}, **more}


def opens(action: str, request: object) -> bool:
    return opens_port(action, msgspec.json.encode(request))


_RULE = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "0.0.0.0/0"}
CHANGED = {"ModifySecurityGroupRulesRequest": {"GroupId": "sg-1", "SecurityGroupRule": {"SecurityGroupRule": _RULE}}}
INGRESS = "ec2:AuthorizeSecurityGroupIngress"


@pytest.mark.parametrize(
    ("action", "request_"),
    [
        (INGRESS, a_group(a_rule(22, 22))),
        (INGRESS, a_group(a_rule("3389", "3389"))),
        (INGRESS, a_group(a_rule(0, 65535))),
        (INGRESS, a_group(a_rule(20, 30))),
        (INGRESS, a_group({"ipProtocol": "-1", "ipRanges": WIDE})),
        (INGRESS, a_group({"ipProtocol": "-1", "fromPort": 443, "toPort": 443, "ipRanges": WIDE})),
        (INGRESS, a_group(a_rule(443, 443), a_rule(5432, 5432))),
        (INGRESS, a_group(a_rule(22, 22, {}, ipv6Ranges={"items": [{"cidrIpv6": "::/0"}]}))),
        (INGRESS, a_group(a_rule(22, 22, {"items": [{"cidrIp": "0.0.0.0/1"}, {"cidrIp": "128.0.0.0/1"}]}))),
        (INGRESS, a_group(*(a_rule(22, 22, {"items": [{"cidrIp": f"{half}.0.0.0/1"}]}) for half in (0, 128)))),
        (INGRESS, a_group(a_rule(5900, 5900, protocol="6"))),
        (INGRESS, {"groupId": "sg-1", "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIp": "0.0.0.0/0"}),
        (INGRESS, {"GroupName": "old", "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}),
        ("ec2:ModifySecurityGroupRules", CHANGED),
        ("lightsail:OpenInstancePublicPorts", {"portInfo": {"fromPort": 22, "toPort": 22, "protocol": "tcp"}}),
        (
            "lightsail:OpenInstancePublicPorts",
            {"portInfo": {"fromPort": 0, "toPort": 65535, "protocol": "all", "cidrs": []}},
        ),
        (
            "lightsail:PutInstancePublicPorts",
            {"portInfos": [{"fromPort": 3306, "toPort": 3306, "protocol": "tcp", "cidrs": ["0.0.0.0/0"]}]},
        ),
    ],
)
def test_a_port_that_is_attacked_all_day_is_opened(action: str, request_: object) -> None:
    assert may_open_port(action)
    assert opens(action, request_)


@pytest.mark.parametrize(
    ("action", "request_"),
    [
        (INGRESS, a_group(a_rule(443, 443))),
        (INGRESS, a_group(a_rule(80, 80), a_rule(22, 22, NARROW))),
        (INGRESS, a_group(a_rule(22, 22, {}, groups={"items": [{"groupId": "sg-2"}]}))),
        (INGRESS, a_group(a_rule(8, -1, protocol="icmp"))),
        (INGRESS, a_group(a_rule("x", None, NARROW))),
        (INGRESS, None),
        ("ec2:AuthorizeSecurityGroupEgress", a_group(a_rule(22, 22))),
        ("ec2:RevokeSecurityGroupIngress", a_group(a_rule(22, 22))),
        (
            "ec2:CreateNetworkAclEntry",
            {"egress": False, "ruleAction": "allow", "cidrBlock": "0.0.0.0/0", "portRange": {}},
        ),
        ("ec2:ModifySecurityGroupRules", {"SecurityGroupRule": {"IpProtocol": "-1", "CidrIpv4": "0.0.0.0/0"}}),
        (INGRESS, a_group(a_rule(None, None, protocol="50"))),
        (INGRESS, a_group(a_rule(22, 22, {"items": [{"cidrIp": "10.0.0.0/8", "description": "0.0.0.0/0"}]}))),
        ("lightsail:OpenInstancePublicPorts", {"portInfo": {"fromPort": 443, "toPort": 443, "protocol": "tcp"}}),
        (
            "lightsail:OpenInstancePublicPorts",
            {"portInfo": {"fromPort": 22, "toPort": 22, "protocol": "tcp", "cidrListAliases": ["lightsail-connect"]}},
        ),
    ],
)
def test_what_serves_the_web_or_lets_few_in_is_not(action: str, request_: object) -> None:
    assert not opens(action, request_)


def test_a_record_says_so_unless_it_failed() -> None:
    call = {"eventSource": "ec2.amazonaws.com", "eventName": "AuthorizeSecurityGroupIngress", "readOnly": False}
    request_ = a_group(a_rule(22, 22))
    assert event_of(a_record(**call, requestParameters=request_))["facts"] == ("port_opened",)
    denied = a_record(**call, requestParameters=request_, errorCode="Client.UnauthorizedOperation")
    assert event_of(denied)["facts"] == ()


def test_a_request_of_any_size_and_shape_is_read_in_bounds() -> None:
    assert not opens_port(INGRESS, msgspec.json.encode(a_group(*[{"a": n} for n in range(50_000)])))
    assert opens_port(INGRESS, b'{"ipPermissions": ' + msgspec.json.encode(a_rule(22, 22)) + b"}")
    assert opens_port(INGRESS, b'{"fromPort": 1e400, "toPort": NaN, "ipProtocol": "tcp", "cidrIp": "0.0.0.0/0"}')


def test_rules_within_rules_are_read_once_each() -> None:
    nested: Any = {"ipProtocol": "tcp"}
    for _ in range(900):
        nested = {"fromPort": 443, "egress": nested, "ipProtocol": "tcp"}
    assert not opens(INGRESS, nested)


def test_a_rule_answers_for_its_own_networks_only() -> None:
    within = {"a": a_rule(443, 443)}
    assert not opens(INGRESS, a_rule(22, 22, {}, **within))
    assert opens(INGRESS, a_rule(443, 443, {}, b=a_rule(22, 22)))


def test_ports_are_in_order() -> None:
    assert list(PORTS) == sorted(set(PORTS))
