"""What a request opens to the outside: other accounts, the internet, everybody, an administrator's policy.

A table (`opening.py`) tells of each call that can share or publish where in its request it stands whom or what it
opens. Of other calls that grant, a policy is known by its form, and a grantee by what fields are usually called. A
request is walked, documents inside its texts included; a document that no decoder takes is read leniently first, so
that neither an odd character nor depth can hide one. What a request takes away or describes opens nothing, nor does
what leads out. The outside is every account but the record's own.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from features.call.action_alias import IAM_PREFIXES
from features.call.condition import narrow
from features.call.grantee import (
    EVERYBODY,
    LONGEST_NAME,
    as_text,
    is_everybody,
    name_grantee,
    read_grantee,
)
from features.call.leaf import LONGEST, Leaf, find_leaves
from features.call.network import find_wide
from features.call.no_opening import opens_nothing
from features.call.opening import Field, Opening, find_opening
from features.call.policy import find_openings, is_policy

MOST: Final = 20
"""Tokens of one request."""
_GRANTS = re.compile(
    r"(?:Batch)?(?:Put|Set|Add|Attach|Update|Create|Modify|Authorize|Associate|Share|Grant|Invite|Enable|Register|Apply|"
    r"Copy|Start|Restore|Provision|Upload|Replace|Import|Export|Publish|Open|Transfer|Allocate|Replicate|Allow|Subscribe|"
    r"Promote|Accept)(?=[A-Z]|$)"
)
_SUBJECTS = re.compile(
    r"Polic(?:y|ies)|Permission|Attribute|Ingress|SecurityGroup|NetworkAcl|Grant|Share|Principal|Acl|PublicAccess|"
    r"Role$|Trust|Invite|Invitation|Peering|Account|User$|Group$|Destination|Targets|SubscriptionFilter|Replication|"
    r"Access$|Visibility|Sharing|Member"
)
_INBOUND = re.compile(r"Ingress|Inbound|SecurityGroup|NetworkAcl")
_HINTS: Final = (b"tatement", b"ublic", b"\\\\u")
"""One of these is in every request that holds a policy or a public switch, however it is written."""
_ACL_HINTS: Final = (b"z-acl", b"z-grant", b"grantee")
_GRANTEE_FIELDS: Final = """
    account accountid accountids accounts accountidstoadd accountwithrestoreaccess addallowedprincipals addprincipals
    allowedprincipals arn awsaccountid awsaccountids consumeraccount consumeraccountid consumeridentifier
    destinationaccount destinationaccountid destinationarn granteeprincipal grantee id ownerid peeraccountid peerownerid
    principal principalarn principals receiveraccount retiringprincipal s3bucketowner sharedaccountid sharedaccountids
    sharedwith sourceaccount subscribers target targetaccount targetaccountid targetarn trustedaccount trustedaccountid
    trustedaccounts userid userids valuestoadd
