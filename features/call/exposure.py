"""What a request opens to the outside: other accounts, the internet, everybody, an administrator's policy.

A request is walked, policies inside its texts included; a document that no decoder takes is read leniently first, so
that neither an odd character nor depth can hide one. What a request takes away (`remove`, `valuesToRemove`) opens
nothing. The outside is every account but the record's own.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from features.call.policy import account_of, find_openings, is_policy
from features.record.repair import DECODE_ERRORS, read_leniently

MOST: Final = 20
"""Tokens of one request."""
LONGEST: Final = 131_072
"""Bytes of a request and characters of a text in it that are read; CloudTrail cuts requests at 100 KB."""
_MOST_VALUES: Final = 20_000

_GRANTS = re.compile(
    r"(?:Put|Set|Add|Attach|Update|Create|Modify|Authorize|Associate|Share|Grant|Invite|Enable|Register|Accept|Apply|"
    r"Reset|Copy|Run|Start|Restore|Provision|Upload)"
)
_SUBJECTS = re.compile(
    r"Polic(?:y|ies)|Permission|Attribute|Ingress|SecurityGroup|NetworkAcl|Grant|Share|Principal|Acl|PublicAccess|"
    r"FunctionUrl|Role$|Trust|Invite|Peering|Account|User$|Group$|Destination|Targets|SubscriptionFilter|Replication|"
    r"DBInstance|DBCluster|Object$|Instances$"
)
_UNBLOCKING_CALLS: Final = """
    DeletePublicAccessBlock DeleteBucketPublicAccessBlock DeleteAccountPublicAccessBlock DisableImageBlockPublicAccess
    DisableSnapshotBlockPublicAccess
"""
_UNBLOCKING: Final = frozenset(_UNBLOCKING_CALLS.split())
"""Calls whose name alone opens something."""
_BLOCKS: Final = frozenset("BlockPublicAcls IgnorePublicAcls BlockPublicPolicy RestrictPublicBuckets".lower().split())
_TAKEN_AWAY = re.compile(r"remove|revoke|delete", re.IGNORECASE)
_FIELDS: Final = """
    account accountid accountids accounts addallowedprincipals arn awsaccountid awsaccountids destinationarn
    granteeprincipal id peerownerid principal principals retiringprincipal sharedaccountids sourceaccount target
    targetaccountid targetarn userid userids valuestoadd
"""
_OF_SOMEBODY: Final = frozenset(_FIELDS.split())
"""Fields, in lower case, that name who is let in or where data goes."""
_EVERYBODY_IN_FIELD: Final = frozenset(
    {("*", key) for key in _OF_SOMEBODY} | {("all", key) for key in ("group", "groups", "groupnames", "valuestoadd")}
)
_WIDE_NETWORK = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]*::?[0-9a-fA-F:]*)/([0-7])", re.ASCII)
_ADMIN = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/(AdministratorAccess|PowerUserAccess|IAMFullAccess)\Z")
_EVERYBODY_ANYWHERE = re.compile(
    r"https?://acs\.amazonaws\.com/groups/global/(?:AllUsers|AuthenticatedUsers)|public-read.*"
)


def may_expose(action: str) -> bool:
    """Whether a call can open anything.

    >>> may_expose("s3:PutBucketPolicy"), may_expose("ec2:DescribeInstanceAttribute")
    (True, False)
    """
    name = action.partition(":")[2]
    return name in _UNBLOCKING or bool(_GRANTS.match(name) and _SUBJECTS.search(name))


def find_exposures(action: str, request: bytes, account: str) -> tuple[str, ...]:
    """Find the tokens of what a request opens, at most `MOST`, in a stable order.

    Parameters
    ----------
    action
        `service:EventName`.
    request
        JSON of requestParameters.
    account
        The record's own account, which is not the outside.

    Examples
    --------
    >>> find_exposures("ec2:AuthorizeSecurityGroupIngress", b'{"cidrIp":"0.0.0.0/0"}', "111111111111")
    ('cidr:0.0.0.0/0',)
    >>> find_exposures("iam:AttachUserPolicy", b'{"policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}', "1")
    ('policy:AdministratorAccess',)
    """
    name = action.partition(":")[2]
    if name in _UNBLOCKING:
        return ("public_access_block:off",)
    found: dict[str, None] = {}
    for token in _walk(_read_document(request), "Ingress" in name or "SecurityGroup" in name or "NetworkAcl" in name):
        if token != f"account:{account}":
            found[token] = None
            if len(found) == MOST:
                break
    return tuple(found)


def _read_document(text: bytes) -> Any:
    """Read a JSON object or array, leniently when it must be; None when there is none."""
    if len(text) > LONGEST:
        return None
    try:
        return msgspec.json.decode(text)
    except DECODE_ERRORS:
        return read_leniently(text)


def _walk(document: Any, inbound: bool) -> Iterator[str]:
    """Find the tokens in a request; `inbound` when it is about who may connect."""
    left: list[tuple[str, Any]] = [("", document)]
    for _ in range(_MOST_VALUES):
        if not left:
            return
        key, value = left.pop()
        if is_policy(value):
            yield from find_openings(value)
        elif isinstance(value, dict):
            left += ((name.lower(), inner) for name, inner in reversed(value.items()) if not _TAKEN_AWAY.match(name))
        elif isinstance(value, list):
            left += ((key, inner) for inner in reversed(value))
        elif isinstance(value, str):
            if value.lstrip()[:1] in ("{", "[", '"'):
                left.append((key, _read_document(value.encode("utf-8", "replace"))))
            else:
                yield from _find_in_text(key, value, inbound)
        elif (value is False and key in _BLOCKS) or (value is True and key == "publiclyaccessible"):
            yield "public_access_block:off" if value is False else "public:database"


def _find_in_text(key: str, text: str, inbound: bool) -> Iterator[str]:
    """Find the tokens of a text in the field `key`."""
    if inbound and (network := _WIDE_NETWORK.fullmatch(text)):
        everywhere = "::/0" if ":" in text else "0.0.0.0/0"
        yield f"cidr:{everywhere if network[2] == '0' else text}"
    elif admin := _ADMIN.fullmatch(text):
        yield f"policy:{admin[1]}"
    elif key == "authtype" and text == "NONE":
        yield "function_url:NONE"
    elif (text, key) in _EVERYBODY_IN_FIELD or _EVERYBODY_ANYWHERE.fullmatch(text):
        yield "principal:*"
    elif key in _OF_SOMEBODY and (other := account_of(text)):
        yield f"account:{other}"
