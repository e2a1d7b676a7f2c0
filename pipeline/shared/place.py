"""A place that two machines share, a folder or a bucket's prefix: what is put there is there whole or not at all.

Something may be put on condition that what it takes the place of is still what was read: so two writers never undo each
other's work in silence.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from pipeline.delivery.box import GONE, list_pages
from pipeline.errors import OddtrailError, StoreError
from pipeline.ingest.listing import SourceError, UnreadableError
from pipeline.sources.address import OWN
from pipeline.sources.aws import explain, make_client
from pipeline.stores.plain_file import UnfitFileError, read_plain, write_whole

ABSENT: Final = ""
"""The tag of what is not there."""
_NAME: Final = re.compile(r"(?!.*\.\.)[A-Za-z0-9_=-][A-Za-z0-9._=-]*(?:/[A-Za-z0-9_=-][A-Za-z0-9._=-]*)*", re.ASCII)
_S3: Final = "s3://"
_AT_ONCE: Final = 1000
"""Objects that S3 removes in one request."""


class ChangedError(OddtrailError):
    """Somebody else wrote there since it was read."""


class PlaceError(OddtrailError):
    """A shared place cannot be reached, or what lies there cannot be read."""


@dataclass(frozen=True, slots=True)
class Found:
    """What lies in a shared place."""

    content: bytes
    tag: str
    """Another one whenever the content is."""


class Place(Protocol):
    """What a shared place promises; `tests/pipeline/shared/test_place.py` holds each to it."""

    text: str
    """As people write it."""

    def get(self, name: str, most: int) -> Found | None:
        """What lies there under a name, of at most so many bytes; None where nothing does.

        Raises
        ------
        PlaceError
            It cannot be read, or is larger.
        """

    def put(self, name: str, content: bytes, over: str | None = None) -> None:
        """Put something there.

        Parameters
        ----------
        over
            The tag of what it takes the place of, `ABSENT` for nothing; None for whatever is there.

        Raises
        ------
        ChangedError
            Something else is there than was said.
        PlaceError
            It cannot be written.
        """

    def names(self, below: str) -> Iterator[str]:
        """The names of what lies below a folder of the place, in no order; none where it is not there.

        Raises
        ------
        PlaceError
            It cannot be listed.
        """

    def remove(self, names: Collection[str]) -> None:
        """Remove what lies there under some names; what is gone already does not matter.

        Raises
        ------
        PlaceError
            It cannot be removed.
        """


def open_place(text: str) -> Place:
    """The place that a setting names.

    >>> type(open_place("s3://bucket/oddtrail")).__name__, type(open_place("/mnt/shared")).__name__
    ('BucketPlace', 'FolderPlace')
    """
    if not text.startswith(_S3):
        return FolderPlace(Path(text).expanduser())
    bucket, _, prefix = text.removeprefix(_S3).partition("/")
    return BucketPlace(bucket, prefix.rstrip("/"))


def _check(name: str) -> str:
    """Names come of what others wrote: none leads out of the place."""
    if not _NAME.fullmatch(name) or len(name) > 500:
        raise PlaceError(f"'{name[:60]}' is no name of a shared place's file")
    return name


class FolderPlace:
    """A folder that both machines have mounted; it has to be there, or it would be made on the disk below it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.text = folder, str(folder)

    def get(self, name: str, most: int) -> Found | None:
        """See `Place`."""
        try:
            content = read_plain(self.folder / _check(name), most)
        except FileNotFoundError:
            self._check_mounted()
            return None
        except UnfitFileError as error:
            raise PlaceError(f"{self.folder / name} {error}: remove it") from error
        except OSError as error:
            raise PlaceError(f"{self.folder / name} cannot be read ({error.strerror}): is it mounted?") from error
        return Found(content, hashlib.sha256(content).hexdigest())

    def put(self, name: str, content: bytes, over: str | None = None) -> None:
        """See `Place`."""
        path = self.folder / _check(name)
        self._check_mounted()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._alone() if over is not None else nullcontext():
                if over is not None:
                    found = self.get(name, len(content) + (1 << 30))
                    if (found.tag if found else ABSENT) != over:
                        raise ChangedError(f"{path} was written by somebody else meanwhile: run it again")
                write_whole(path, content)
        except OSError as error:
            raise PlaceError(f"{path} cannot be written ({error.strerror}): check the folder and its rights") from error

    def names(self, below: str) -> Iterator[str]:
        """See `Place`."""
        self._check_mounted()
        top = self.folder / _check(below)

        def fail(error: OSError) -> None:
            if not isinstance(error, FileNotFoundError):
                raise PlaceError(f"{top} cannot be listed ({error.strerror}): check its rights") from error

        for folder, _, files in os.walk(top, onerror=fail):
            for file in files:
                name = str(Path(folder, file).relative_to(self.folder).as_posix())
                if _NAME.fullmatch(name):  # what is under way has another
                    yield name

    def remove(self, names: Collection[str]) -> None:
        """See `Place`."""
        folders = set()
        try:
            for name in names:
                path = self.folder / _check(name)
                path.unlink(missing_ok=True)
                folders |= {above for above in path.parents if self.folder in above.parents}
        except OSError as error:
            raise PlaceError(f"{path} cannot be removed ({error.strerror}): check its rights") from error
        for folder in sorted(folders, key=lambda each: -len(each.parts)):
            with suppress(OSError):  # it is not empty, or gone
                folder.rmdir()

    def _check_mounted(self) -> None:
        if not self.folder.is_dir():
            raise PlaceError(f"{self.folder} is no folder: mount it, or make it where it shall be")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


