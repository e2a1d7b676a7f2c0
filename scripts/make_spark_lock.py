"""Make `pipeline/data/spark.lock`: what a backfill's package holds, with the versions and hashes of the lock.

It is what decoding and counting import, and no more: models, pages and notebooks stay at home. Spark itself is there
where the package goes. A test runs the package with nothing else on the path.
"""

import re
import sys
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scripts.make_lambda_lock import LOCK, ROOT

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
    """The entries that are needed, of the text of a lock, without the condition under which they are."""
    lines = []
    for entry in re.split(r"\n(?=\S)", lock):
        if entry.startswith("#"):
            continue
        text = entry.replace("\\\n", " ")
        requirement = Requirement(text.partition("--hash")[0].strip())
        fits = requirement.marker is None or requirement.marker.evaluate(PYTHON)
        if fits and requirement.name in NEEDED:
            hashes = re.findall(r"--hash=\S+", text)
            lines.append(" \\\n    ".join([f"{requirement.name}{requirement.specifier}", *hashes]))
    missing = set(NEEDED) - {line.partition("==")[0] for line in lines}
    if missing:
        raise ValueError(f"the lock has no {', '.join(sorted(missing))}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    OUT.write_text(make_lock(LOCK.read_text()))
