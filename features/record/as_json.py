"""What was decoded written as JSON again, as it was."""

import json
from typing import Any


def as_json(value: Any) -> bytes:
    r"""A value as JSON; half a character, which UTF-8 cannot say, as an escape.

    >>> as_json({"userName": "é"}).decode(), as_json({"userName": "\ud800"}).decode()
    ('{"userName":"é"}', '{"userName":"\\ud800"}')
    """
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