class BucketPlace:
    """Objects below a bucket's prefix; an object is there once its upload is done."""

    def __init__(self, bucket: str, prefix: str, client: Any = None) -> None:
        self.bucket, self.prefix = bucket, prefix
        self.text = f"{_S3}{bucket}/{prefix}"
        self._client = client

    @property
    def client(self) -> Any:
        """Made when first needed."""
        if self._client is None:
            self._client = make_client("s3", OWN)
        return self._client

    def _key(self, name: str) -> str:
        return f"{self.prefix}/{_check(name)}" if self.prefix else _check(name)

    def get(self, name: str, most: int) -> Found | None:
        """See `Place`."""
        from botocore.exceptions import BotoCoreError, ClientError

        key = self._key(name)
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=key)
            content = answer["Body"].read(most + 1)
        except (ClientError, BotoCoreError) as error:
            if getattr(error, "response", {}).get("Error", {}).get("Code") in GONE:
                return None
            raise self._told(key, error, "s3:GetObject and s3:ListBucket") from error
        if len(content) > most:
            raise PlaceError(f"s3://{self.bucket}/{key} has more than the {most:,} bytes that can be right")
        return Found(content, answer["ETag"])

    def put(self, name: str, content: bytes, over: str | None = None) -> None:
        """See `Place`."""
        from botocore.exceptions import BotoCoreError, ClientError

        key = self._key(name)
        condition = {} if over is None else {"IfMatch": over} if over else {"IfNoneMatch": "*"}
        try:
            self.client.put_object(Bucket=self.bucket, Key=key, Body=content, **condition)
        except (ClientError, BotoCoreError) as error:
            code = str(getattr(error, "response", {}).get("Error", {}).get("Code"))
            if code in ("PreconditionFailed", "412", "ConditionalRequestConflict") or (over and code in GONE):
                raise ChangedError(
                    f"s3://{self.bucket}/{key} was written by somebody else meanwhile: run it again"
                ) from error
            raise self._told(key, error, "s3:PutObject") from error

    def names(self, below: str) -> Iterator[str]:
        """See `Place`."""
        from botocore.exceptions import BotoCoreError, ClientError

        prefix = f"{self._key(below)}/"
        try:
            for page in list_pages(self.client.list_objects_v2, Bucket=self.bucket, Prefix=prefix):
                for each in page.get("Contents", []):
                    name = each["Key"][len(self.prefix) + 1 :] if self.prefix else each["Key"]
                    if _NAME.fullmatch(name):
                        yield name
        except (ClientError, BotoCoreError) as error:
            raise self._told(prefix, error, "s3:ListBucket") from error

    def remove(self, names: Collection[str]) -> None:
        """See `Place`."""
        from botocore.exceptions import BotoCoreError, ClientError

        keys = [{"Key": self._key(name)} for name in names]
        try:
            for start in range(0, len(keys), _AT_ONCE):
                asked = {"Objects": keys[start : start + _AT_ONCE], "Quiet": True}
                answer = self.client.delete_objects(Bucket=self.bucket, Delete=asked)
                for failed in answer.get("Errors", []):
                    raise PlaceError(
                        f"s3://{self.bucket}/{failed.get('Key')} cannot be removed ({failed.get('Message')}): allow "
                        "s3:DeleteObject"
                    )
        except (ClientError, BotoCoreError) as error:
            raise self._told(keys[0]["Key"], error, "s3:DeleteObject") from error

    def _told(self, key: str, error: Exception, action: str) -> Exception:
        where = f"s3://{self.bucket}/{key}"
        told = explain(where, error, OWN, action)
        if isinstance(told, UnreadableError):
            return PlaceError(f"{where}: {told}")
        return PlaceError(str(told)) if isinstance(told, SourceError) else StoreError(f"{where}: {told}")
