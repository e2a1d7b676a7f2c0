"""What is left of our English in a text that was told in Korean, its names taken out."""

import re
from collections.abc import Iterable

from pipeline.words.catalogue import find_words

KOREAN = find_words("ko")
_NO_WORDS = {"mfa", "url", "aws", "vpc", "root", "ci", "as", "acl", "nat", "vpn", "ssh", "api", "id"}


def find_english(text: str, names: Iterable[str] = ()) -> list[str]:
    """Words of a text that are neither Korean nor names.

    >>> find_english("ann: s3:GetObject 호출, from Seoul", ["ann", "Seoul"])
    ['from']
    """
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    text = re.sub(r"[a-z0-9-]+:[A-Z]\w+", "", text)
    return [word for word in re.findall(r"[A-Za-z]{2,}", text) if word.lower() not in _NO_WORDS]
