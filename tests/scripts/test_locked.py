"""What a package is pinned to comes of the lock that everything else is tested with."""

import doctest

import pytest

from scripts import locked
from scripts.locked import pick_entries

LOCK = r"""# made
numpy==1 ; python_version < '3.12' \
    --hash=sha256:a
numpy==2 ; python_version >= '3.12' \
    --hash=sha256:b \
    --hash=sha256:c
six==3"""


def test_of_two_entries_the_one_for_its_python_is_taken_without_its_condition() -> None:
    assert pick_entries(LOCK, ["numpy"], {"python_version": "3.11"}) == "numpy==1 \\\n    --hash=sha256:a\n"
    both = pick_entries(LOCK, ["six", "numpy"], {"python_version": "3.13"})
    assert both == "numpy==2 \\\n    --hash=sha256:b \\\n    --hash=sha256:c\nsix==3\n"


def test_what_the_lock_lacks_is_named() -> None:
    with pytest.raises(ValueError, match="the lock has no seven"):
        pick_entries(LOCK, ["six", "seven"], {"python_version": "3.13"})


def test_its_example_runs() -> None:
    assert not doctest.testmod(locked).failed
