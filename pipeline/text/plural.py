"""So many of something, in words."""


def plural(number: int, what: str) -> str:
    """A number with the thing it counts.

    >>> plural(1, "day"), plural(1200, "account")
    ('1 day', '1,200 accounts')
    """
    return f"{number:,} {what}{'s' * (number != 1)}"


def agree(number: int, one: str = "is", many: str = "are") -> str:
    """The form of a word that goes with a number of things.

    >>> agree(1), agree(2), agree(1, "was", "were")
    ('is', 'are', 'was')
    """
    return one if number == 1 else many
