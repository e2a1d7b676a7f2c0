"""AWS, where a test asks for it."""

from tests.servers.aws import aws, moto_url

__all__ = ["aws", "moto_url"]
