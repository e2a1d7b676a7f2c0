"""CloudTrail's digest files: which log files it delivered within an hour, with the hash of each, and the digest before.

What is hashed, by CloudTrail as here, is what a file holds once it is inflated. Whoever can write into the bucket can
write a digest, so each is bounded, and is believed of its own account's log files only.

References
----------
"CloudTrail digest file structure" and "Custom implementations of CloudTrail log file integrity validation", AWS
CloudTrail User Guide.
"""

import hashlib
import io
import re
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

import msgspec

from features.record.foreign import name_of_key
from pipeline.ingest.delivery import read_delivery
from pipeline.ingest.inflate import Limits, Reading, blocks

MOST_PACKED: Final = 1 << 20
"""Bytes of a digest file as it lies; one of an hour of a busy region has some hundred thousand."""
_MOST_BYTES: Final = 8 << 20
_MOST_OBJECTS: Final = 20_000
"""Log files that a digest lists: CloudTrail delivers every five minutes or so, more where there is much."""
_LONGEST_KEY: Final = 1024
"""As S3 has it."""
_LONGEST_SIGNATURE: Final = 2048
_YEARS: Final = (2013, 2100)
"""In which CloudTrail writes; times far from them cannot be reckoned with."""
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NAME: Final = re.compile(
    r"(?P<chain>(?P<account>\d{12})_CloudTrail-Digest_(?P<region>[a-z0-9-]{1,32})_(?P<trail>[A-Za-z0-9._-]{1,128})_"
    r"(?P<home>[a-z0-9-]{1,32}))_(?P<end>\d{8}T\d{6}Z)(?P<backfill>_backfill)?\.json(?:\.gz)?",
    re.ASCII,
)
UNHASHED: Final = b"\0"
"""In place of the hash of what was read before any digest was there."""
DAMAGED: Final = b""
"""In place of the hash of what could not be read whole."""
UNREAD: Final = b"\0unread: "
"""How it begins in place of the hash of what could not be read at all: the reason follows."""
_LONGEST_REASON: Final = 400
UNREADABLE: Final = "unreadable: "
"""How the problem of a digest begins that could not be fetched at all."""


class DigestName(NamedTuple):
    """What the name of a digest file says."""

    chain: str
    """The same for all digests that follow each other: account, region and trail."""
    account: str
    region: str
    trail: str
    home: str
    """Region of the trail."""
    end: datetime
    backfill: bool
    """It lists what other digests left out, and is in no chain."""


class DigestFile(NamedTuple):
    """A digest file. One with a problem lists nothing and names none before it."""

    name: str
    """Last part of its key, without `.gz`."""
    content: bytes
    """SHA-256 of what it holds; of the file itself where that cannot be told."""
    start: datetime | None
    end: datetime | None
    objects: dict[str, bytes]
    """SHA-256 of what each log file holds, by its name."""
    previous: str
    """Name of the digest before; empty where none is named, or one that is not looked for."""
    previous_content: bytes
    begins: bool
    """CloudTrail says that there is none before."""
    problem: str
    """Why it is not believed."""
    signature: str = ""
    """In hexadecimal digits; empty where it did not come with the file. Of several places there may be several."""
    fingerprint: str = ""
    """Of the public key."""
    signed: str = ""
    """The text that was signed."""


class _Object(msgspec.Struct):
    bucket: str = msgspec.field(name="s3Bucket")
    key: str = msgspec.field(name="s3Object")
    hashed: str = msgspec.field(name="hashValue")
    algorithm: str = msgspec.field(name="hashAlgorithm")


class _Document(msgspec.Struct):
    account: str = msgspec.field(name="awsAccountId")
    start: str = msgspec.field(name="digestStartTime")
    end: str = msgspec.field(name="digestEndTime")
    bucket: str = msgspec.field(name="digestS3Bucket")
    key: str = msgspec.field(name="digestS3Object")
    objects: list[_Object] = msgspec.field(name="logFiles")
    fingerprint: str = msgspec.field(name="digestPublicKeyFingerprint", default="")
    previous: str | None = msgspec.field(name="previousDigestS3Object", default=None)
    previous_hash: str | None = msgspec.field(name="previousDigestHashValue", default=None)
    previous_signature: str | None = msgspec.field(name="previousDigestSignature", default=None)


_decode = msgspec.json.Decoder(_Document).decode


class _UnbelievedError(Exception):
    """A digest says what none of CloudTrail's would."""


def mark_unread(reason: str) -> bytes:
    """What stands in place of the hash of what could not be read, so that nobody holds it for changed.

    >>> mark_unread("it is archived: restore it")
    b'\\x00unread: it is archived: restore it'
    """
    return UNREAD + reason[:_LONGEST_REASON].encode("utf-8", "replace")


def name_of(key: str) -> str:
    """A file's own name, the same for a copy that is not packed.

    >>> name_of("AWSLogs/111122223333/CloudTrail/x.json.gz")
    'x.json'
    """
    return key.replace("\\", "/").rpartition("/")[2].removesuffix(".gz")


def read_digest_name(name: str) -> DigestName | None:
    """What a digest's name says; None for what is no name of one.

    >>> read_digest_name("111122223333_CloudTrail-Digest_us-east-2_my_trail_us-east-1_20260302T150131Z.json.gz").trail
    'my_trail'
    """
    match = _NAME.fullmatch(name)
    end = _time(match["end"], "%Y%m%dT%H%M%SZ") if match else None
    if match is None or end is None or not _YEARS[0] <= end.year <= _YEARS[1]:
        return None
    return DigestName(
        match["chain"], match["account"], match["region"], match["trail"], match["home"], end, bool(match["backfill"])
    )


