"""A trail with digest files as CloudTrail writes them, signed with our own key, in a folder laid out as its bucket."""

import gzip
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.pipeline.ingest.records import a_record

ACCOUNT, REGION, BUCKET, NAME = "111122223333", "eu-west-1", "trail-bucket", "my_trail"
BEGIN = datetime(2026, 3, 2, 10, 0, 31, tzinfo=UTC)
FINGERPRINT = "31e8b5433410dfb61a9dc45cc65b22ff"
HOUR = timedelta(hours=1)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Keys:
    """Public keys as CloudTrail lists them; those asked for are noted."""

    def __init__(self, key: rsa.RSAPrivateKey | None = KEY, problem: str = "") -> None:
        self.problem = problem
        self.asked: list[tuple[str, str]] = []
        self._key = key

    def find(self, region: str, fingerprint: str, at: datetime) -> bytes | None:
        self.asked.append((region, fingerprint))
        if self._key is None or fingerprint != FINGERPRINT:
            return None
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


@dataclass
class Trail:
    """A trail's bucket below a folder; `deliver` writes an hour of it."""

    folder: Path
    account: str = ACCOUNT
    region: str = REGION
    logs: list[Path] = field(default_factory=list)
    digests: list[Path] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)

    def key(self, kind: str, end: datetime, suffix: str) -> str:
        trail = f"_{NAME}_{self.region}" if kind == "CloudTrail-Digest" else ""
        at = f"{end:%Y%m%dT%H%M%S}Z" if trail else f"{end:%Y%m%dT%H%M}Z"
        return (
            f"AWSLogs/{self.account}/{kind}/{self.region}/{end:%Y/%m/%d}/"
            f"{self.account}_{kind}_{self.region}{trail}_{at}{suffix}.json.gz"
        )

    def deliver(self, hours: int = 1, files: int = 3) -> "Trail":
        """Some more hours, each of some log files and their digest."""
        for _ in range(hours):
            end = BEGIN + (len(self.digests) + 1) * HOUR
            new = [self.put_log(end - timedelta(minutes=15 * at + 10), at) for at in range(files)]
            self.put_digest(end, [self.entry(path) for path in new])
        return self

    def put_log(self, at: datetime, number: int) -> Path:
        record = a_record(eventTime=f"{at:%Y-%m-%dT%H:%M:%SZ}", eventID=f"{at:%H%M}-{number}-{self.account}")
        path = self.folder / self.key("CloudTrail", at, f"_{number:04d}aBcDeFgHiJkL")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(json.dumps({"Records": [record]}).encode()))
        self.logs.append(path)
        return path

    def entry(self, path: Path, **changed: Any) -> dict[str, Any]:
        return {
            "s3Bucket": BUCKET, "s3Object": path.relative_to(self.folder).as_posix(),
            "hashValue": hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest(), "hashAlgorithm": "SHA-256",
            "newestEventTime": "2026-03-02T10:30:00Z", "oldestEventTime": "2026-03-02T10:20:00Z", **changed,
        }  # fmt: skip

    def put_digest(self, end: datetime, entries: list[dict[str, Any]], suffix: str = "", **changed: Any) -> Path:
        """A digest that follows the last one."""
        key = self.key("CloudTrail-Digest", end, suffix)
        before = self.digests[-1] if self.digests else None
        document = {
            "awsAccountId": self.account, "digestStartTime": f"{end - HOUR:%Y-%m-%dT%H:%M:%SZ}",
            "digestEndTime": f"{end:%Y-%m-%dT%H:%M:%SZ}", "digestS3Bucket": BUCKET, "digestS3Object": key,
            "digestPublicKeyFingerprint": FINGERPRINT, "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": None, "oldestEventTime": None,
            "previousDigestS3Bucket": BUCKET if before else None,
            "previousDigestS3Object": before.relative_to(self.folder).as_posix() if before else None,
            "previousDigestHashValue": hash_of(before) if before else None,
            "previousDigestHashAlgorithm": "SHA-256" if before else None,
            "previousDigestSignature": self.signatures[-1] if before else None,
            "logFiles": entries, **changed,
        }  # fmt: skip
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps(document).encode()
        path.write_bytes(gzip.compress(content))
        self.digests.append(path)
        self.signatures.append(sign(document, content))
        return path


def hash_of(digest: Path) -> str:
    return hashlib.sha256(gzip.decompress(digest.read_bytes())).hexdigest()


def sign(document: dict[str, Any], content: bytes, key: rsa.RSAPrivateKey = KEY) -> str:
    """A signature as it is in the object's metadata."""
    signed = "\n".join(
        [
            document["digestEndTime"],
            f"{document['digestS3Bucket']}/{document['digestS3Object']}",
            hashlib.sha256(content).hexdigest(),
            document["previousDigestSignature"] or "null",
        ]
    )
    return key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()
