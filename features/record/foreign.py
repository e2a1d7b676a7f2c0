"""What lies beside CloudTrail's records in a bucket, or is taken for them: known by its key, its members or its lines.

Such files are named and passed over, never taken for damaged records. What an object is, is told by its own members.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import Final

CONFIG: Final = "AWS Config"
GUARDDUTY: Final = "GuardDuty"
SECURITY_HUB: Final = "Security Hub"
OCSF: Final = "OCSF"
FLOW_LOGS: Final = "VPC flow logs"
BALANCERS: Final = "load balancer logs"
S3_ACCESS: Final = "S3 access logs"
WAF: Final = "WAF logs"
DNS: Final = "Route 53 query logs"
CLOUDFRONT: Final = "CloudFront logs"
FIREWALL: Final = "Network Firewall logs"
KUBERNETES: Final = "Kubernetes audit logs"
AZURE: Final = "Azure activity logs"
GOOGLE: Final = "Google Cloud audit logs"
DIGESTS: Final = "CloudTrail digests"
INSIGHTS: Final = "CloudTrail Insights"
AGGREGATES: Final = "CloudTrail aggregates"
S3_NOTIFICATION: Final = "S3 notification"
CLOUDTRAIL_HISTORY: Final = "CSV of the console's event history"

_OF_MEMBERS: Final = (
    (CONFIG, frozenset({"configurationItems"})),
    (CONFIG, frozenset({"configSnapshotId"})),
    (CONFIG, frozenset({"configurationItem", "configurationItemDiff"})),
    (CONFIG, frozenset({"configurationItemCaptureTime", "resourceType"})),
    (CONFIG, frozenset({"configurationItemStatus", "resourceType"})),
    (GUARDDUTY, frozenset({"schemaVersion", "service", "severity"})),
    (GUARDDUTY, frozenset({"SchemaVersion", "Service", "Severity"})),
    (SECURITY_HUB, frozenset({"SchemaVersion", "ProductArn"})),
    (OCSF, frozenset({"class_uid", "metadata"})),
    (WAF, frozenset({"webaclId", "httpRequest"})),
    (DNS, frozenset({"query_timestamp", "query_name"})),
    (FIREWALL, frozenset({"firewall_name", "event_timestamp"})),
    (FLOW_LOGS, frozenset({"srcaddr", "dstaddr"})),
    (FLOW_LOGS, frozenset({"srcAddr", "dstAddr"})),
    (KUBERNETES, frozenset({"auditID", "requestURI"})),
    (AZURE, frozenset({"operationName", "resourceId", "time"})),
    (GOOGLE, frozenset({"protoPayload", "logName"})),
)
"""By members that only it has."""
_FINDING: Final = re.compile(rb'"[A-Za-z]+:[A-Za-z0-9]+/[^"]+"')
"""The type of a GuardDuty finding: `Recon:IAMUser/TorIPCaller`."""

_FLOW_FIELDS: Final = frozenset(
    b"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
    b"log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type "
    b"sublocation-id pkt-src-aws-service pkt-dst-aws-service flow-direction "
    b"traffic-path resource-type tgw-id "
    b"tgw-attachment-id reject-reason".split()
)
_TIME: Final = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?"
_ADDRESS: Final = rb"(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9a-fA-F:]*:[0-9a-fA-F:.]+\]?)"
_OF_LINES: Final = (
    (BALANCERS, re.compile(rb"(?:https?|h2|wss?|grpcs?) " + _TIME + rb" (?:app/)?\S+ " + _ADDRESS + rb":\d+ ")),
    (BALANCERS, re.compile(rb"tls \d\.\d " + _TIME + rb" (?:net/)?\S+ ")),
    (BALANCERS, re.compile(_TIME + rb" \S+ " + _ADDRESS + rb":\d+ (?:\S+:\d+|-) -?[\d.]+ -?[\d.]+ ")),
    (BALANCERS, re.compile(_TIME + rb" " + _ADDRESS + rb" \d+ \d+ (?:TLS\S+|-) ")),
    (S3_ACCESS, re.compile(rb"[0-9a-f]{64} \S+ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] ")),
    (FLOW_LOGS, re.compile(rb"(?:" + _TIME + rb" )?\d (?:TransitGateway )?(?:\d{12}|unknown)(?: \S+){0,60}\s*$")),
    (DNS, re.compile(rb"\d\.\d " + _TIME + rb" Z[0-9A-Z]{8,32} \S+ [A-Z0-9]+ [A-Z]+ (?:UDP|TCP) ")),
    (CLOUDFRONT, re.compile(rb"#Version: 1\.0\s*$|#Fields: .*\bx-edge-location\b")),
)
"""By how each of its lines begins."""

_OF_KEYS: Final[Mapping[str, str]] = {
    "config": CONFIG,
    "elasticloadbalancing": BALANCERS,
    "vpcflowlogs": FLOW_LOGS,
    "guardduty": GUARDDUTY,
    "vpcdnsquerylogs": DNS,
    "waflogs": WAF,
    "securityhub": SECURITY_HUB,
    "cloudfront": CLOUDFRONT,
    "network-firewall": FIREWALL,
    "cloudtrail-digest": DIGESTS,
    "cloudtrail-insight": INSIGHTS,
    "cloudtrail-insights": INSIGHTS,
    "cloudtrail-aggregated": AGGREGATES,
    "inspector": "Inspector",
    "inspector2": "Inspector",
    "macie": "Macie",
    "redshift": "Redshift audit logs",
    "fsxauditlogs": "FSx audit logs",
    "globalaccelerator": "Global Accelerator flow logs",
    "verifiedaccess": "Verified Access logs",
    "vpclattice": "VPC Lattice logs",
    "vpc-lattice": "VPC Lattice logs",
    "ssm": "Systems Manager inventory",
    "s3serveraccesslogs": S3_ACCESS,
}
"""By the folder below an account in AWSLogs/, in small letters; the same word follows the account in files' names."""
_NAMED: Final = re.compile(r"(?:^|/)\d{12}_([A-Za-z0-9-]+)_[^/]*$", re.ASCII)
_ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)
_S3_ACCESS_NAME: Final = re.compile(r"(?:^|/|[^/]*[^0-9/])\d{4}(?:-\d\d){5}-[0-9A-F]{16}$", re.ASCII)

