"""A manifest says what was signed with the key, or one line of why it is not believed."""

import hmac
import json
import random

import pytest

from models.manifest import MOST_FILES, MOST_MANIFEST_BYTES, hash_file, make_manifest, read_manifest
from models.seal import BundleError, UnsignedError

KEY = b"k" * 32
HASHES = {
    name: hash_file(name.encode()) for name in ("meta.json", "pairs.parquet", "tokens.parquet", "week_told.parquet")
}
CONTENT = make_manifest(HASHES, "20500-0123", KEY, {"first_day": "2026-03-02"})


def test_it_says_what_was_signed() -> None:
    told = read_manifest(CONTENT, KEY)
    assert (told["format"], told["model_id"], told["files"]) == (2, "20500-0123", HASHES)
    assert told["note"] == {"first_day": "2026-03-02"}


def test_as_many_files_as_there_may_be_fit_a_manifest() -> None:
    names = ["pairs.parquet", *(f"pairs-{number:04d}.parquet" for number in range(1, MOST_FILES))]
    content = make_manifest(dict.fromkeys(names, hash_file(b"")), "1-a", KEY)
    assert len(read_manifest(content, KEY)["files"]) == MOST_FILES
    with pytest.raises(BundleError, match="cannot be signed"):
        make_manifest(dict.fromkeys([*names, "cells.parquet"], ""), "1-a", KEY)


def test_only_the_signature_is_told_apart() -> None:
    with pytest.raises(UnsignedError):
        read_manifest(make_manifest(HASHES, "20500-0123", b"other" * 8), KEY)


NOT_READ = {
    "not ASCII": b'{"signed": "{}", "signature": "\xc3\xa9"}',
    "half a character": b'{"signed": "\\ud800", "signature": "\\udfff"}',
    "deep": b"[" * 200_000,
    "deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "deep inside": b'{"signed": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    "long": b'{"signed": "' + b"a" * MOST_MANIFEST_BYTES + b'", "signature": ""}',
    "a huge number": b'{"signed": ' + b"9" * 20_000 + b', "signature": ""}',
    "wrong types": b'{"signed": {"files": 1}, "signature": 7}',
    "null": b"null",
    "a list": b'["signed", "signature"]',
    "not UTF-8": b"\xff\xfe{}",
    "empty": b"",
}


@pytest.mark.parametrize("content", NOT_READ.values(), ids=NOT_READ)
def test_a_manifest_that_is_none_is_one_line(content: bytes) -> None:
    with pytest.raises(BundleError, match="run `oddtrail train`") as told:
        read_manifest(content, KEY)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "body",
    ["[]", "7", "{}", '{"format": 1}', '{"format": 1, "model_id": 2, "files": {}}', "[" * 50_000]
    + [
        f'{{"format": 1, "model_id": "a", "files": {files}}}'
        for files in (
            "[]",
            '{"../a": "b"}',
            '{"meta.json": 1}',
            '{"pairs-0001.parquet": "b"}',
            '{"meta.json": "b", "meta-0001.json": "b"}',
            '{"pairs.parquet": "b", "pairs-0002.parquet": "b"}',
            '{"pairs.parquet": "b", "pairs-0000.parquet": "b"}',
            '{"pairs.parquet": "b", "pairs-00001.parquet": "b"}',
            json.dumps(
                dict.fromkeys(["a.parquet", *(f"a-{number:04d}.parquet" for number in range(1, MOST_FILES + 1))], "b")
            ),
        )
    ],
)
def test_what_was_signed_is_looked_at_all_the_same(body: str) -> None:
    signed = {"signed": body, "signature": hmac.new(KEY, body.encode(), "sha256").hexdigest()}
    with pytest.raises(BundleError, match="run `oddtrail train`"):
        read_manifest(json.dumps(signed).encode(), KEY)


def test_a_changed_manifest_is_never_believed_and_never_a_traceback() -> None:
    """Bytes changed, left out, put in and doubled, at places drawn by chance; the seed is the test's number."""
    right = read_manifest(CONTENT, KEY)
    for seed in range(2_000):
        draw = random.Random(seed)
        content = bytearray(CONTENT)
        for _ in range(draw.randint(1, 4)):
            at, span = draw.randrange(len(content)), draw.randint(0, 40)
            content[at : at + span] = draw.choice([b"", draw.randbytes(3), b'"', b"[{", content[at : at + span] * 2])
        told = read_or_tell(bytes(content))
        assert told == right or (isinstance(told, str) and "\n" not in told), f"seed {seed}"


def read_or_tell(content: bytes) -> object:
    """What a manifest says, or why it is not read."""
    try:
        return read_manifest(content, KEY)
    except BundleError as error:
        return str(error)