"""
_OF_SOMEBODY: Final = frozenset(_GRANTEE_FIELDS.split())
"""Fields, in lower case, that name who is let in or where data goes, in calls that no table knows."""
_GROUPS: Final = frozenset({"group", "groups", "groupnames", "usergroups"})
_PUBLIC_SWITCHES: Final = frozenset(
    {"publiclyaccessible", "ispublic", "ispubliclyaccessible", "publicaccess", "makepublic"}
)
_ADMIN = re.compile(
    r"arn:aws[a-z-]*:(?:iam::aws:policy/(AdministratorAccess|PowerUserAccess|IAMFullAccess)|"
    r"eks::aws:cluster-access-policy/(AmazonEKSClusterAdminPolicy))\Z"
)
_CANNED: Final = frozenset({"public-read", "public-read-write", "authenticated-read"})
_GRANT = re.compile(r"(?:id|emailaddress)\s*=\s*\"?([^\s\",]+)", re.IGNORECASE)
_SCHEME = re.compile(r"\A(?:https?://|arn:aws[a-z-]*:iam::\d*:(?:saml|oidc)-provider/)")


def may_expose(action: str) -> bool:
    """Whether a call can open anything.

    >>> may_expose("s3:PutBucketPolicy"), may_expose("ec2:DescribeInstanceAttribute")
    (True, False)
    """
    service, _, name = action.partition(":")
    if find_opening(action) is not None:
        return True
    return _GRANTS.match(name) is not None and not opens_nothing(IAM_PREFIXES.get(service, service), name)


def find_exposures(action: str, request: bytes, account: str) -> tuple[str, ...]:
    """Find the tokens of what a request opens, at most `MOST`, in a stable order.

    Parameters
    ----------
    action
        `service:EventName`.
    request
        JSON of requestParameters, of a call that did not fail.
    account
        The record's own account, which is not the outside.

    Examples
    --------
    >>> find_exposures("ec2:AuthorizeSecurityGroupIngress", b'{"cidrIp":"0.0.0.0/0"}', "111111111111")
    ('cidr:0.0.0.0/0',)
    >>> find_exposures("iam:AttachUserPolicy", b'{"policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}', "1")
    ('policy:AdministratorAccess',)
    """
    opening, grants, subject, inbound = _know(action)
    if len(request) > LONGEST or not grants:
        return ()
    if opening is not None:
        if opening[0].kind == "acl" and not any(hint in request.lower() for hint in _ACL_HINTS):
            return ()  # most calls that write an object
        tokens = _find_declared(opening, list(find_leaves(request)))
    elif subject:
        tokens = _find_usual(list(find_leaves(request)), inbound)
    elif any(hint in request for hint in _HINTS):
        tokens = _find_unmistakable(find_leaves(request))
    else:
        return ()
    found: dict[str, None] = {}
    for token in tokens:
        if token != f"account:{account}":
            found[token] = None
            if len(found) == MOST:
                break
    return tuple(found)


class _Known(NamedTuple):
    """What an action's name tells of its requests."""

    opening: Opening | None
    grants: bool
    """They can open anything."""
    subject: bool
    """They are about whom something is granted to."""
    inbound: bool
    """They are about who may connect."""


@lru_cache(maxsize=16_384)
def _know(action: str) -> _Known:
    name = action.partition(":")[2]
    subject, inbound = _SUBJECTS.search(name) is not None, _INBOUND.search(name) is not None
    return _Known(find_opening(action), may_expose(action), subject, inbound)


def _find_declared(opening: Opening, leaves: list[Leaf]) -> Iterable[str]:
    """Find what a call of the table opens."""
    found = [(field, path, value) for field in opening for path, value in leaves if field.is_at(path)]
    if any(field.kind == "only" and as_text(value).lower() not in field.values for field, _, value in found):
        return []
    tokens = [field.token for field in opening if field.kind == "always"]
    owners = {as_text(value) for path, value in leaves if path.endswith("owner.id")}
    policies = {path for field, path, _ in found if field.kind == "policy"}
    for path, value in leaves:
        if is_policy(value):
            tokens += find_openings(value, of_resource=path not in policies)
    for field, _, value in found:
        if field.kind != "named" or as_text(value) not in owners:
            tokens += _read_field(field, value)
    tokens += [f"cidr:{network}" for network in find_wide(_texts_of(found, "cidr"))]
    tokens += _find_switched(opening, found)
    tokens += _find_left_out(opening, leaves)
    return _tie(tokens, opening, found, leaves) if EVERYBODY in tokens else tokens


_Found = list[tuple[Field, str, Any]]


