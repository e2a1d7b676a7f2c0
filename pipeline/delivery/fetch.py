"""Fetch an object of a trail with bounded memory: a small one into memory, a large one beside it on disk."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pipeline.delivery.box import GONE, client
from pipeline.delivery.gathered import NO_PATH, delivery_of, origin_of_key
from pipeline.delivery.item import S3Object
from pipeline.documents.document import Transport
from pipeline.errors import OddtrailError
from pipeline.ingest.log_file import LogFile

_IN_MEMORY: Final = 8 << 20
"""Bytes of an object, packed."""
_BLOCK: Final = 1 << 20


class GoneError(OddtrailError):
    """An object is not there any more."""


class FetchError(OddtrailError):
    """An object cannot be read at present, or may not be."""


@contextmanager
def fetched(item: S3Object) -> Iterator[tuple[LogFile, Transport]]:
    """An object as a file to work on, while the block lasts.

    Raises
    ------
    GoneError
        It is not there.
    FetchError
        It may not be read, its key may not be used, or the bucket does not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    where = f"s3://{item.bucket}/{item.key}"
    try:
        body = client("s3").get_object(Bucket=item.bucket, Key=item.key)["Body"]
        content, path, digest = _take(body)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "refused"))
        if code in GONE:
            raise GoneError(f"{where} is not there") from error
        raise FetchError(
            f"{where} cannot be read ({code}): allow s3:GetObject, s3:ListBucket and kms:Decrypt of its key"
        ) from error
    except BotoCoreError as error:
        raise FetchError(f"{where} cannot be read at present ({type(error).__name__})") from error
    except OSError as error:
        raise FetchError(
            f"{where} cannot be kept while it is read ({error.strerror or type(error).__name__}): give the function "
            "more ephemeral storage"
        ) from error
    transport = Transport(bucket=item.bucket, key=item.key)
    try:
        yield LogFile(path, digest, origin_of_key(item.key), delivery_of(transport), content), transport
    finally:
        if path != NO_PATH:
            path.unlink(missing_ok=True)


def _take(body: Any) -> tuple[bytes | None, Path, str]:
    """Content, or where it lies when it is large, and its digest."""
    digest, held, path = hashlib.sha256(), bytearray(), NO_PATH
    with body:
        while len(held) <= _IN_MEMORY and (block := body.read(_BLOCK)):
            digest.update(block)
            held += block
        if len(held) <= _IN_MEMORY:
            return bytes(held), NO_PATH, digest.hexdigest()
        handle, name = tempfile.mkstemp(prefix="oddtrail-")
        path = Path(name)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(held)
                while block := body.read(_BLOCK):
                    digest.update(block)
                    out.write(block)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return None, path, digest.hexdigest()
