"""The data files that ship with the package: read whole, checked against their types, never from anywhere else."""

from importlib.resources import files
from typing import Required, TypedDict, TypeVar

import msgspec

from pipeline.errors import OddtrailError

MOST_BYTES = 2_000_000
"""No data file of ours is larger; a larger one is not ours."""


class IamActions(TypedDict):
    """`iam_actions.json`: for each IAM prefix and access level, the names of its actions in one string."""

    source: dict[str, str]
    services: dict[str, dict[str, str]]


AttackEntry = TypedDict(
    "AttackEntry",
    {"class": Required[str], "tactic": Required[str], "techniques": Required[list[str]], "q": float},
    total=False,
)
"""One action of `attack_priors.json`; without `q` its access level's holds."""


class AttackPriorsFile(TypedDict):
    """`attack_priors.json`: what `models.priors.AttackPriors.from_dict` reads."""

    version: str
    sources: list[dict[str, str]]
    class_q: dict[str, float]
    level_q: dict[str, float]
    place: dict[str, dict[str, float]]
    resource: dict[str, float]
    exposure: float
    denied: float
    actions: dict[str, AttackEntry]


class WorldMapFile(TypedDict):
    """`world_map.json`: what `scripts/make_world_map.py` writes."""

    source: str
    width: int
    height: int
    countries: dict[str, tuple[int, int, str]]
    """By ISO code: the middle, right and down, and an SVG path, empty where there is only a middle."""


Shape = TypeVar("Shape")


def read_iam_actions() -> IamActions:
    """Return the access level of every IAM action.

    >>> "StopLogging" in read_iam_actions()["services"]["cloudtrail"]["write"].split()
    True
    """
    return _read("iam_actions.json", IamActions)


def read_attack_priors() -> AttackPriorsFile:
    """Return the attack priors as the file holds them.

    >>> read_attack_priors()["actions"]["cloudtrail:StopLogging"]["class"]
    'evasion'
    """
    return _read("attack_priors.json", AttackPriorsFile)


def read_world_map() -> WorldMapFile:
    """Return the outlines of countries.

    >>> read_world_map()["countries"]["SG"]
    (1577, 496, '')
    """
    return _read("world_map.json", WorldMapFile)


def _read(name: str, shape: type[Shape]) -> Shape:
    try:
        with (files("pipeline") / "data" / name).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise OddtrailError(f"{name} is larger than {MOST_BYTES} bytes and not ours; install oddtrail again")
        return msgspec.json.decode(content, type=shape)
    except OSError as error:
        raise OddtrailError(f"{name} cannot be read ({error}); install oddtrail again") from error
    except msgspec.MsgspecError as error:
        raise OddtrailError(f"{name} is not what this version writes ({error}); install oddtrail again") from error
