"""Resources that calls touched: what requests name, else what records list; and what responses say was made."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec
from msgspec.structs import astuple

from features.call.made import MadeReader, name_made
from features.call.resource import RequestReader, name_listed, name_requested, name_wrapped
from features.call.resource_text import MOST, join
from features.normalise.memo import Memo
from features.normalise.rare import NO_TEXTS
from features.record.cloudtrail import ABSENT
from features.record.fields import Fields
from features.record.repair import DECODE_ERRORS

Tokens: TypeAlias = tuple[str, ...]

_ACCESS_POINT: Final = "access_point:"


class Touched(NamedTuple):
    """What calls touched."""

    tokens: list[Tokens]
    """Of each row, all; what the call made comes first."""
    made: dict[int, Tokens]
    """Those that only the response names, of the few rows that made something."""


class Resources:
    """Finds the resources that calls touched, and remembers them."""

    def __init__(self) -> None:
        self.memo: Memo[tuple[RequestReader, Any], Tokens] = Memo(_name, 65_536)
        self._listed: Memo[bytes, Tokens] = Memo(name_listed, 32_768)

    def find(self, fields: Fields, readers: Sequence[RequestReader | None]) -> Touched:
        """Find the tokens of what each record touched, with the reader of its action."""
        tokens, makers = self._read_requests(fields.request_parameters, readers)
        listings = fields.resources
        for row in [row for row, listing in enumerate(listings) if listing is not ABSENT]:
            named = tokens[row]
            if not named:
                tokens[row] = self._listed[bytes(listings[row])]
            elif named[0].startswith(_ACCESS_POINT):  # the record tells the bucket behind it
                tokens[row] = join(named, self._listed[bytes(listings[row])])
        made: dict[int, Tokens] = {}
        responses = fields.response_elements
        for row, maker in makers:
            if responses[row] is not ABSENT and (new := name_made(maker, bytes(responses[row]), tokens[row])):
                made[row] = new[: max(MOST // 2, MOST - len(tokens[row]))]
                tokens[row] = join(made[row], tokens[row])
        return Touched(tokens, made)

    def _read_requests(
        self, requests: Sequence[msgspec.Raw], readers: Sequence[RequestReader | None]
    ) -> tuple[list[Tokens], list[tuple[int, MadeReader]]]:
        """Read what requests name; list the rows whose responses are to be read too."""
        named = self.memo
        tokens: list[Tokens] = [NO_TEXTS] * len(readers)
        makers: list[tuple[int, MadeReader]] = []
        for row, (reader, request) in enumerate(zip(readers, requests, strict=True)):
            if reader is None:
                continue
            if not reader.plain:
                if reader.made is not None:
                    makers.append((row, reader.made))
                if reader.wraps and request is not ABSENT:
                    tokens[row] = named[reader, bytes(request)]
                    continue
            if request is ABSENT:
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
        return tokens, makers


def _name(key: tuple[RequestReader, Any]) -> Tokens:
    """Name what a request does: whole, where it may be wrapped, else by the values of its fields."""
    reader, request = key
    return name_wrapped(reader, request) if reader.wraps else name_requested(reader, request)
