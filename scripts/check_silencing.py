"""Hold the table of calls that switch a safeguard off to its sources, and say what in them nobody has looked at yet.

Every call of the table must be an action of the IAM definition. Every action there whose name sounds like switching
something off, in a service that watches or of a log, an alarm or a backup elsewhere, and every call that TrailDiscover
lists under "Impair Defenses", must be in the table or among those that were reviewed and do not
(`scripts/silencing_reviewed.py`). So a new IAM definition shows what is new in it.

Run `python -m scripts.check_silencing` after `python -m scripts.make_iam_actions`; a test runs it too.
"""

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from features.call.action_alias import IAM_ACTIONS, IAM_METHODS
from features.call.silencing import SWITCHES
from scripts.silencing_reviewed import NAMED_OTHERWISE, REVIEWED

ROOT = Path(__file__).resolve().parent.parent
IAM = ROOT / "pipeline" / "data" / "iam_actions.json"
TRAILDISCOVER = ROOT / "scripts" / "sources" / "traildiscover_events.csv"

_WATCHERS = """
    access-analyzer auditmanager backup cloudtrail cloudwatch config detective dlm fms guardduty inspector inspector2
    logs macie2 oam rbin security-ir securityhub securitylake shield
"""
WATCHERS = frozenset(_WATCHERS.split())
"""Services all of whose writes may switch a safeguard off."""
ENDS = re.compile(
    r"(?:Batch)?(?:Archive|Cancel|Deregister|Delete|Disable|Disassociate|Pause|Put|Remove|Set|Stop|Suspend|Unlock|"
    r"Unsubscribe|Update)"
)
"""Verbs that may switch something off in a service that watches."""
CHANGES = re.compile(
    r"(?:Batch)?(?:Cancel|Configure|Delete|Deregister|Disable|Disassociate|Modify|Put|Remove|Set|Stop|Suspend|Unlock|"
    r"Update)"
)
WATCHES = re.compile(
    r"ActivityStream|Alarm|Audit|Backup|Log(?:Config|Deliver|Dest|Group|Level|ging|s$|Source|Stream|Sub)|Monitoring|"
    r"ObjectLock|QueryLog|Recover|Retention|TrafficMirror|Versioning|(?:Deletion|Termination)Protection"
)
"""Things of other services that record, warn or keep."""


def list_candidates(iam: Mapping[str, Mapping[str, str]], listed: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """List the calls that have to be in the table or reviewed, as `service:Name`.

    >>> iam = {"ec2": {"write": "DeleteFlowLogs RunInstances"}, "config": {"write": "StopConfigurationRecorder"}}
    >>> list(list_candidates(iam, []))
    ['ec2:DeleteFlowLogs', 'config:StopConfigurationRecorder']
    """
    for service, by_level in iam.items():
        for name in " ".join(by_level.get(level, "") for level in ("write", "permissions")).split():
            if ENDS.match(name) if service in WATCHERS else CHANGES.match(name) and WATCHES.search(name):
                yield f"{service}:{name}"
    for row in listed:
        if "T1562" in row["mitreAttackTechniques"]:
            service = row["eventSource"].removesuffix(".amazonaws.com")
            yield f"{'cloudwatch' if service == 'monitoring' else service}:{row['eventName']}"


def find_unknown(iam: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Find the calls of the table that the IAM definition does not know under any name."""
    actions = {
        f"{service}:{name}".lower()
        for service, levels in iam.items()
        for names in levels.values()
        for name in names.split()
    }
    aliases = {name.lower(): action.lower() for name, action in (*IAM_ACTIONS.items(), *NAMED_OTHERWISE.items())}
    return sorted(
        call for call in SWITCHES
        if not {call, aliases.get(call, "")} & actions and call.partition(":")[0] not in IAM_METHODS
    )  # fmt: skip


def find_unreviewed(candidates: Iterable[str]) -> list[str]:
    """Find the candidates that are neither in the table nor reviewed."""
    named_otherwise = {call.lower(): action.lower() for call, action in IAM_ACTIONS.items()}
    in_table = {name for call in SWITCHES for name in (call, named_otherwise.get(call, call))}
    return sorted({call for call in candidates if call.lower() not in in_table and call not in REVIEWED})


def read_sources() -> tuple[dict[str, dict[str, str]], list[dict[str, str]]]:
    """Read the IAM definition's actions by service and level, and the rows of TrailDiscover."""
    with TRAILDISCOVER.open(encoding="utf-8", newline="") as file:
        return json.loads(IAM.read_text(encoding="utf-8"))["services"], list(csv.DictReader(file))


def main() -> int:
    """Print what is wrong or new; 1 when anything is."""
    iam, listed = read_sources()
    unknown, unreviewed = find_unknown(iam), find_unreviewed(list_candidates(iam, listed))
    for call in unknown:
        print(f"{call}: not in the IAM definition; correct it, or name its IAM action in NAMED_OTHERWISE")
    for call in unreviewed:
        print(
            f"{call}: add it to features/call/silencing_table.py, or to scripts/silencing_reviewed.py with its reason"
        )
    return 1 if unknown or unreviewed else 0


if __name__ == "__main__":
    sys.exit(main())
