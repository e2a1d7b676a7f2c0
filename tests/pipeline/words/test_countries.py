"""Countries are called by their names in each language."""

import pytest

from pipeline.words.countries import name_country, name_with_code


@pytest.mark.parametrize(("code", "language", "name"), [("UA", "en", "Ukraine (UA)"), ("KR", "ko", "대한민국 (KR)")])
def test_a_country_has_its_name_and_its_code(code: str, language: str, name: str) -> None:
    assert name_with_code(code, language) == name


def test_what_is_no_country_is_told_as_it_is() -> None:
    assert name_country("X9") == name_with_code("X9") == "X9"
