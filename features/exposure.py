"""What a request opens to the outside: other accounts, the internet, everybody, an administrator's policy.

Policies come as JSON text inside the request. What is looked for are tokens, so the text is searched, not parsed: no
depth and no nesting of a document can hide one, and a cut document shows what is left of it.
"""

import re
from typing import Final

MOST = 20
LONGEST = 131_072

_ACCOUNT_IN_ARN = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):")
_ACCOUNT_VALUE = re.compile(
    r'"(?:userId|accountId|AccountId|account|AWS|principal|Principal|userIds|accounts|valuesToAdd|targets)"\s*:\s*\[?\s*((?:"\d{12}"\s*,?\s*)+)'
)
_TWELVE = re.compile(r"(?<!\d)\d{12}(?!\d)")
_ANYWHERE = re.compile(r'"((?:\d{1,3}\.){3}\d{1,3}/0|::/0)"')
_EVERYBODY = re.compile(r'"(?:Principal|principal)"\s*:\s*(?:"\*"|\{\s*"AWS"\s*:\s*(?:\[\s*)?"\*")')
_ALL_GROUP = re.compile(
    r'"(?:group|groups|groupNames|valuesToAdd)"\s*:\s*\[?\s*"all"|AllUsers|AuthenticatedUsers|"x-amz-acl"\s*:\s*\[?\s*"public-read'
)
_POLICY = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/(AdministratorAccess|PowerUserAccess|IAMFullAccess)\b")
_ALLOW_ALL = re.compile(r'"Effect"\s*:\s*"Allow"')
_ANY_ACTION = re.compile(r'"Action"\s*:\s*(?:\[\s*)?"\*"')
_ANY_RESOURCE = re.compile(r'"Resource"\s*:\s*(?:\[\s*)?"\*"')
_PUBLIC_BLOCK_OFF = re.compile(
    r'"(?:BlockPublicAcls|IgnorePublicAcls|BlockPublicPolicy|RestrictPublicBuckets|blockPublicPolicy)"\s*:\s*false'
)

_UNBLOCKING: Final = frozenset(
    {"DeletePublicAccessBlock", "DeleteBucketPublicAccessBlock", "DeleteAccountPublicAccessBlock"}
)
_HARMLESS = ("Get", "List", "Describe", "Detach", "Revoke", "Remove", "Delete")
# calls that grant something to somebody; others are not searched
_GRANTS = re.compile(
    r"Policy|Permission|Attribute|Ingress|Grant|Share|Associate|Acl|PublicAccessBlock|FunctionUrl|Trust|Modify|Invite|"
    r"CreateRole|CreateOpenIDConnectProvider|CreateSAMLProvider|RunInstances|CreateDBInstance|CopyImage|CreateResourceShare"
)


def may_expose(action: str) -> bool:
    """Whether a call can open anything.

    >>> may_expose("s3:PutBucketPolicy"), may_expose("ec2:DescribeInstanceAttribute")
    (True, False)
    """
    name = action.partition(":")[2]
    return name in _UNBLOCKING or (_GRANTS.search(name) is not None and not name.startswith(_HARMLESS))


def exposures(action: str, request: bytes, account: str) -> tuple[str, ...]:
    """Tokens of what a request opens, at most `MOST`, in a stable order.

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
    >>> exposures("ec2:AuthorizeSecurityGroupIngress", b'{"cidrIp":"0.0.0.0/0"}', "111111111111")
    ('cidr:0.0.0.0/0',)
    >>> exposures("iam:AttachUserPolicy", b'{"policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}', "1")
    ('policy:AdministratorAccess',)
    """
    name = action.partition(":")[2]
    if name in _UNBLOCKING:
        return ("public_access_block:off",)
    text = request[:LONGEST].decode("utf-8", "replace").replace('\\"', '"').replace("\\n", "\n")
    found: dict[str, None] = {}
    for cidr in _ANYWHERE.findall(text) if "Ingress" in name or "SecurityGroup" in name or "NetworkAcl" in name else ():
        found["cidr:::/0" if ":" in cidr else "cidr:0.0.0.0/0"] = None
    if _EVERYBODY.search(text) or _ALL_GROUP.search(text):
        found["principal:*"] = None
    for policy in _POLICY.findall(text):
        found[f"policy:{policy}"] = None
    if _ALLOW_ALL.search(text) and _ANY_ACTION.search(text) and _ANY_RESOURCE.search(text):
        found["policy:*"] = None
    if "PublicAccessBlock" in name and _PUBLIC_BLOCK_OFF.search(text):
        found["public_access_block:off"] = None
    if "FunctionUrl" in name and re.search(r'"authType"\s*:\s*"NONE"', text):
        found["function_url:NONE"] = None
    if re.search(r'"publiclyAccessible"\s*:\s*true', text):
        found["public:database"] = None
    for other in _accounts(text):
        if other != account:
            found[f"account:{other}"] = None
    return tuple(found)[:MOST]


def _accounts(text: str) -> list[str]:
    accounts = _ACCOUNT_IN_ARN.findall(text)
    for values in _ACCOUNT_VALUE.findall(text):
        accounts += _TWELVE.findall(values)
    return list(dict.fromkeys(accounts))
