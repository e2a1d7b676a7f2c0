"""Check the tables of openings against their sources, and say which of AWS's calls they do not tell of.

Every action that the IAM definition calls permission management, and every call with a field for sharing
(`scripts/sources/sharing_fields.txt`), is in `features/call/opening_table.py` with the fields that open something, in
`features/call/no_opening.py` with the reason why it opens nothing, or takes away or reads by its name. Every field of
the table stands in AWS's service models, or is known from trails only. Run `python -m scripts.check_openings` after a
new IAM definition or new models; a test runs it too.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from features.call.no_opening import NO_OPENINGS
from features.call.opening import OPENINGS, Field
from scripts.make_iam_actions import TARGET as IAM_ACTIONS
from scripts.make_sharing_fields import TARGET as SHARING_FIELDS

TAKES_AWAY_OR_READS: Final = re.compile(
    r"(?:Batch)?(?:Delete|Remove|Detach|Revoke|Reject|Deauthorize|Retire|Disassociate|Dissociate|Deregister|Cancel|Reset|"
    r"Unlink|Terminate|Abort|Deactivate|Disable|Get|List|Describe|Test|Search|Validate)(?=[A-Z]|$)"
)
"""Names of calls that let nobody in; what only blocks public access is in the table before this is asked."""
NO_MODEL_TELLS: Final = frozenset({"always", "condition"})
"""Kinds of fields that no path in a model stands for."""
FROM_TRAILS: Final = {
    "policy.principal": "in a JSON text",
    "policy.allowfrompublic": "in a JSON text",
    "policydocument.destinationarn": "in a JSON text",
    "attributes.policy": "a member of a map, which models do not name",
    "bucketpolicy": "what CloudTrail calls the body of the request",
    "addentry.cidr": "what CloudTrail calls a member of a list of EC2",
}
"""Fields that no model has, and why."""


def read_fields(path: Path) -> dict[tuple[str, str], list[str]]:
    """Read the fields for sharing by service and name of the call, both in lower case."""
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    fields = {}
    for call, *paths in lines:
        service, _, name = call.partition(":")
        fields[service, name.lower()] = paths
    return fields


def find_unclassified(services: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Find the permission management of an IAM definition that no table tells of.

    >>> list(find_unclassified({"new": {"permissions": "DeletePolicy PutPolicy", "write": "CreateThing"}}))
    ['new:PutPolicy']
    """
    for service, levels in services.items():
        for name in levels.get("permissions", "").split():
            key = (service, name.lower())
            if key not in OPENINGS and key not in NO_OPENINGS and not TAKES_AWAY_OR_READS.match(name):
                yield f"{service}:{name}"


def find_unknown(fields: Mapping[tuple[str, str], list[str]]) -> Iterator[str]:
    """Find calls with a field for sharing that no table tells of.

    >>> list(find_unknown({("new", "sharething"): ["principals"]}))
    ['new:sharething principals']
    """
    for (service, name), paths in fields.items():
        if (service, name) not in OPENINGS and (service, name) not in NO_OPENINGS:
            yield f"{service}:{name} {' '.join(paths)}"


def find_misplaced(fields: Mapping[tuple[str, str], list[str]]) -> Iterator[str]:
    """Find fields of the table that stand in no model of their call, though AWS has a model of it."""
    for (service, name), told in OPENINGS.items():
        paths = fields.get((service, name))
        for field in told if paths is not None else ():
            if not _stands(field, paths or []):
                yield f"{service}:{name} {field.path}"


def _stands(field: Field, paths: list[str]) -> bool:
    """Whether a field stands in the models or is one of those that cannot."""
    return (
        field.kind in NO_MODEL_TELLS
        or field.path.startswith("x-amz-")
        or field.path in FROM_TRAILS
        or any(field.is_at(path) for path in paths)
    )


def main() -> int:
    """Print what is wrong; the exit code says whether anything is."""
    services = json.loads(IAM_ACTIONS.read_text(encoding="utf-8"))["services"]
    fields = read_fields(SHARING_FIELDS)
    wrong = [f"{action} manages permissions: add it to a table" for action in find_unclassified(services)]
    wrong += [f"{call} may share: add it to a table" for call in find_unknown(fields)]
    wrong += [f"{field} stands in no model: correct the table" for field in find_misplaced(fields)]
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
