"""Commands for whoever is on call, with the names of the alert in them: every name is an attacker's to choose.

A name is quoted for the shell. One that the AWS CLI would read as something else (a file, an address), that cannot be
printed, or that is longer than any of AWS', is left out, and its command with it.
"""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

LONGEST: Final = 512
"""Characters of a name; ARNs are longer than names."""
MOST_EACH: Final = 3
"""Commands of one template."""
_READ_BY_THE_CLI = re.compile(r"(file|fileb|https?)://", re.IGNORECASE)
_PLACE = re.compile(r"\{(\w+)\}")
_PLAIN = re.compile(r"[\w.:/@+-]+", re.ASCII)
"""What the AWS CLI's shorthand, as in `Name=key,Values=x`, reads as one value."""
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")

Values = Mapping[str, Sequence[str]]
"""What may stand at a template's places, by place."""


def quote(name: str) -> str | None:
    """A name as one word of a shell; None for what must not stand in a command.

    >>> quote("backup"), quote("x; rm -rf ~"), quote("file:///etc/passwd"), quote("a" + chr(10) + "b")
    ('backup', "'x; rm -rf ~'", None, None)
    """
    if not name or len(name) > LONGEST or not name.isprintable() or _READ_BY_THE_CLI.match(name):
        return None
    return shlex.quote(name)


def fill(template: str, values: Values, region: str = "") -> list[str]:
    """The commands of a template: one for each value of its place, at most `MOST_EACH`.

    Parameters
    ----------
    template
        A command with places in braces, as in `aws kms enable-key --key-id {key}`. Of several places all but one must
        have one value, or nobody could say which belong together.
    values
        What may stand there.
    region
        Given to the command where it is the name of one.

    Examples
    --------
    >>> fill("aws kms enable-key --key-id {key}", {"key": ["a b"]}, "eu-west-1")
    ["aws kms enable-key --key-id 'a b' --region eu-west-1"]
    >>> fill("aws kms enable-key --key-id {key}", {})
    []
    >>> fill("aws ec2 describe-snapshots --filters Name=volume-id,Values={volume}", {"volume": ["v,Name=x"]})
    []
    """
    places = list(dict.fromkeys(_PLACE.findall(template)))
    choices = {place: _quoted(values.get(place, ()), within_shorthand=f"={{{place}}}" in template) for place in places}
    if not all(choices.values()):
        return []
    many = [place for place in places if len(choices[place]) > 1]
    if len(many) > 1:
        return []
    end = f" --region {region}" if _REGION.fullmatch(region) else ""
    width = max((len(choices[place]) for place in places), default=1)
    made = []
    for number in range(min(width, MOST_EACH)):
        chosen = {place: found[number if place in many else 0] for place, found in choices.items()}
        made.append(_set(template, chosen) + end)
    return made


def _quoted(names: Iterable[str], within_shorthand: bool) -> list[str]:
    fit = [name for name in dict.fromkeys(names) if not within_shorthand or _PLAIN.fullmatch(name)]
    return [quoted for name in fit if (quoted := quote(name)) is not None]


def _set(template: str, chosen: Mapping[str, str]) -> str:
    """The template with its places filled, in one pass, so that a name in braces is only ever a name."""
    parts: list[str] = []
    end = 0
    for place in _PLACE.finditer(template):
        before, value = template[end : place.start()], chosen[place[1]]
        if value.startswith(("-", "'-")) and before.endswith(" "):
            before = f"{before[:-1]}="  # or it would be read as an option
        parts += [before, value]
        end = place.end()
    return "".join([*parts, template[end:]])
