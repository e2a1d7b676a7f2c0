"""What somebody may give to be ingested: paths of this machine, a bucket, a queue, indices of a search engine."""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import unquote, urlsplit

from pipeline.delivery.allowed import Place, read_places
from pipeline.errors import OddtrailError, SettingsError
from pipeline.search.url import is_engine_url
from pipeline.sources.index.place import IndexPlace, parse_place

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d", re.ASCII)
_ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)
_QUEUE: Final = re.compile(r"[A-Za-z0-9_-]{1,80}(?:\.fifo)?", re.ASCII)
_ARN: Final = re.compile(r"arn:aws[a-z-]*:(s3|sqs):", re.ASCII)
_HOST: Final = re.compile(r"sqs(?:-fips)?\.(?P<region>[a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)", re.ASCII)
_PLAYED: Final = re.compile(r"http://(?:127\.0\.0\.1|localhost)(?::\d+)?/\d{12}/[\w.-]+", re.ASCII)
"""A queue that is played on this machine."""
_S3: Final = "s3://bucket/prefix"
_INDEX: Final = "opensearch+https://host:9200/cloudtrail-*"
_SQS: Final = "sqs://region/account/queue?bucket=NAME/PREFIX"


class AddressError(OddtrailError):
    """An address to ingest from that cannot be understood; the message says how to write it."""


class Access(NamedTuple):
    """With whose rights something in AWS is read."""

    role: str = ""
    """ARN of a role to assume; "" for the rights that boto3 finds."""
    external_id: str = ""
    region: str = ""


OWN: Final = Access()
"""The rights that boto3 finds."""


class BucketAddress(NamedTuple):
    """Objects of a bucket."""

    bucket: str
    prefix: str = ""
    access: Access = OWN

    @property
    def text(self) -> str:
        """As people write it."""
        return f"s3://{self.bucket}/{self.prefix}"


class QueueAddress(NamedTuple):
    """A queue to which new objects are told."""

    name: str
    account: str
    url: str = ""
    """Where it was given; else AWS is asked."""
    places: Sequence[Place] = ()
    """Objects that its messages may name."""
    access: Access = OWN

    @property
    def text(self) -> str:
        """As people write it."""
        return f"sqs://{self.access.region}/{self.account}/{self.name}"


Address: TypeAlias = str | BucketAddress | QueueAddress | IndexPlace
"""A path is a str."""


def parse_address(text: str) -> Address:
    """What an argument means; whatever is no address is a path.

    Raises
    ------
    AddressError
        It is an address, and of a kind that cannot be read or not well written.

    Examples
    --------
    >>> parse_address("trail/")
    'trail/'
    >>> parse_address("s3://my-trail/AWSLogs/?region=eu-west-1").access.region
    'eu-west-1'
    >>> parse_address("sqs://eu-west-1/111122223333/trail?bucket=my-trail/AWSLogs/").name
    'trail'
    >>> parse_address("opensearch+http://localhost:9200/cloudtrail-*").pattern
    'cloudtrail-*'
    """
    arn = _ARN.match(text)
    if arn:
        return _bucket_arn(text) if arn[1] == "s3" else _queue_arn(text)
    if is_engine_url(text):
        return _index(text)
    scheme, separator, _ = text.partition("://")
    if not separator or not re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme, re.ASCII):
        return text
    if scheme not in _SCHEMES:
        raise AddressError(
            f"'{_short(text)}' is no path on this machine: fetch it and give the file or folder, or give {_S3}, "
            f"{_SQS} or {_INDEX}"
        )
    return _SCHEMES[scheme](text)


def _index(text: str) -> IndexPlace:
    try:
        return parse_place(text)
    except SettingsError as error:
        raise AddressError(str(error)) from error


def _bucket(text: str) -> BucketAddress:
    where, options = _options(text, ("role", "external_id", "region"))
    bucket, _, prefix = where.partition("://")[2].partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise AddressError(f"'{_short(text)}' names no bucket: write {_S3}")
    if any(sign in prefix for sign in "*?["):
        raise AddressError(
            f"'{_short(text)}' has a pattern, and a bucket is listed by prefix: give the part before it, and --since "
            "for its days"
        )
    return BucketAddress(bucket, prefix, _access(text, options))


