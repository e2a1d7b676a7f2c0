"""Boxes in AWS that keep messages: a queue, a bucket, or a queue whose large messages lie in a bucket.

Once `put` returns, what was put is durable and may be forgotten elsewhere.
"""

import hashlib
import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import urlsplit

from pipeline.delivery.spill import write_packed, write_pointer
from pipeline.errors import OddtrailError

LARGEST: Final = 1_000_000
"""Bytes of a message of SQS, which takes 1 MiB with what it adds."""
_MOST: Final = 10
"""Messages of a request of SQS."""
_TRIES: Final = 3
"""Times that a message is sent which the queue did not take."""


class BoxError(OddtrailError):
    """What has to be kept cannot be kept, or cannot be read."""


class Box(Protocol):
    """Keeps messages."""

    def put(self, bodies: Sequence[bytes]) -> None:
        """Keep some, durably."""

    def read(self) -> Iterator[tuple[str, bytes]]:
        """Every message, with a name to remove it by."""

    def remove(self, names: Iterable[str]) -> None:
        """Forget some."""


class BoxPlace(NamedTuple):
    """Where a box is."""

    queue: str = ""
    """A queue's URL."""
    bucket: str = ""
    prefix: str = ""


def read_place(text: str) -> BoxPlace:
    """Where a box is: a queue's URL, `s3://bucket/prefix`, or both.

    Raises
    ------
    ValueError
        Says what is wrong.

    Examples
    --------
    >>> read_place("https://sqs.eu-west-1.amazonaws.com/111122223333/spill s3://my-spill/late/").prefix
    'late/'
    """
    place = BoxPlace()
    for word in text.replace(",", " ").split():
        parts = urlsplit(word)
        if parts.scheme == "s3" and parts.netloc and not place.bucket:
            prefix = parts.path.lstrip("/")
            place = place._replace(
                bucket=parts.netloc, prefix=prefix if prefix.endswith("/") or not prefix else prefix + "/"
            )
        elif _is_queue(parts.scheme, parts.hostname or "", parts.path) and not place.queue:
            place = place._replace(queue=word)
        else:
            raise ValueError(
                f"'{word[:200]}' is neither a queue's https:// URL nor s3://bucket/prefix, or one too many"
            )
    if not place.queue and not place.bucket:
        raise ValueError("it names no place")
    return place


def _is_queue(scheme: str, host: str, path: str) -> bool:
    return path.strip("/").count("/") == 1 and (scheme == "https" or (scheme == "http" and _is_loopback(host)))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def open_box(place: BoxPlace) -> Box:
    """The box at a place."""
    bucket = S3Box(place.bucket, place.prefix) if place.bucket else None
    if place.queue:
        return SqsBox(place.queue, bucket)
    assert bucket is not None
    return bucket


@cache
def client(service: str, region: str = "") -> Any:
    """A client of AWS, one for as long as the function is warm."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
    return boto3.client(service, region_name=region or None, config=config)


class S3Box:
    """Messages as objects, named by when they were put and by what they hold."""

    def __init__(self, bucket: str, prefix: str = "") -> None:
        self.bucket, self.prefix = bucket, prefix

    def put(self, bodies: Sequence[bytes]) -> None:
        """Write an object each."""
        for body in bodies:
            self.put_one(body)

    def put_one(self, body: bytes) -> str:
        """Write an object; return its key."""
        key = f"{self.prefix}{datetime.now(UTC):%Y/%m/%d/%H%M%S}-{hashlib.sha256(body).hexdigest()[:32]}.json"
        self._ask("put_object", Key=key, Body=body)
        return key

    def get(self, key: str) -> bytes:
        """What an object holds."""
        body: bytes = self._ask("get_object", Key=key)["Body"].read()
        return body

    def read(self) -> Iterator[tuple[str, bytes]]:
        """Objects by key, the oldest first."""
        asked = {"Prefix": self.prefix}
        while True:
            page = self._ask("list_objects_v2", **asked)
            for each in page.get("Contents", []):
                yield each["Key"], self.get(each["Key"])
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def remove(self, names: Iterable[str]) -> None:
        """Delete objects."""
        for name in names:
            self._ask("delete_object", Key=name)

    def _ask(self, action: str, **given: Any) -> Any:
        return ask(f"s3://{self.bucket}/{self.prefix}", getattr(client("s3"), action), Bucket=self.bucket, **given)


class SqsBox:
    """Messages of a queue; one that is too large for it lies in a bucket, and the queue says where.

    Parameters
    ----------
    url
        Of the queue.
    overflow
        For large messages; None refuses them.
    """

    def __init__(self, url: str, overflow: S3Box | None = None) -> None:
        self.url, self.overflow = url, overflow
        host = (urlsplit(url).hostname or "").split(".")
        self._region = host[1] if host[0] == "sqs" and len(host) > 2 else ""

    def put(self, bodies: Sequence[bytes]) -> None:
        """Send them, as many in a request as it holds."""
        some: list[str] = []
        size = 0
        for body in map(self._sized, bodies):
            if some and (len(some) == _MOST or size + len(body) > LARGEST):
                self._send(some)
                some, size = [], 0
            some.append(body.decode())
            size += len(body)
        if some:
            self._send(some)

    def _sized(self, body: bytes) -> bytes:
        if len(body) <= LARGEST:
            return body
        if len(packed := write_packed(body)) <= LARGEST:
            return packed
        if self.overflow is None:
            raise BoxError(
                f"a message of {len(body)} bytes is too large for {self.url}: name a bucket beside it, as in "
                "s3://bucket/prefix/"
            )
        return write_pointer(self.overflow.bucket, self.overflow.put_one(body))

    def _send(self, bodies: Sequence[str]) -> None:
        left = {str(at): body for at, body in enumerate(bodies)}
        for _ in range(_TRIES):
            entries = [{"Id": at, "MessageBody": body} for at, body in left.items()]
            answer = self._ask("send_message_batch", Entries=entries)
            taken = {each["Id"] for each in answer.get("Successful", [])}
            left = {at: body for at, body in left.items() if at not in taken}
            if not left:
                return
        raise BoxError(f"{self.url} did not take {len(left)} of {len(bodies)} messages: nothing was acknowledged")

    def read(self) -> Iterator[tuple[str, bytes]]:
        """Receive until nothing more is there; what is not removed comes again later."""
        while True:
            answer = self._ask("receive_message", MaxNumberOfMessages=_MOST, WaitTimeSeconds=1, VisibilityTimeout=120)
            messages = answer.get("Messages", [])
            if not messages:
                return
            for message in messages:
                yield message["ReceiptHandle"], message["Body"].encode()

    def remove(self, names: Iterable[str]) -> None:
        """Delete messages."""
        for name in names:
            self._ask("delete_message", ReceiptHandle=name)

    def _ask(self, action: str, **given: Any) -> Any:
        return ask(self.url, getattr(client("sqs", self._region), action), QueueUrl=self.url, **given)


def ask(where: str, method: Any, **given: Any) -> Any:
    """An answer of AWS.

    Raises
    ------
    BoxError
        Says where, and the reason that AWS names.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return method(**given)
    except ClientError as error:
        reason = error.response.get("Error", {}).get("Code", "refused")
    except BotoCoreError as error:
        reason = type(error).__name__
    raise BoxError(f"{where} cannot be used ({reason}): check its name and the role's permissions")