_OF_COLUMNS: Final = (
    (CLOUDTRAIL_HISTORY, frozenset({"event name", "event time"})),
    (OCSF, frozenset({"class_uid", "metadata"})),
    (FLOW_LOGS, frozenset({"srcaddr", "dstaddr"})),
    (BALANCERS, frozenset({"elb_status_code"})),
    (S3_ACCESS, frozenset({"bucketowner", "requester"})),
    (CONFIG, frozenset({"configurationitemstatus", "resourcetype"})),
    (WAF, frozenset({"webaclid", "httprequest"})),
    (DNS, frozenset({"query_timestamp", "query_name"})),
)
"""By the columns of a table, in small letters."""
_OF_BYTES: Final = (
    ("SQLite database", 0, b"SQLite format 3\0"),
    ("7z archive", 0, b"7z\xbc\xaf\x27\x1c"),
    ("RAR archive", 0, b"Rar!\x1a\x07"),
    ("LZ4 archive", 0, b"\x04\x22\x4d\x18"),
    ("Snappy archive", 0, b"\xff\x06\x00\x00sNaPpY"),
    ("compress archive (.Z)", 0, b"\x1f\x9d"),
    ("ORC table", 0, b"ORC"),
    ("Avro file", 0, b"Obj\x01"),
    ("Arrow file", 0, b"ARROW1"),
    ("DuckDB database", 8, b"DUCK"),
    ("PDF document", 0, b"%PDF-"),
    ("PNG image", 0, b"\x89PNG\r\n"),
    ("JPEG image", 0, b"\xff\xd8\xff"),
    ("packet capture", 0, b"\xd4\xc3\xb2\xa1"),
    ("packet capture", 0, b"\x0a\x0d\x0d\x0a"),
    ("Windows event log", 0, b"ElfFile\0"),
    ("program", 0, b"\x7fELF"),
    ("web page", 0, b"<!DOCTYPE html"),
    ("web page", 0, b"<html"),
    ("XML document", 0, b"<?xml"),
)
"""By the bytes at a place near a file's beginning."""

