"""The catalogue holds every message, each translated, with the same places."""

import re

import pytest
from babel.messages.catalog import Message

from pipeline.words.catalogue import FOLDER, read_catalogue
from pipeline.words.language import DEFAULT, LANGUAGES
from scripts.make_catalogue import find_messages, write_catalogue

OTHERS = [language for language in LANGUAGES if language != DEFAULT]
_PLACES = re.compile(r"\{\w+\}|%\(\w+\)s|%%|</?[a-z][^>]*>|`[^`]*`")
"""What a translation must keep: places of values, tags, and commands."""


def forms(message: Message) -> list[tuple[str, str]]:
    """Each form of a translation beside the English it stands for."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return [(message.id[-1], form) for form in message.string]


@pytest.mark.parametrize("language", OTHERS)
def test_the_file_is_what_the_script_makes_of_templates_code_and_tables(language):
    assert (FOLDER / f"{language}.po").read_bytes() == write_catalogue(language), "run scripts/make_catalogue.py"


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated_with_its_places(language):
    messages = [message for message in read_catalogue(language) if message.id]
    assert len(messages) == len(find_messages())
    for message in messages:
        assert not message.fuzzy, message.id
        for english, said in forms(message):
            assert said.strip(), english
            assert sorted(_PLACES.findall(english)) == sorted(_PLACES.findall(said)), english
            assert (english[:1] == " ", english[-1:] == " ") == (said[:1] == " ", said[-1:] == " "), english


def test_what_is_said_in_code_and_templates_is_found():
    found = find_messages()
    assert found["Search"] == ["pipeline/page/app.py", "pipeline/page/templates/search.html"]
    assert found["To the content"] == ["pipeline/page/templates/base.html"]
