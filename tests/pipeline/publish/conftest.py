"""Real search engines for the tests of this room."""

from tests.servers.fixtures import (  # noqa: F401
    elasticsearch,
    elasticsearch_9,
    opensearch,
    opensearch_with_users,
    prefix,
    server,
)