NAMES: Final = frozenset(
    [
        *(name for name, _ in (*_OF_MEMBERS, *_OF_LINES, *_OF_COLUMNS) if name != CLOUDTRAIL_HISTORY),
        *_OF_KEYS.values(),
        *(name for name, _, _ in _OF_BYTES),
        S3_NOTIFICATION,
    ]
)
"""All that is known here."""
_LOOKED_AT: Final = 16
"""Lines that have to look alike."""


def name_of_key(key: str) -> str:
    """What a file is by its S3 key or its path; "" where that does not say that it is none of CloudTrail's records.

    >>> name_of_key("AWSLogs/111122223333/Config/eu-west-1/2026/3/1/ConfigHistory/x.json.gz")
    'AWS Config'
    >>> name_of_key("111122223333_vpcflowlogs_eu-west-1_fl-1_20260301T0900Z_ab.log.gz")
    'VPC flow logs'
    >>> name_of_key("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/01/x.json.gz")
    ''
    """
    named = _NAMED.search(key)
    if named:
        word = named[1].lower()
        return "" if word == "cloudtrail" else _OF_KEYS.get(word, "")
    if key.startswith("AWSLogs/") or "/AWSLogs/" in key:
        parts = key[key.rindex("AWSLogs/") :].split("/")
        for account, service in pairwise(parts[1:4]):
            if _ACCOUNT.fullmatch(account):
                return _OF_KEYS.get(service.lower(), "")
    return S3_ACCESS if _S3_ACCESS_NAME.search(key) else ""


def name_of_members(members: Mapping[str, object], text_of: Callable[[str], bytes]) -> str:
    """What an object is by its own members; "" for what is not known here.

    >>> name_of_members({"class_uid": 1, "metadata": 2}, lambda member: b"")
    'OCSF'
    """
    if name := next((name for name, keys in _OF_MEMBERS if keys <= members.keys()), ""):
        return name
    if "schemaVersion" in members and "type" in members and _FINDING.fullmatch(text_of("type")):
        return GUARDDUTY
    return ""


def name_of_lines(lines: Sequence[bytes]) -> str:
    """What a text is by its first lines, each of which has to look like it; "" for what is not known here.

    >>> name_of_lines([b"2 123456789010 eni-1235b8ca 172.31.16.139 172.31.16.21 20641 22 6 20 4249 14185 14185 ACCEPT"])
    'VPC flow logs'
    """
    some = [line for line in lines if line.strip()][:_LOOKED_AT]
    if not some:
        return ""
    fields = some[0].split()
    if len(fields) > 1 and _FLOW_FIELDS.issuperset(fields):
        return FLOW_LOGS
    if some[0].startswith(b"#"):  # the lines after a heading are the fields' values
        return next((name for name, pattern in _OF_LINES if pattern.match(some[0])), "")
    return next((name for name, pattern in _OF_LINES if all(map(pattern.match, some))), "")


def name_of_columns(names: Collection[str]) -> str:
    """What a table is by its columns, in small letters; "" for what is not known here."""
    return next((name for name, keys in _OF_COLUMNS if keys <= set(names)), "")


def name_of_bytes(first: bytes) -> str:
    """What a file is that nobody here can read, by its first bytes; "" for what is not known here.

    >>> name_of_bytes(b"SQLite format 3\\0..."), name_of_bytes(b"{}")
    ('SQLite database', '')
    """
    return next((name for name, at, magic in _OF_BYTES if first.startswith(magic, at)), "")
