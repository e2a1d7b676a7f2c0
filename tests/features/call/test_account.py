"""Account numbers."""

import pytest

from features.call.account import is_account, safe_account
from tests.records import ACCOUNT


@pytest.mark.parametrize(("text", "kept"), [(ACCOUNT, ACCOUNT), ("", "unknown"), ("..", "__"), ("a/b\\c", "a_b_c"),
                                            ("١١١١١١١١١١١١", "_" * 12), ("x" * 500, "x" * 64)])  # fmt: skip
def test_accounts_are_safe_names_of_folders(text: str, kept: str) -> None:
    assert safe_account(text) == kept
    assert is_account(text) == (text == ACCOUNT)
