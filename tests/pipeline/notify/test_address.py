"""Nobody makes us knock where only this machine reaches, however an address is written or a name answered for."""

from ipaddress import ip_address, ip_network

import pytest

from pipeline.notify.address import RefusedTargetError, find_address, is_public, parse_goal

PRIVATE = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "169.254.0.1", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8", "::7f00:1", "::a9fe:a9fe", "fe80::1",
    "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "2001::1", "64:ff9b::a9fe:a9fe",
    "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:a9fe:a9fe::1", "2002:7f00:1::", "100::1",
    "168.63.129.16", "::ffff:168.63.129.16", "64:ff9b::a83f:8110", "192.0.0.192", "192.88.99.1", "3fff::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "52.94.236.248", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1"]
WRITTEN = [
    "http://169.254.169.254/latest/meta-data/", "https://2130706433/", "https://017700000001/", "https://0x7f000001/",
    "https://0x7f.1/", "https://127.1/", "https://127.0.0.1.:443/", "https://0177.0.0.1/", "https://127.0.0.01/",
    "https://hooks.example.com@169.254.169.254/", "https://user:password@hooks.example.com/", "https://@hooks.example/",
    "https://①②⑦.⓪.⓪.①/", "https://hooks。example/", "https://[::1%25eth0]/", "https://[::ffff:7f00:1/", "https:///x",
    "https://ho st/", "https://host\\@evil/", "https://host:0/", "https://host:99999/", "https://host:x/", "file:///etc/x",
    "gopher://host/", "ftp://host/", "//host/x", "host/x", "", "https://-host/", "https://host.123/", "https://a..b/",
    "https://host/\r\nHost: evil", "https://host/\tx", "https://" + "a" * 64 + ".example/",
    "https://host/" + "a" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("text", PRIVATE)
def test_what_is_not_public_is_refused(text):
    assert not is_public(ip_address(text))
    goal = parse_goal("https://hooks.example.com/x")
    with pytest.raises(RefusedTargetError, match="not public"):
        find_address(goal, resolve=lambda host, port: [text])


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_public_is_not(text):
    goal = parse_goal("https://hooks.example.com/x")
    assert find_address(goal, resolve=lambda host, port: [text]) == [ip_address(text)]


@pytest.mark.parametrize("url", WRITTEN)
def test_an_address_that_is_written_strangely_is_refused_before_anything_is_asked(url):
    with pytest.raises(RefusedTargetError) as caught:
        parse_goal(url)
    assert "password" not in str(caught.value)
    assert "latest" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://localhost/"]
)
def test_an_address_that_is_written_plainly_is_refused_when_it_is_looked_at(url):
    with pytest.raises(RefusedTargetError, match="not public"):
        find_address(parse_goal(url))


def test_one_private_address_among_public_ones_is_enough():
    goal = parse_goal("https://hooks.example.com/x")
    with pytest.raises(RefusedTargetError, match=r"10\.0\.0\.1"):
        find_address(goal, resolve=lambda host, port: ["8.8.8.8", "10.0.0.1"])


def test_only_what_is_allowed_is_allowed():
    goal, allowed = parse_goal("https://hooks.example.com/x"), [ip_network("10.0.0.0/24")]
    assert find_address(goal, allowed, lambda host, port: ["10.0.0.7"]) == [ip_address("10.0.0.7")]
    for other in ("10.0.1.7", "169.254.169.254", "::ffff:10.0.0.7"):
        with pytest.raises(RefusedTargetError):
            find_address(goal, allowed, lambda host, port, other=other: [other])


def test_http_has_to_be_allowed():
    with pytest.raises(RefusedTargetError, match="allow_http"):
        parse_goal("http://hooks.example.com/x")
    assert parse_goal("http://hooks.example.com/x", allow_http=True).port == 80


def test_a_goal_shows_no_path():
    goal = parse_goal("https://Hooks.Example.com:8443/secret?token=x")
    assert (goal.origin, goal.path) == ("https://hooks.example.com:8443", "/secret?token=x")
