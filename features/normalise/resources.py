"""Resources that calls touched: what the request names; where it names nothing, what the record lists."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec
from msgspec.structs import astuple

from features.call.resource import RequestReader, name_listed, name_requested
from features.normalise.memo import Memo
from features.normalise.rare import NO_TEXTS
from features.record.cloudtrail import ABSENT
from features.record.fields import Fields
from features.record.repair import DECODE_ERRORS

Tokens: TypeAlias = tuple[str, ...]


class Resources:
    """Finds the resources that calls touched, and remembers them."""

    def __init__(self) -> None:
        self.memo: Memo[tuple[RequestReader, tuple[Any, ...]], Tokens] = Memo(lambda key: name_requested(*key), 65_536)
        self._listed: Memo[bytes, Tokens] = Memo(name_listed, 32_768)

    def find(self, fields: Fields, readers: Sequence[RequestReader | None]) -> list[Tokens]:
        """Find the tokens of what each record touched, with the reader of its request."""
        tokens = self._read_requests(fields.request_parameters, readers)
        listings = fields.resources
        for row in [row for row, listing in enumerate(listings) if listing is not ABSENT]:
            if not tokens[row]:
                tokens[row] = self._listed[bytes(listings[row])]
        return tokens

    def _read_requests(self, requests: Sequence[msgspec.Raw], readers: Sequence[RequestReader | None]) -> list[Tokens]:
        named = self.memo
        tokens: list[Tokens] = [NO_TEXTS] * len(readers)
        for row, (reader, request) in enumerate(zip(readers, requests, strict=True)):
            if reader is None or request is ABSENT:
                continue
            try:
                read = reader.decode(request)
            except DECODE_ERRORS:
                continue
            if read is None:
                continue
            values = astuple(read)
            try:
                tokens[row] = named[reader, values]
            except TypeError:  # a list or an object is no key
                tokens[row] = name_requested(reader, values)
        return tokens
