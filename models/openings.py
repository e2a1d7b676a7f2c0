"""What an exposure's token says, in words: what was opened to whom, done or only tried."""

from typing import Final, NamedTuple


class Opening(NamedTuple):
    """The words of one kind of token; `{what}` is the thing that was opened, `{whom}` the token's value."""

    done: str
    tried: str
    noun: str
    """For a reason: the first … ."""
    unnamed: str = "something"
    """The thing, where no resource is known."""


_TO: Final = Opening("opened {what} to {whom}", "open {what} to {whom}", "opening to {whom}")
_WORDS: Final = {
    "policy": Opening("granted {whom}{to}", "grant {whom}{to}", "grant of {whom}"),
    "public_access_block": Opening(
        "switched off the block of public access{of}", "switch off the block of public access{of}",
        "switching off of a block of public access",
    ),
    "public": Opening("made {what} public", "make {what} public", "making public of a {whom}", "a {whom}"),
    "function_url": Opening(
        "opened the URL of {what} to everybody", "open the URL of {what} to everybody",
        "opening of a function's URL to everybody", "a function",
    ),
}  # fmt: skip
_EVERYBODY: Final = frozenset({"principal:*", "cidr:0.0.0.0/0", "cidr:::/0"})


def word_opening(token: str, what: str = "", *, tried: bool = False) -> str:
    """What opening something came to, or what was tried.

    >>> word_opening("principal:*", "snapshot pay-7"), word_opening("account:777788889999", tried=True)
    ('opened snapshot pay-7 to everybody', 'open something to account 777788889999')
    >>> word_opening("identity_provider:idp.example.net", "identity provider idp.example.net")
    'opened the account to identity provider idp.example.net'
    >>> word_opening("policy:AdministratorAccess", "user eve")
    'granted AdministratorAccess to user eve'
    """
    words = _words(token)
    whom = _word_whom(token)
    thing = what or words.unnamed.replace("{whom}", whom)
    if thing == whom:  # who was let in is all that the call names, as where an identity provider is made
        thing = "the account"
    sentence = words.tried if tried else words.done
    parts = {
        "{what}": thing,
        "{whom}": whom,
        "{to}": f" to {what}" if what else "",
        "{of}": f" of {what}" if what else "",
    }
    return "".join(parts.get(part, part) for part in _split(sentence))


def name_opening(token: str) -> str:
    """The same as a thing that can be the first of its kind.

    >>> name_opening("cidr:0.0.0.0/0"), name_opening("policy:PowerUserAccess")
    ('opening to everybody on the internet', 'grant of PowerUserAccess')
    """
    return "".join(_word_whom(token) if part == "{whom}" else part for part in _split(_words(token).noun))


def _words(token: str) -> Opening:
    return _WORDS.get(token.partition(":")[0], _TO)


def _word_whom(token: str) -> str:
    kind, _, value = token.partition(":")
    if token in _EVERYBODY:
        return "everybody on the internet" if kind == "cidr" else "everybody"
    return value if kind in ("cidr", "policy", "public") else f"{kind.replace('_', ' ')} {value}"


def _split(sentence: str) -> list[str]:
    """A sentence in its words and places, so that a name with braces is never read as a place."""
    parts: list[str] = []
    for text in sentence.split("{"):
        place, closed, rest = text.partition("}")
        parts += [f"{{{place}}}", rest] if closed else [text]
    return parts
