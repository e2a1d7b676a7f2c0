"""What was opened, and to whom, in words: done and tried."""

import pytest

from features.call.exposure import find_exposures
from models.openings import name_opening, word_opening


@pytest.mark.parametrize(
    ("token", "what", "done", "tried", "noun"),
    [
        (
            "principal:*",
            "bucket pay",
            "opened bucket pay to everybody",
            "open bucket pay to everybody",
            "opening to everybody",
        ),
        (
            "account:777788889999",
            "",
            "opened something to account 777788889999",
            "open something to account 777788889999",
            "opening to account 777788889999",
        ),
        (
            "cidr:0.0.0.0/0",
            "security group sg-1",
            "opened security group sg-1 to everybody on the internet",
            "open security group sg-1 to everybody on the internet",
            "opening to everybody on the internet",
        ),
        (
            "cidr:::/0",
            "",
            "opened something to everybody on the internet",
            "open something to everybody on the internet",
            "opening to everybody on the internet",
        ),
        ("cidr:8.0.0.0/7", "", "opened something to 8.0.0.0/7", "open something to 8.0.0.0/7", "opening to 8.0.0.0/7"),
        (
            "policy:AdministratorAccess",
            "user eve",
            "granted AdministratorAccess to user eve",
            "grant AdministratorAccess to user eve",
            "grant of AdministratorAccess",
        ),
        (
            "policy:AdministratorAccess",
            "",
            "granted AdministratorAccess",
            "grant AdministratorAccess",
            "grant of AdministratorAccess",
        ),
        (
            "public_access_block:off",
            "bucket pay",
            "switched off the block of public access of bucket pay",
            "switch off the block of public access of bucket pay",
            "switching off of a block of public access",
        ),
        ("public:database", "", "made a database public", "make a database public", "making public of a database"),
        (
            "function_url:NONE",
            "",
            "opened the URL of a function to everybody",
            "open the URL of a function to everybody",
            "opening of a function's URL to everybody",
        ),
        (
            "identity_provider:idp.example.net",
            "identity provider idp.example.net",
            "opened the account to identity provider idp.example.net",
            "open the account to identity provider idp.example.net",
            "opening to identity provider idp.example.net",
        ),
        (
            "organization:o-abc",
            "",
            "opened something to organization o-abc",
            "open something to organization o-abc",
            "opening to organization o-abc",
        ),
    ],
)
def test_an_opening_reads_as_a_sentence(token: str, what: str, done: str, tried: str, noun: str) -> None:
    assert word_opening(token, what) == done
    assert word_opening(token, what, tried=True) == tried
    assert name_opening(token) == noun


def test_a_name_with_braces_is_no_place_in_the_sentence() -> None:
    assert word_opening("principal:*", "bucket {whom}") == "opened bucket {whom} to everybody"
    assert word_opening("account:{what}", "role {to") == "opened role {to to account {what}"


def test_what_a_request_is_found_to_open_has_words_of_its_own() -> None:
    request = b'{"policyArn": "arn:aws:iam::aws:policy/PowerUserAccess"}'
    [token] = find_exposures("iam:AttachRolePolicy", request, "111122223333")
    assert word_opening(token, "role ops") == "granted PowerUserAccess to role ops"
