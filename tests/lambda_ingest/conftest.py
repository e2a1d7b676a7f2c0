"""Real parts, where a test asks for them."""

from tests.servers.aws import aws, moto_url
from tests.servers.function import function

__all__ = ["aws", "function", "moto_url"]
