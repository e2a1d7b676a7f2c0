"""The client of a call."""

from features.normalise.client import read_address, read_agent
from features.normalise.normalised import OF_ADDRESS, OF_AGENT


def test_an_address_is_its_columns() -> None:
    found = read_address("192.0.2.7", False)
    assert found == (("192.0.2.7", "public", "192.0.2.0/24"), "", False)
    assert len(found.columns) == len(OF_ADDRESS)
    assert read_address(None, False) == (("", "invalid", ""), "", False)


def test_an_endpoint_says_more_of_a_private_address() -> None:
    assert [read_address("10.0.0.1", through).columns[1] for through in (False, True)] == ["private", "vpc_endpoint"]


def test_only_an_aws_service_is_named_as_one() -> None:
    assert read_address("athena.amazonaws.com", False).service == "athena.amazonaws.com"
    assert read_address("AWS Internal", False).service == "AWS Internal"
    assert read_address("athena.example.com", False).service == ""


def test_an_agent_is_its_columns() -> None:
    found = read_agent("aws-cli/2.15.0 Python/3.11", "")
    assert found == (("aws-cli", "aws-cli/2.15.0 Python/3.11"), False)
    assert len(found.columns) == len(OF_AGENT)
    assert read_agent(None, "") == (("none", ""), False)


def test_a_service_that_called_is_the_agent_whatever_is_written() -> None:
    assert read_agent("aws-cli/2.15.0", "athena.amazonaws.com").columns == ("service:athena", "aws-cli/2.15.0")
    assert read_agent("athena.amazonaws.com", "").columns[0] == "unknown:athena.amazonaws.com"


def test_long_texts_are_cut_and_told() -> None:
    long = "x" * 5_000
    address, agent = read_address(long, False), read_agent(long, "")
    assert (address.cut, len(address.columns[0])) == (True, 256)
    assert (agent.cut, len(agent.columns[1])) == (True, 1024)


def test_a_person_at_the_console_is_no_service() -> None:
    assert read_agent("signin.amazonaws.com", "signin.amazonaws.com").columns[0] == "console"
    assert read_agent("aws-cli/2.15.0", "console.amazonaws.com").columns[0] == "aws-cli"


def test_an_agent_proves_nothing_where_the_address_is_no_services() -> None:
    for text in ("AWS Internal", "Coral/Netty4", "signin", "aws-internal/3", "ec2.amazonaws.com"):
        assert read_agent(text, read_address("203.0.113.7", False).service).columns[0].startswith("unknown:")
