"""Sealed text: the members beside it say who signed, and nothing is believed before."""

import json

import pytest

from models.seal import BundleError, UnsignedError, open_seal, seal

KEY = b"k" * 32


@pytest.mark.parametrize("text", ["", "told", '{"a": "ü"}', "x" * 100_000])
def test_a_text_is_read_back_with_its_key_alone(text):
    assert open_seal(seal(text, KEY), KEY) == text
    with pytest.raises(UnsignedError):
        open_seal(seal(text, KEY), b"other" * 8)


def test_an_empty_key_neither_signs_nor_verifies():
    for use in (lambda: seal("told", b""), lambda: open_seal(seal("told", KEY), b"")):
        with pytest.raises(BundleError, match="empty"):
            use()


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b'{"signed": 1}', b'{"signed": "a"}', b"[" * 100_000])
def test_what_is_no_seal_is_one_line(content):
    with pytest.raises(BundleError, match="the list cannot be read"):
        open_seal(content, KEY, "the list")


def test_a_verifier_is_shown_the_bytes_and_all_that_stands_beside():
    seen = []

    class Half:
        def sign(self, body):
            return {"signature": body.decode()[::-1], "key": "mine"}

        def check(self, body, beside):
            seen.append((body, dict(beside)))
            if beside["signature"] != body.decode()[::-1]:
                raise UnsignedError("changed")

    assert open_seal(seal("told", Half()), Half()) == "told"
    assert seen == [(b"told", {"signature": "dlot", "key": "mine"})]
    changed = json.dumps(json.loads(seal("told", Half())) | {"signed": "lies"}).encode()
    with pytest.raises(UnsignedError):
        open_seal(changed, Half())
