"""Boxes in AWS that keep messages: a queue, a bucket, or a queue whose large messages lie in a bucket.

Once `put` returns, what was put is durable and may be forgotten elsewhere.
"""

import hashlib
import ipaddress
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import urlsplit

from pipeline.delivery.spill import write_packed, write_pointer
from pipeline.errors import OddtrailError
from pipeline.text.plural import plural

LARGEST: Final = 1_000_000
"""Bytes of a message of SQS, which takes 1 MiB with what it adds."""
_MOST: Final = 10
"""Messages of a request of SQS."""
_TRIES: Final = 3
"""Times that a message is sent which the queue did not take."""
_HIDDEN: Final = 120
"""Seconds for which a queue shows nobody else what was received."""
_CAUGHT_UP: Final = 3
"""Answers in a row with nothing in them that was not read before, after which reading ends."""
LARGEST_OBJECT: Final = 64 << 20
"""Bytes of an object that may be one of ours; a larger one is read as empty."""
_MOST_COUNTED: Final = 100_000
"""Objects that are counted, a thousand a request."""
GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion", "NotFound", "404"})
"""What S3 calls an object that is not there any more."""


class BoxError(OddtrailError):
    """What has to be kept cannot be kept, or cannot be read."""

    code: str = ""
    """AWS's own word for it."""


class Box(Protocol):
    """Keeps messages."""

    @property
    def where(self) -> str:
        """Where it is, to be shown."""

    def put(self, bodies: Sequence[bytes]) -> None:
        """Keep some, durably."""

    def read(self) -> Iterator[tuple[str, bytes]]:
        """Every message, with a name to remove it by."""

    def remove(self, names: Iterable[str]) -> None:
        """Forget some."""

    def release(self) -> None:
        """Have others see at once what was read and not removed."""

    def count(self) -> int:
        """How many there are, about; of very many, how many at least."""


class BoxPlace(NamedTuple):
    """Where a box is."""

    queue: str = ""
    """A queue's URL."""
    bucket: str = ""
    prefix: str = ""


def read_place(text: str) -> BoxPlace:
    """Where a box is: a queue's URL, with https:// or sqs://, `s3://bucket/prefix`, or both.

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
        if parts.scheme == "sqs":
            parts = parts._replace(scheme="http" if _is_loopback(parts.hostname or "") else "https")
            word = parts.geturl()
        if parts.scheme == "s3" and parts.netloc and not place.bucket:
            prefix = parts.path.lstrip("/")
            place = place._replace(
                bucket=parts.netloc, prefix=prefix if prefix.endswith("/") or not prefix else prefix + "/"
            )
        elif _is_queue(parts.scheme, parts.hostname or "", parts.path) and not place.queue:
            place = place._replace(queue=word)
        else:
            raise ValueError(f"'{word[:200]}' is neither a queue's URL nor s3://bucket/prefix, or one too many")
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

    @property
    def where(self) -> str:
        """As it is written in settings."""
        return f"s3://{self.bucket}/{self.prefix}"

    def owns(self, bucket: object, key: object) -> bool:
        """Whether an object is one of its messages."""
        return bucket == self.bucket and isinstance(key, str) and key.startswith(self.prefix)

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
        """Objects by key, the oldest first; one that is removed meanwhile is left out."""
        for page in self._pages():
            for each in page.get("Contents", []):
                try:
                    yield each["Key"], self.get(each["Key"]) if each["Size"] <= LARGEST_OBJECT else b""
                except BoxError as error:
                    if error.code not in GONE:
                        raise

    def remove(self, names: Iterable[str]) -> None:
        """Delete objects."""
        for name in names:
            self._ask("delete_object", Key=name)

    def release(self) -> None:
        """Reading hides nothing."""

    def count(self) -> int:
        """Objects, as far as they are counted."""
        total = 0
        for page in self._pages():
            total += page.get("KeyCount", 0)
            if total >= _MOST_COUNTED:
                break
        return total

    def _pages(self) -> Iterator[Any]:
        return list_pages(partial(self._ask, "list_objects_v2"), Prefix=self.prefix)

    def _ask(self, action: str, **given: Any) -> Any:
        return ask(self.where, "s3", action, Bucket=self.bucket, **given)


def list_pages(ask: Callable[..., Any], **asked: Any) -> Iterator[Any]:
    """The pages of a bucket's list, one after the other; `ask` asks for one of them."""
    while True:
        page = ask(**asked)
        yield page
        if not page.get("IsTruncated"):
            return
        asked["ContinuationToken"] = page["NextContinuationToken"]


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
        self._handles: dict[str, str] = {}
        """The newest handle of each message that was read and not removed, by its id."""

    @property
    def where(self) -> str:
        """As it is written in settings."""
        return f"{self.url} {self.overflow.where}" if self.overflow else self.url

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
        raise BoxError(
            f"{self.url} did not take {len(left)} of {plural(len(bodies), 'message')}: nothing was acknowledged"
        )

    def read(self) -> Iterator[tuple[str, bytes]]:
        """Receive until nothing new is there, in no order; what is not removed is seen again in two minutes."""
        seen = set[str]()
        old = 0
        while old < _CAUGHT_UP:
            asked = {"MaxNumberOfMessages": _MOST, "WaitTimeSeconds": 1, "VisibilityTimeout": _HIDDEN}
            messages = self._ask("receive_message", **asked).get("Messages", [])
            self._handles |= {each["MessageId"]: each["ReceiptHandle"] for each in messages}
            if not messages:
                return
            new = [each for each in messages if each["MessageId"] not in seen]
            old = 0 if new else old + 1
            seen.update(each["MessageId"] for each in new)
            yield from ((each["MessageId"], each["Body"].encode()) for each in new)

    def remove(self, names: Iterable[str]) -> None:
        """Delete messages."""
        for name in names:
            self._ask("delete_message", ReceiptHandle=self._handles[name])
            del self._handles[name]

    def release(self) -> None:
        """Show what was received and not removed to others again; where that fails, they see it in two minutes."""
        handles, self._handles = list(self._handles.values()), {}
        with suppress(BoxError):
            for start in range(0, len(handles), _MOST):
                entries = [
                    {"Id": str(at), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for at, handle in enumerate(handles[start : start + _MOST])
                ]
                self._ask("change_message_visibility_batch", Entries=entries)

    def count(self) -> int:
        """Messages, as the queue estimates them, hidden ones too."""
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        told = self._ask("get_queue_attributes", AttributeNames=names).get("Attributes", {})
        return sum(int(told.get(name, 0)) for name in names)

    def _ask(self, action: str, **given: Any) -> Any:
        return ask(self.url, "sqs", action, self._region, QueueUrl=self.url, **given)


def ask(where: str, service: str, action: str, region: str = "", **given: Any) -> Any:
    """An answer of AWS.

    Raises
    ------
    BoxError
        Says where, and the reason that AWS names.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return getattr(client(service, region), action)(**given)
    except ClientError as error:
        reason = error.response.get("Error", {}).get("Code", "refused")
    except BotoCoreError as error:
        reason = type(error).__name__
    failed = BoxError(f"{where} cannot be used ({reason}): check its name and the role's permissions")
    failed.code = reason
    raise failed