def read_digest(
    origin: str, digest: str, packed: bytes | None, limits: Limits, signature: str = "", since: date | None = None
) -> DigestFile:
    """Read a digest file.

    Parameters
    ----------
    origin
        Where it lay.
    digest
        SHA-256 of the file as it lies.
    packed
        The file; None where it has `MOST_PACKED` bytes or more.
    signature
        What came with it.
    since
        Day of UTC; what was delivered before is not looked for.
    """
    name = name_of(origin)[:_LONGEST_KEY]
    told = read_digest_name(name)
    unread = unread_digest(origin, digest, "")
    try:
        if told is None:
            raise _UnbelievedError("its name is not that of a digest")
        if packed is None:
            raise _UnbelievedError(f"it has {MOST_PACKED >> 20} MiB and more")
        inflated = _inflate(packed, limits)
        unread = unread._replace(content=hashlib.sha256(inflated).digest())
        return _read(name, told, inflated, unread.content, signature, since)
    except _UnbelievedError as error:
        return unread._replace(problem=str(error))


def unread_digest(origin: str, digest: str, problem: str) -> DigestFile:
    """A digest file that lists nothing, for it cannot be read or is not believed.

    Parameters
    ----------
    digest
        SHA-256 of the file, or what it is known by.
    """
    name = name_of(origin)[:_LONGEST_KEY]
    told = read_digest_name(name)
    content = hashlib.sha256(digest.encode()).digest()
    return DigestFile(name, content, None, told.end if told else None, {}, "", b"", False, problem)


def _inflate(packed: bytes, limits: Limits) -> bytes:
    reading, inflated = Reading(), bytearray()
    for block in blocks(io.BytesIO(packed), reading, limits):
        inflated += block
        if len(inflated) > _MOST_BYTES:
            raise _UnbelievedError(f"it holds more than {_MOST_BYTES >> 20} MiB")
    if reading.problem:
        raise _UnbelievedError(reading.problem)
    return bytes(inflated)


def _read(
    name: str, told: DigestName, inflated: bytes, content: bytes, signature: str, since: date | None
) -> DigestFile:
    try:
        document = _decode(inflated)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _UnbelievedError("it does not hold what a digest holds") from error
    start, end = (_time(text, "%Y-%m-%dT%H:%M:%SZ") for text in (document.start, document.end))
    if document.account != told.account or name_of(document.key) != name or end != told.end:
        raise _UnbelievedError("it says that it is another digest: it was moved, copied or written by somebody else")
    if start is None or start > end:
        raise _UnbelievedError("it ends before it begins")
    if len(document.objects) > _MOST_OBJECTS:
        raise _UnbelievedError(f"it lists more than {_MOST_OBJECTS:,} log files")
    objects: dict[str, bytes] = {}
    for each in document.objects:
        at = _check(each, told.account)
        wanted = at is not None and each.bucket == document.bucket and (since is None or at.date() >= since)
        if wanted and objects.setdefault(name_of(each.key), bytes.fromhex(each.hashed)).hex() != each.hashed:
            raise _UnbelievedError("it lists a log file twice, with two hashes")
    previous, previous_content = _read_previous(document, told)
    before = read_digest_name(previous)
    if before is None or (since is not None and before.end.date() < since):
        previous = ""
    begins = document.previous is None and not told.backfill
    digest = DigestFile(name, content, start, end, objects, previous, previous_content, begins, "")
    return digest if not signature else _with_signature(digest, document, signature)


def _check(each: _Object, account: str) -> datetime | None:
    """When a listed file was delivered; None of what is no log file of calls."""
    key = each.key
    delivery = read_delivery(key)
    if len(key) > _LONGEST_KEY or not key.isprintable() or ".." in key or f"/{account}/" not in f"/{key}":
        raise _UnbelievedError("it lists what does not lie in its account's folder")
    if delivery.account != account:
        raise _UnbelievedError("it lists a log file of another account")
    if each.algorithm != "SHA-256" or not _HASH.fullmatch(each.hashed):
        raise _UnbelievedError("it lists a hash that is none of SHA-256")
    return None if name_of_key(key) else delivery.at


def _read_previous(document: _Document, told: DigestName) -> tuple[str, bytes]:
    """Name and hash of the digest before."""
    if document.previous is None or told.backfill:
        return "", b""
    name, hashed = name_of(document.previous), document.previous_hash or ""
    before = read_digest_name(name)
    if before is None or before.account != told.account or before.end >= told.end or not _HASH.fullmatch(hashed):
        raise _UnbelievedError("the digest before, as it names it, can be none of CloudTrail's")
    return (name if before.chain == told.chain else ""), bytes.fromhex(hashed)


def _with_signature(digest: DigestFile, document: _Document, signature: str) -> DigestFile:
    """The same with what is to be verified."""
    previous = "null" if document.previous_signature is None else document.previous_signature
    if max(len(signature), len(previous), len(document.fingerprint)) > _LONGEST_SIGNATURE:
        raise _UnbelievedError(f"its signature is longer than {_LONGEST_SIGNATURE} digits")
    place = f"{document.bucket}/{document.key}"
    if len(place) > 2 * _LONGEST_KEY:
        raise _UnbelievedError("its key is longer than those of S3")
    signed = f"{document.end}\n{place}\n{digest.content.hex()}\n{previous}"
    return digest._replace(signature=signature, fingerprint=document.fingerprint, signed=signed)


def _time(text: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(text, pattern).replace(tzinfo=UTC)
    except ValueError:
        return None
