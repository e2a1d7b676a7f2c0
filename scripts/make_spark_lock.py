"""Make `pipeline/data/spark.lock`: what a backfill's package holds, with the versions and hashes of the lock.

It is what decoding and counting import, and no more: models, pages and notebooks stay at home. Spark itself is there
where the package goes. A test runs the package with nothing else on the path.
"""

import sys
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scripts.locked import LOCK, ROOT, pick_entries

OUT: Final = ROOT / "pipeline/data/spark.lock"
PYTHON: Final = {"python_version": "3.11", "python_full_version": "3.11.0", "sys_platform": "linux"}
"""What EMR 7 and Glue 5 have."""
NEEDED: Final = (
    "annotated-doc", "annotated-types", "boto3", "botocore", "certifi", "cffi", "charset-normalizer", "click",
    "cryptography", "duckdb", "events", "geoip2", "idna", "opensearch-py", "requests",
    "jmespath", "markdown-it-py", "maxminddb", "mdurl", "msgspec", "numpy", "pandas", "pyarrow", "pycparser",
    "pydantic", "pydantic-core", "pydantic-settings", "pygments", "python-dateutil", "python-dotenv", "rich",
    "s3transfer", "shellingham", "six", "typer", "typing-extensions", "typing-inspection", "tzdata", "urllib3",
    "zlib-ng",
)  # fmt: skip


def make_lock(lock: str) -> str:
    """The entries that are needed, of the text of a lock."""
    return pick_entries(lock, NEEDED, PYTHON)


if __name__ == "__main__":
    OUT.write_text(make_lock(LOCK.read_text()))
