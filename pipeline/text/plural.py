"""So many of something, in words."""


def plural(number: int, what: str) -> str:
    """A number with the thing it counts.

    >>> plural(1, "day"), plural(1200, "account")
    ('1 day', '1,200 accounts')
    """
    return f"{number:,} {what}{'s' * (number != 1)}"
