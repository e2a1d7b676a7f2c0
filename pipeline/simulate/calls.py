"""The calls that can be made, parsed from the table of services, with the parts of a record that never change."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from pipeline.simulate.requests import KINDS, SETTINGS, SPECIAL

GLOBAL: Final = frozenset({"iam", "organizations", "cloudfront", "route53", "support", "ce", "budgets", "billing"})
"""Services whose records CloudTrail writes in us-east-1 whatever region the caller is in."""
TABLE: Final = Path(__file__).resolve().parent.parent / "data" / "demo_calls.txt"


@dataclass(frozen=True, slots=True)
class Call:
    """An API call: what the record says of it, and how common it is within its service."""

    service: str
    name: str
    kind: str
    read_only: bool
    data: bool
    weight: float
    request: str
    """JSON of its parameters, a template of `str.format_map`; `null` for none."""
    response: str
    middle: str = field(repr=False)
    read: str = field(repr=False)
    tail: str = field(repr=False)
    category: str = field(repr=False)
    host: str = field(repr=False)
    plain: bool = field(repr=False)
    """Whether the request has nothing to fill in."""
    special: bool = field(repr=False)
    """Whether its parameters say more than which thing it touches."""


def _call(service: str, name: str, access: str, kind: str, rank: int) -> Call:
    read_only = access in ("r", "dr")
    data = access[0] == "d"
    action = f"{service}:{name}"
    request, response = SPECIAL.get(action, (SETTINGS.get(action, KINDS[kind]), "null"))
    kind_of_event = "AwsConsoleSignIn" if service == "signin" else "AwsApiCall"
    return Call(
        service=service,
        name=name,
        kind=kind,
        read_only=read_only,
        data=data,
        weight=1 / (rank + 1) ** 1.3 * (1.0 if read_only else 0.35),
        request=request,
        response=response,
        middle=f'"eventSource":"{service}.amazonaws.com","eventName":"{name}","awsRegion":"',
        read=f'"readOnly":{"true" if read_only else "false"},',
        tail=f'"eventType":"{kind_of_event}","managementEvent":{"false" if data else "true"},',
        category=f'"eventCategory":"{"Data" if data else "Management"}"',
        host=f"{service}.",
        plain=request == "null" and response == "null",
        special=action in SPECIAL,
    )


@cache
def services() -> dict[str, tuple[Call, ...]]:
    """Return the calls of every service, services in order of how common they are.

    >>> list(services())[:3], services()["sts"][0].name
    (['ec2', 's3', 'sts'], 'GetCallerIdentity')
    """
    found: dict[str, list[Call]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        head, names = line.split(":", 1)
        service, access, kind = head.split()
        calls = found.setdefault(service, [])
        have = {call.name for call in calls}
        for rank, name in enumerate(names.split()):
            if name not in have:
                calls.append(_call(service, name, access, kind, rank))
    return {service: tuple(calls) for service, calls in found.items()}


@cache
def call(action: str) -> Call:
    """Return a call by `service:Name`; one that is in no table is a change of nothing in particular.

    >>> call("iam:CreateUser").read_only, call("s3:GetObject").data
    (False, True)
    """
    service, _, name = action.partition(":")
    for known in services().get(service, ()):
        if known.name == name:
            return known
    prefix = name.startswith(("Get", "List", "Describe", "Head", "BatchGet", "Lookup"))
    return _call(service, name, "r" if prefix else "w", "-", 20)
