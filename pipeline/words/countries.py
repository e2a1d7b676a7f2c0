"""What countries are called, by their codes, in each language."""

from collections.abc import Mapping
from functools import cache


def name_country(code: str, language: str = "en") -> str:
    """What a country is called; its code where that is not known.

    >>> name_country("KR"), name_country("KR", "ko"), name_country("unknown")
    ('South Korea', '대한민국', 'unknown')
    """
    return str(_names(language).get(code, code))


def name_with_code(code: str, language: str = "en") -> str:
    """The same with the code behind it, as elsewhere it stands alone.

    >>> name_with_code("UA"), name_with_code("unknown")
    ('Ukraine (UA)', 'unknown')
    """
    name = name_country(code, language)
    return name if name == code else f"{name} ({code})"


@cache
def _names(language: str) -> Mapping[str, str]:
    from babel import Locale  # who names no country needs none of it

    names: Mapping[str, str] = Locale.parse(language).territories
    return names