def _bucket_arn(text: str) -> BucketAddress:
    parts = text.split(":", 5)
    if len(parts) < 6 or parts[3] or parts[4]:
        raise AddressError(
            f"'{_short(text)}' is no bucket's ARN: write {_S3}, with an access point's alias as the bucket"
        )
    return _bucket(f"s3://{parts[5]}")


def _queue(text: str) -> QueueAddress:
    where, options = _options(text, ("role", "external_id", "bucket"))
    parts = where.partition("://")[2].split("/")
    if len(parts) != 3:
        raise AddressError(f"'{_short(text)}' names no queue: write {_SQS}")
    region, account, name = parts
    return _made_queue(text, region, account, name, "", options)


def _queue_arn(text: str) -> QueueAddress:
    where, options = _options(text, ("role", "external_id", "bucket"))
    region, account, name = [*where.split(":", 5)[3:], "", ""][:3]
    return _made_queue(text, region, account, name, "", options)


def _queue_url(text: str) -> QueueAddress:
    where, options = _options(text, ("role", "external_id", "bucket", "region"))
    parts = urlsplit(where)
    host = _HOST.fullmatch(parts.hostname or "")
    path = parts.path.strip("/").split("/")
    if not (host and parts.scheme == "https" and not parts.username) and not _PLAYED.fullmatch(where):
        raise AddressError(
            f"'{_short(text)}' is neither a path on this machine nor a queue's URL: fetch it and give the file or "
            "folder"
        )
    if len(path) != 2:
        raise AddressError(f"'{_short(text)}' names no queue: write https://sqs.REGION.amazonaws.com/ACCOUNT/QUEUE")
    region = host["region"] if host else _one(options, "region") or "us-east-1"
    return _made_queue(text, region, path[0], path[1], where, options)


def _made_queue(
    text: str, region: str, account: str, name: str, url: str, options: dict[str, list[str]]
) -> QueueAddress:
    if not (_REGION.fullmatch(region) and _ACCOUNT.fullmatch(account) and _QUEUE.fullmatch(name)):
        raise AddressError(f"'{_short(text)}' names no queue: write {_SQS}")
    try:
        places = read_places(" ".join(options.get("bucket", [])))
    except ValueError as error:
        raise AddressError(f"'{_short(text)}': {error}") from error
    if not places:
        raise AddressError(
            f"'{_short(text)}' does not say which bucket its messages may name, and anybody may write one: add "
            "?bucket=NAME/PREFIX"
        )
    return QueueAddress(name, account, url, tuple(places), _access(text, options)._replace(region=region))


def _options(text: str, known: Sequence[str]) -> tuple[str, dict[str, list[str]]]:
    where, _, query = text.partition("?")
    options: dict[str, list[str]] = {}
    for part in query.split("&") if query else []:
        name, _, value = part.partition("=")
        if name not in known or not value:
            raise AddressError(f"'{_short(text)}' has the option '{name[:40]}': give {', '.join(known)} and a value")
        options.setdefault(name, []).append(unquote(value))
    return where, options


def _access(text: str, options: dict[str, list[str]]) -> Access:
    access = Access(_one(options, "role"), _one(options, "external_id"), _one(options, "region"))
    if access.role and not _ROLE.fullmatch(access.role):
        raise AddressError(f"'{_short(text)}' has no role's ARN: write role=arn:aws:iam::111122223333:role/NAME")
    if access.region and not _REGION.fullmatch(access.region):
        raise AddressError(f"'{_short(text)}' has no region: write region=eu-west-1")
    return access


def _one(options: dict[str, list[str]], name: str) -> str:
    return options.get(name, [""])[-1]


def _short(text: str) -> str:
    return text[:200]


_SCHEMES: Final[dict[str, Callable[[str], Address]]] = {
    "s3": _bucket,
    "s3a": _bucket,
    "s3n": _bucket,
    "sqs": _queue,
    "https": _queue_url,
    "http": _queue_url,
}
"""Who reads an address, by its scheme. Another kind of source is a line here and one in `pipeline.sources.several`."""
