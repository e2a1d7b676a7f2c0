"""Run a search engine as the tests do, to try things with: `python -m tests.servers [KIND] [PORT]`, until Ctrl-C.

It listens on this machine only and forgets everything when it ends.
"""

import signal
import sys

import pytest

from tests.servers.engine import ELASTICSEARCH_8, ELASTICSEARCH_9, OPENSEARCH_2, OPENSEARCH_3, running

KINDS = {
    "opensearch": OPENSEARCH_3,
    "opensearch-2": OPENSEARCH_2,
    "elasticsearch": ELASTICSEARCH_8,
    "elasticsearch-9": ELASTICSEARCH_9,
}


def main(kind: str = "opensearch", port: str = "9200") -> None:
    """Run one until somebody ends it."""
    if kind not in KINDS or not port.isdigit():
        sys.exit(f"python -m tests.servers [{'|'.join(KINDS)}] [PORT]")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"Fetching and starting {KINDS[kind]} …", flush=True)
    try:
        with running(KINDS[kind], int(port)) as server:
            print(f"{server.url} is ready; Ctrl-C ends it, and what is in it.", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        print("Ended.")
    except pytest.skip.Exception as lack:
        sys.exit(str(lack))


if __name__ == "__main__":
    main(*sys.argv[1:])
