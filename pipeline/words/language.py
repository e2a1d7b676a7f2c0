"""The languages that everything is told in."""

from collections.abc import Mapping
from typing import Final, Literal

Language = Literal["en", "ko"]
LANGUAGES: Final[Mapping[Language, str]] = {"en": "English", "ko": "한국어"}
"""What each language calls itself."""
DEFAULT: Final[Language] = "en"
"""The language that the code is written in, and that alerts are stored in."""
