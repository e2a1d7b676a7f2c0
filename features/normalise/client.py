"""The client of a call: the address it called from, and the tool it called with."""

from typing import NamedTuple

from features.call.address import parse_address
from features.call.agent import LONGEST, classify_agent, is_console, name_service_agent


class ClientAddress(NamedTuple):
    """Where a call came from."""

    columns: tuple[str, str, str]
    """Values of OF_ADDRESS."""
    service: str
    """Host name of the AWS service that the call came from; empty for others."""
    cut: bool


class ClientAgent(NamedTuple):
    """With which tool a call was made."""

    columns: tuple[str, str]
    """Values of OF_AGENT."""
    cut: bool


def read_address(text: str | None, through_endpoint: bool) -> ClientAddress:
    """Read a `sourceIPAddress`; whether the call came through a VPC endpoint says more of a private one.

    >>> read_address("ec2.amazonaws.com", False)
    ClientAddress(columns=('ec2.amazonaws.com', 'aws_service', ''), service='ec2.amazonaws.com', cut=False)
    """
    found = parse_address(text, through_endpoint)
    service = found.text if found.kind in ("aws_service", "aws_internal") else ""
    return ClientAddress((found.text, found.kind, found.prefix), service, len(text or "") > len(found.text))


def read_agent(text: str | None, service: str) -> ClientAgent:
    """Read a user agent; where an AWS service made the call, the agent is that service. The console is a person's.

    >>> read_agent("aws-cli/2.15.0", "").columns, read_agent("aws-cli/2.15.0", "athena.amazonaws.com").columns
    (('aws-cli', 'aws-cli/2.15.0'), ('service:athena', 'aws-cli/2.15.0'))
    """
    kept = (text or "")[:LONGEST]
    family = name_service_agent(service) if service and not is_console(service) else classify_agent(kept)
    return ClientAgent((family, kept), len(text or "") > len(kept))
