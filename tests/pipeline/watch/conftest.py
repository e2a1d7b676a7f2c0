"""AWS on loopback, for the tests of the whole way."""

from tests.servers.aws import aws, moto_url

__all__ = ["aws", "moto_url"]
