"""Make `pipeline/data/lambda.lock`: what the function's package holds, with the versions and hashes of the lock.

opensearch-py asks for more than it imports (gRPC and protobuf, 18 MB), so what is needed is named here, and installed
without what it asks for; a test runs the package with nothing else on the path. boto3 is part of Lambda's own Python.
"""

import sys
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scripts.locked import LOCK, ROOT, pick_entries

OUT: Final = ROOT / "pipeline/data/lambda.lock"
PYTHON: Final = {"python_version": "3.13", "python_full_version": "3.13.0", "sys_platform": "linux"}
"""What the function runs on where nothing else is chosen."""
NEEDED: Final = (
    "aws-lambda-powertools", "certifi", "charset-normalizer", "events", "geoip2", "idna", "jmespath", "maxminddb",
    "msgspec", "opensearch-py", "python-dateutil", "requests", "six", "typing-extensions", "urllib3", "zlib-ng",
)  # fmt: skip


def make_lock(lock: str) -> str:
    """The entries that are needed, of the text of a lock."""
    return pick_entries(lock, NEEDED, PYTHON)


if __name__ == "__main__":
    OUT.write_text(make_lock(LOCK.read_text()))
