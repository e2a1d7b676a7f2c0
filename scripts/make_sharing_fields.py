"""Make `scripts/sources/sharing_fields.txt`: the fields of requests that may share or publish, from AWS's models.

botocore brings the models of all services. A call is listed with each field whose name tells of a policy, a principal,
another account, an organization or a public switch, and each that `features/call/opening_table.py` says opens
something. Run `pip install botocore` and `python -m scripts.make_sharing_fields`; `scripts/check_openings.py` then says
what to classify.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from features.call.action_alias import IAM_PREFIXES
from features.call.no_opening import NO_OPENINGS
from features.call.opening import OPENINGS

TARGET = Path(__file__).resolve().parent / "sources" / "sharing_fields.txt"
READS: Final = re.compile(
    r"(?:Batch)?(?:Get|Describe|List|Head|Search|Lookup|Query|Scan|Select|View|Check|Test|Validate|Preview|Estimate|Delete|"
    r"Remove|Revoke|Detach|Disassociate|Deregister|Deauthorize|Untag|Tag|Reject|Cancel|Stop|Terminate|Simulate|Disable|"
    r"Discover)(?=[A-Z]|$)"
)
"""Calls that read, take away or label."""
SHARING: Final = re.compile(
    r"(?:resource|access|key|repository|bucket|topic|queue|endpoint|delivery\w*|management|identity|registry|table|model|"
    r"domain|project|assumerole)?polic(?:y|ies)(?:document|text|injson)?|accesspolicies|\w*principals?|principalarn|"
    r"(?:is)?publiclyaccessible|\w*publicaccess\w*|publicconnectivity|publicsharing\w*|allowunauthenticatedidentities|"
    r"(?:shared|target|consumer|peer|destination|owner|granted|trusted|authorized|admin|delegatedadmin|management|allowed)"
    r"\w*account\w*|sharedwith|valuestoadd|subscribers|cidrip\w*|whitelistcidr|projectvisibility|organizationarns?"
)
"""Names of fields, in lower case, that tell of sharing."""
_DEEPEST: Final = 7
_STEPS: Final = 3
"""Of a path that are kept, the last ones."""


def find_paths(
    shape: Any, above: tuple[str, ...] = (), inside: frozenset[str] = frozenset()
) -> Iterator[tuple[str, ...]]:
    """Find the paths of the scalars in a shape of a service model."""
    if len(inside) > _DEEPEST or shape.name in inside:
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from find_paths(member, (*above, name.lower()), inside | {shape.name})
    elif shape.type_name in ("list", "map"):
        yield from find_paths(shape.member if shape.type_name == "list" else shape.value, above, inside)
    else:
        yield above


def find_fields(service: str, call: str, shape: Any) -> set[str]:
    """Find the fields of a call that share, or that the table says open something."""
    paths = {".".join(path[-_STEPS:]) for path in find_paths(shape)}
    told = OPENINGS.get((service, call.lower()), ())
    return {
        path
        for path in paths
        if SHARING.fullmatch(path.rpartition(".")[2]) or any(field.path and field.is_at(path) for field in told)
    }


def find_all() -> dict[str, set[str]]:
    """Find the fields of the calls that have any and of those of the table, by `service:Call`.

    The service is named as in the tables, or as signed requests name it.
    """
    session = import_module("botocore.session").get_session()
    found: dict[str, set[str]] = {}
    for name in session.get_available_services():
        model = session.get_service_model(name)
        names = [model.signing_name, model.metadata["endpointPrefix"], name]
        names = [IAM_PREFIXES.get(each, each) for each in names]
        for call in model.operation_names:
            shape = model.operation_model(call).input_shape
            if shape is None or READS.match(call):
                continue
            known = (each for each in names if (each, call.lower()) in OPENINGS or (each, call.lower()) in NO_OPENINGS)
            service = next(known, names[0])
            fields = find_fields(service, call, shape)
            if fields or (service, call.lower()) in OPENINGS:
                found.setdefault(f"{service}:{call}", set()).update(fields)
    return found


def render(found: dict[str, set[str]], version: str) -> str:
    """Return the data file's text: the source, then a line a call."""
    lines = [f"{call} {' '.join(sorted(fields))}" for call, fields in sorted(found.items())]
    return "\n".join([f"# botocore {version}, Apache-2.0, github.com/boto/botocore", *lines, ""])


def main() -> None:
    """Write the data file."""
    TARGET.write_text(render(find_all(), import_module("botocore").__version__), encoding="utf-8")


if __name__ == "__main__":
    main()