def _read_field(field: Field, value: Any) -> Iterator[str]:
    """Read the tokens of one field of a kind that stands for itself."""
    if isinstance(value, dict):
        return
    text = as_text(value)
    match field.kind:
        case "who":
            yield from read_grantee(value)
        case "named" if field.path.startswith("x-amz-grant"):
            yield from (name_grantee(name) for name in _GRANT.findall(text))
        case "named" if text:
            yield name_grantee(text)
        case "idp" if text:
            yield f"identity_provider:{_SCHEME.sub('', text)[:LONGEST_NAME]}"
        case "admin" if admin := _ADMIN.match(text):
            yield f"policy:{admin[1] or admin[2]}"
        case "acl" if text.lower() in _CANNED or _is_public_group(text):
            yield EVERYBODY
        case "block" if text.lower() == "false":
            yield "public_access_block:off"


def _find_switched(opening: Opening, found: _Found) -> Iterator[str]:
    """Find what switches open, unless all networks that they open to are narrow."""
    reach = _texts_of(found, "reach")
    wide = bool(find_wide(reach))
    for field in (field for field in opening if field.kind == "on"):
        values = [as_text(value).lower() for each, _, value in found if each is field]
        on = bool(field.values.intersection(values))
        if (on and (wide or not reach)) or (wide and not values):
            yield field.token


def _find_left_out(opening: Opening, leaves: list[Leaf]) -> Iterator[str]:
    """Find what is open because the request does not say to whom."""
    asked = [field for field in opening if field.kind == "else"]
    if asked and not any(field.is_at(path) for field in asked for path, _ in leaves):
        beside = asked[0].path.partition(".")[0]
        if any(beside in path.split(".") for path, _ in leaves):
            yield asked[0].token


def _tie(tokens: list[str], opening: Opening, found: _Found, leaves: list[Leaf]) -> list[str]:
    """Take back what opens to everybody, where other fields of the request are a condition that narrows it."""
    condition: dict[str, dict[str, list[Any]]] = {}
    for field, _, value in found:
        for key in field.values if field.kind == "tie" else ():
            tests = condition.setdefault("ArnLike" if key.endswith("arn") else "StringEquals", {})
            tests.setdefault(key, []).append(value)
    if any(field.kind == "condition" for field in opening):
        inside = [(path.partition("condition.")[2], value) for path, value in leaves]
        told = {name: as_text(value) for name, value in inside}
        for path, value in inside:
            operator, _, key = path.partition(".")
            if key:
                condition.setdefault(operator, {}).setdefault(key, []).append(value)
        if told.keys() >= {"type", "key", "value"}:
            condition[told["type"]] = {told["key"]: [told["value"]]}
    narrowed = narrow(condition)
    if narrowed is None:
        return tokens
    return [token for token in tokens if token != EVERYBODY] + [f"account:{each}" for each in narrowed.accounts]


def _texts_of(found: _Found, kind: str) -> list[str]:
    return [as_text(value) for field, _, value in found if field.kind == kind]


def _find_usual(leaves: list[Leaf], inbound: bool) -> Iterator[str]:
    """Find what a call opens that grants and that no table knows; `inbound` when it is about who may connect."""
    yield from _find_unmistakable(leaves)
    for path, value in leaves:
        key, text = path.rpartition(".")[2], as_text(value)
        if key in _GROUPS and text.lower() == "all":
            yield EVERYBODY
        elif key in _OF_SOMEBODY:
            yield from read_grantee(value)
    if inbound:
        yield from (f"cidr:{network}" for network in find_wide(as_text(value) for _, value in leaves))


def _find_unmistakable(leaves: Iterable[Leaf]) -> Iterator[str]:
    """Find what opens something in whichever call it stands: policies that let principals in, public switches, ACLs."""
    for path, value in leaves:
        key = path.rpartition(".")[2]
        if is_policy(value):
            yield from find_openings(value, of_resource=True)
        elif key in _PUBLIC_SWITCHES and as_text(value).lower() == "true":
            yield "public:endpoint"
        elif (key == "x-amz-acl" and as_text(value).lower() in _CANNED) or _is_public_group(value):
            yield EVERYBODY


def _is_public_group(value: Any) -> bool:
    return isinstance(value, str) and "acs.amazonaws" in value and is_everybody(value)
