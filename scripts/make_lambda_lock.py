"""Make `pipeline/data/lambda.lock`: what the function's package holds, with the versions and hashes of the lock.

opensearch-py asks for more than it imports (gRPC and protobuf, 18 MB), so what is needed is named here, and installed
without what it asks for; a test runs the package with nothing else on the path. boto3 is part of Lambda's own Python.
"""

from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements-dev.lock"
OUT = ROOT / "pipeline/data/lambda.lock"
NEEDED = (
    "aws-lambda-powertools", "certifi", "charset-normalizer", "events", "geoip2", "idna", "jmespath", "maxminddb",
    "msgspec", "opensearch-py", "python-dateutil", "requests", "six", "typing-extensions", "urllib3", "zlib-ng",
)  # fmt: skip


def make_lock(lock: str) -> str:
    """The entries that are needed, of the text of a lock."""
    entries = [entry.rstrip() for entry in lock.replace("\n    ", "\0    ").splitlines()]
    named = {entry.partition("==")[0]: entry for entry in entries if "==" in entry and not entry.startswith("#")}
    lines = []
    for name in NEEDED:
        first, *more = named[name].split("\0")
        hashes = [line.strip().rstrip("\\ ") for line in more if "--hash=" in line]
        head = first.rstrip("\\ ").partition(" ;")[0]
        lines.append(" \\\n    ".join([head, *hashes]))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    OUT.write_text(make_lock(LOCK.read_text()))
