"""Objects of a bucket as sources: listed by day, each fetched once, and known by its key and etag the next time."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, ClassVar, Final

from features.record.foreign import DIGESTS, name_of_key
from pipeline.delivery.box import list_pages
from pipeline.ingest.delivery import origin_of, read_delivery
from pipeline.ingest.listing import Source, SourceError, UnreadableError
from pipeline.sources.address import OWN, Access, BucketAddress
from pipeline.sources.aws import AT_ONCE, DeniedError, end_run, explain, make_client
from pipeline.sources.layout import Found, Walk

_RESUMED: Final = 5
"""Times that reading an object goes on where it broke off."""
_DENIED: Final = 20
"""Objects that may not be read, before any that may, after which it is no matter of single objects."""
_BUFFER: Final = 1 << 18


class Objects:
    """Reads and lists objects of a bucket.

    Parameters
    ----------
    client
        Of S3; made by the address's rights when not given.
    """

    def __init__(self, bucket: str, access: Access = OWN, client: Any = None) -> None:
        self.bucket, self.access = bucket, access
        self._client = client
        self._denied, self._read = 0, False

    @property
    def client(self) -> Any:
        """Made when first needed."""
        if self._client is None:
            self._client = make_client("s3", self.access)
        return self._client

    def level(self, prefix: str) -> Iterator[Found | str]:
        """What lies directly below a prefix."""
        for page in list_pages(self._page, Prefix=prefix, Delimiter="/"):
            yield from map(_found, page.get("Contents", []))
            yield from (each["Prefix"] for each in page.get("CommonPrefixes", []))

    def all(self, prefix: str) -> Iterator[Found]:
        """Everything below a prefix."""
        for page in list_pages(self._page, Prefix=prefix):
            yield from map(_found, page.get("Contents", []))

    def _page(self, **asked: Any) -> Any:
        """A page of a list."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self.client.list_objects_v2(Bucket=self.bucket, **asked)
        except (ClientError, BotoCoreError) as error:
            where = f"s3://{self.bucket}/{asked['Prefix']}"
            raise end_run(where, explain(where, error, self.access, "s3:ListBucket of the bucket")) from error

    def get(self, key: str, etag: str = "", start: int = 0) -> Any:
        """An answer with an object's body.

        Parameters
        ----------
        etag
            Of what is wanted; "" for whatever is there.
        start
            Byte at which to begin.

        Raises
        ------
        GoneError, DeniedError, UnreadableError
            This object cannot be read.
        SourceError
            None can.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        asked: dict[str, Any] = {"IfMatch": etag} if etag else {}
        if start:
            asked["Range"] = f"bytes={start}-"
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=key, **asked)
        except (ClientError, BotoCoreError) as error:
            code = getattr(error, "response", {}).get("Error", {}).get("Code")
            if code in ("PreconditionFailed", "412"):
                raise ReplacedError("it was replaced while it was read, and is read again the next time") from error
            told = explain(
                f"s3://{self.bucket}/{key}", error, self.access, f"s3:GetObject of arn:aws:s3:::{self.bucket}/*"
            )
            if name_of_key(key) != DIGESTS:  # which a policy of before need not allow
                self._note(f"s3://{self.bucket}/{key}", told)
            raise told from error
        self._read = True
        return answer

    def _note(self, where: str, told: Exception) -> None:
        """End a run in which nothing at all may be read: it is a matter of rights, not of objects."""
        if isinstance(told, DeniedError) and not self._read:
            self._denied += 1
            if self._denied >= _DENIED:
                raise SourceError(f"none of {self._denied} objects may be read, {where} among them: {told}") from told


class ReplacedError(UnreadableError):
    """An object is another one than was listed."""


@dataclass(eq=False, slots=True)
class S3Source(Source):
    """An object, fetched when its turn comes."""

    objects: Objects = field(kw_only=True)
    key: str = field(kw_only=True)
    etag: str = field(kw_only=True, default="")
    """As it was listed; "" where that is not known."""

    stays: ClassVar[bool] = False

    @property
    def place(self) -> str:
        return f"s3://{self.objects.bucket}/{self.key}"

    def get(self, etag: str = "", start: int = 0) -> Any:
        """See `Objects.get`."""
        return self.objects.get(self.key, etag, start)

    def open(self) -> BinaryIO:
        try:
            answer = self.get(self.etag)
        except ReplacedError:
            answer = self.get()
        self.etag, self.size = answer["ETag"], answer["ContentLength"]
        self.stamp = stamp_of(self.objects.bucket, self.key, self.etag, self.size)
        self.signature = answer.get("Metadata", {}).get("signature", "")
        return io.BufferedReader(_Body(self, answer["Body"]), _BUFFER)


class _Body(io.RawIOBase):
    """An object's bytes; where reading breaks off, it goes on at the next byte of the same object."""

    def __init__(self, source: S3Source, body: Any) -> None:
        self._source, self._body = source, body
        self._at, self._resumed = 0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        from botocore.exceptions import BotoCoreError
        from urllib3.exceptions import HTTPError

        while True:
            try:
                block = self._body.read(len(buffer))
                break
            except (BotoCoreError, HTTPError, OSError) as error:
                self._resumed += 1
                if self._resumed > _RESUMED:
                    raise explain(self._source.place, error, self._source.objects.access, "s3:GetObject") from error
                self._body = self._source.get(self._source.etag, self._at)["Body"]
        buffer[: len(block)] = block
        self._at += len(block)
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()


class BucketListing:
    """The objects of a bucket below a prefix.

    Parameters
    ----------
    since
        Day of UTC before which nothing is listed; None for all.
    today
        Day of UTC; the clock's when not given.
    objects
        Reads the bucket; made by the address when not given.
    digests
        Whether CloudTrail's digest files are listed too: a day of theirs costs a request.

    Raises
    ------
    SourceError
        From iterating: nothing lies there, or it cannot be listed.
    """

    bytes: Final = 0
    at_once: Final = AT_ONCE

    def __init__(
        self,
        address: BucketAddress,
        since: date | None = None,
        today: date | None = None,
        objects: Objects | None = None,
        digests: bool = False,
    ) -> None:
        self._address, self._since, self._digests = address, since, digests
        self._today = today or datetime.now(UTC).date()
        self._objects = objects or Objects(address.bucket, address.access)

    def __iter__(self) -> Iterator[Source]:
        walk = Walk(self._objects, self._since, self._today, AT_ONCE, digests=self._digests)
        for found in walk.below(self._address.prefix):
            named = found.key == self._address.prefix
            source = make_source(self._objects, found.key, named, found.etag, found.size)
            source.since = self._since
            yield source
        if walk.empty:
            raise SourceError(f"no object lies below {self._address.text}: check the bucket's name and the prefix")

    def settle(self, sources: Sequence[Source]) -> None:
        """Objects stay where they are."""


def make_source(objects: Objects, key: str, named: bool = False, etag: str = "", size: int = 0) -> S3Source:
    """An object as a source."""
    stamp = stamp_of(objects.bucket, key, etag, size) if etag else b""
    origin = origin_of(PurePosixPath(key))
    return S3Source(
        Path(key), size, origin, read_delivery(key), named, stamp=stamp, objects=objects, key=key, etag=etag
    )


def stamp_of(bucket: str, key: str, etag: str, size: int) -> bytes:
    """Another one whenever an object is put again with another content."""
    return hashlib.blake2b(f"s3:{bucket}\0{key}\0{etag}\0{size}".encode(), digest_size=16).digest()


def _found(each: Any) -> Found:
    return Found(each["Key"], each["Size"], each["ETag"], each["LastModified"])
