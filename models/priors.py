"""Attack priors: how likely an hour of an attacker holds a call, a place or a resource; made from public sources.

The file behind them is `pipeline/data/attack_priors.json`; `pipeline.datafiles` reads it and hands it in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

LEVELS = ("list", "read", "write", "tagging", "permissions")
CLASSES = ("evasion", "identity", "credentials", "execution", "sharing", "impact", "discovery")
"""Attack classes, those that harm before the one that looks around."""
OTHER = "other"
"""Resource type that stands for the types the priors do not name."""


@dataclass(frozen=True, slots=True)
class AttackAction:
    """What the priors say of one call."""

    attack_class: str
    """One of `CLASSES`; empty where the call is known but everybody makes it all day."""
    tactic: str
    """Name of the ATT&CK tactic."""
    techniques: tuple[str, ...]
    """Ids of ATT&CK techniques."""
    q: float | None
    """Probability that an attacker's hour holds the call; none where the access level's holds."""


@dataclass(frozen=True, slots=True)
class PlacePrior:
    """Share of attackers' hours with a value of a place or tool dimension."""

    new: float
    """That nobody in the deployment used before."""
    known: float
    """That others use, for all such values together."""


UNKNOWN = AttackAction("", "", (), None)


@dataclass(frozen=True)
class AttackPriors:
    """The attack side of evidence: probabilities an hour of an attacker, each within (0, 1).

    Examples
    --------
    >>> priors = AttackPriors.from_dict(
    ...     {
    ...         "version": "1",
    ...         "class_q": {"evasion": 0.025},
    ...         "level_q": {"list": 0.002, "read": 0.002, "write": 0.004, "tagging": 0.002, "permissions": 0.012},
    ...         "actions": {"cloudtrail:StopLogging": {"class": "evasion", "tactic": "Defense Evasion", "q": 0.025}},
    ...         "place": {"country": {"new": 0.5, "known": 0.1}},
    ...         "resource": {"bucket": 0.15, "other": 0.02},
    ...         "exposure": 0.04,
    ...         "denied": 0.35,
    ...     }
    ... )
    >>> priors.q_action("cloudtrail:StopLogging", "write", True), priors.q_action("new-service:Look", "read", False)
    (0.025, 0.002)
    >>> priors.tactic("cloudtrail:StopLogging"), priors.place("country").new, priors.q_resource("bucket")
    ('Defense Evasion', 0.5, 0.15)
    """

    version: str
    exposure: float
    """Something is opened to the outside."""
    denied: float
    """A call is denied, given that it is made."""
    actions: Mapping[str, AttackAction]
    level_q: Mapping[str, float]
    class_q: Mapping[str, float]
    places: Mapping[str, PlacePrior]
    resources: Mapping[str, float]

    @cached_property
    def _any_case(self) -> dict[str, AttackAction]:
        """Actions by their name in lower case, as IAM compares them: no spelling makes a call harmless."""
        return {name.lower(): entry for name, entry in self.actions.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read the file's mapping; refuse what is no probability.

        Raises
        ------
        ValueError
            A key is missing, a class is unknown or a number is not within (0, 1).
        """
        try:
            levels = {level: _probability(data["level_q"][level], f"level_q.{level}") for level in LEVELS}
            resources = {kind: _probability(q, f"resource.{kind}") for kind, q in data["resource"].items()}
            if OTHER not in resources:
                raise KeyError(f"resource.{OTHER}")
            return cls(
                version=str(data["version"]),
                exposure=_probability(data["exposure"], "exposure"),
                denied=_probability(data["denied"], "denied"),
                actions={action: _action(action, entry) for action, entry in data["actions"].items()},
                level_q=levels,
                class_q={name: _probability(q, f"class_q.{name}") for name, q in data["class_q"].items()},
                places={
                    dimension: PlacePrior(
                        _probability(prior["new"], f"place.{dimension}.new"),
                        _probability(prior["known"], f"place.{dimension}.known"),
                    )
                    for dimension, prior in data["place"].items()
                },
                resources=resources,
            )
        except KeyError as error:
            raise ValueError(
                f"attack priors lack {error.args[0]}; make them anew with scripts.make_attack_priors"
            ) from error

    def action(self, action: str) -> AttackAction:
        """Return what is known of a call, `UNKNOWN` when nothing is."""
        return self.actions.get(action) or self._any_case.get(action.lower(), UNKNOWN)

    def q_action(self, action: str, level: str, write: bool) -> float:
        """Return the probability that an hour of an attacker holds the call.

        Parameters
        ----------
        action
            `service:EventName`.
        level
            Access level; one that is not known counts as read or write.
        write
            The call changes something.
        """
        known = self.action(action)
        if known.q is not None:
            return known.q
        return self.level_q.get(level) or self.level_q["write" if write else "read"]

    def tactic(self, action: str) -> str:
        """Return the ATT&CK tactic a call is known for, empty when none."""
        return self.action(action).tactic

    def techniques(self, action: str) -> tuple[str, ...]:
        """Return the ids of the ATT&CK techniques a call is known for."""
        return self.action(action).techniques

    def place(self, dimension: str) -> PlacePrior:
        """Return the prior of a place or tool dimension: country, asn, prefix, agent, region or account."""
        return self.places[dimension]

    def q_resource(self, kind: str) -> float:
        """Return the probability that an hour of an attacker touches a resource of the type."""
        return self.resources.get(kind, self.resources[OTHER])


def _action(action: str, entry: Mapping[str, Any]) -> AttackAction:
    attack_class = entry["class"]
    if attack_class and attack_class not in CLASSES:
        raise ValueError(f"attack priors give {action} the class {attack_class!r}; classes are {', '.join(CLASSES)}")
    q = _probability(entry["q"], f"actions.{action}.q") if "q" in entry else None
    return AttackAction(attack_class, entry["tactic"], tuple(entry.get("techniques", ())), q)


def _probability(value: Any, name: str) -> float:
    if not isinstance(value, int | float) or not 0 < value < 1:
        raise ValueError(f"attack priors give {name} = {value!r}; give a probability within (0, 1)")
    return float(value)
