"""What a call is: `service:EventName`, its access level, whether it changes anything, and the tactic it is known for.

The level comes from the IAM definition; CloudTrail's names are not always IAM's, so event sources and names have a
table of aliases; what neither knows goes by `readOnly`, then by the verb. A verb that plainly writes is believed before
`readOnly: true`: a call that nobody knows must not pass for a read by one boolean.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from features.call.action_alias import IAM_ACTIONS, IAM_METHODS, IAM_PREFIXES, OWN_LEVELS

LEVELS: Final = ("list", "read", "write", "tagging", "permissions")
_WRITING: Final = frozenset({"write", "tagging", "permissions"})
LONGEST: Final = 128
"""Characters of an event source, an event name and a region that are kept."""

_VERSION = re.compile(r"_?20\d\d_?\d\d_?\d\d(?:v\d+)?$", re.ASCII)
_HOST = re.compile(r"\.amazonaws\.com(?:\.cn)?$|\.amazon\.com$|\.aws$")
_READS = re.compile(
    r"(?:Batch)?(?:Get|Describe|List|Head|Search|Lookup|Query|Scan|Select|View|Check|Test|Validate|Preview|Estimate|"
    r"Read|Download|Discover|Simulate|Decrypt|Verify|Count|Explain|Filter|Is|Has)(?=[A-Z_]|$)"
)
_WRITES = re.compile(
    r"(?:(?:Batch|Bulk|Admin|Force|Async|Permanently)(?=[A-Z]))?(?:"
    r"[Aa](?:bort|ccept|ctivate|dd|llocate|llow|pply|pprove|rchive|ssign|ssociate|ttach|uthorize)|[Bb](?:lock|ypass)|"
    r"[Cc](?:ancel|hange|lear|lone|lose|onfigure|onfirm|opy|reate)|"
    r"[Dd](?:eactivate|eallocate|ecline|elete|eploy|eprovision|eregister|estroy|etach|isable|isassociate|isconnect|"
    r"ismiss|rop)|[Ee](?:dit|mpty|nable|rase)|[Ff]lush|[Gg]rant|[Ii](?:mport|nsert|nstall|nvite)|[Kk]ill|"
    r"[Ll](?:eave|ock)|[Mm](?:erge|igrate|odify|ove|ute)|[Oo]verwrite|[Pp](?:ause|romote|rovision|ublish|urge|ut)|"
    r"[Rr](?:eboot|egister|eject|elease|emove|ename|eplace|eset|esize|estart|estore|esume|etire|evoke|ollback|otate)|"
    r"[Ss](?:chedule|end|et|hare|hutdown|top|uspend|wap)|[Tt](?:ag|erminate|ransfer|runcate)|"
    r"[Uu](?:n[a-z]+|pdate|pgrade|pload|psert)|[Ww](?:ipe|rite)|"
    r"(?:[Ss]tart|[Rr]un|[Ee]xecute|[Ii]nvoke)(?!\w*(?:Query|Search|Scan|Statement|Preview|Lookup))"
    r")(?=[A-Z_\d]|$)|(?:DELETE|PATCH|POST|PUT)$"
)
"""Names of calls that plainly write; calls that make a query or a preview are not among them."""
_FIRST_WORD = re.compile(r"[A-Z][a-z]*")
_LISTS = re.compile(r"List(?=[A-Z_]|$)")
_TAGS = re.compile(r"(?:Tag|Untag|AddTags|RemoveTags|CreateTags|DeleteTags)(?=[A-Z_]|$)")
_PERMITS = re.compile(r"Polic(?:y|ies)|Permissions?(?=[A-Z_]|$)|Grants?(?=[A-Z_]|$)|Acl(?=[A-Z_]|$)")

_GLOBAL: Final = """
    account artifact aws-portal billing billingconsole budgets ce cloudfront consolidatedbilling cur ecr-public freetier
    globalaccelerator health iam importexport invoicing networkmanager organizations payments route53 route53domains
    savingsplans shield signin support tax taxsettings trustedadvisor waf
"""
GLOBAL: Final = frozenset(_GLOBAL.split())
"""Services without regions: the region of their records means nothing."""


def _find_method(service: str, plain: str) -> str:
    """Find the IAM action of a call to a service whose IAM actions are HTTP methods; "" for others."""
    methods = IAM_METHODS.get(service)
    verb = _FIRST_WORD.match(plain) if methods else None
    return f"{service}:{methods[verb[0]]}" if methods and verb and verb[0] in methods else ""


class Action(NamedTuple):
    """A call as kept."""

    service: str
    action: str
    level: str
    write: bool
    level_source: str
    tactic: str
    known: bool
    """Found in the IAM definition or a table of ours."""
    without_region: bool


class ActionCatalogue:
    """Access levels and tactics of calls, built from the packaged data files.

    Parameters
    ----------
    levels
        `{"services": {prefix: {level: "Name Name …"}}}`, from the IAM definition.
    priors
        `{"actions": {"service:Name": {"tactic": …}}}`, from the attack priors.

    Examples
    --------
    >>> levels = {"services": {"iam": {"list": "ListUsers", "permissions": "CreateAccessKey"}}}
    >>> catalogue = ActionCatalogue(levels, {"actions": {}})
    >>> catalogue.look_up("iam.amazonaws.com", "CreateAccessKey", False).level
    'permissions'
    >>> catalogue.look_up("new.amazonaws.com", "DescribeThings20150331v2", None)[:5]
    ('new', 'new:DescribeThings', 'read', False, 'verb')
    """

    def __init__(self, levels: Mapping[str, Any], priors: Mapping[str, Any]) -> None:
        # IAM's names do not depend on case, and CloudTrail's differ in it now and then
        self._levels: dict[str, str] = {
            f"{service}:{name}".lower(): level
            for service, by_level in levels["services"].items()
            for level in LEVELS
            for name in by_level.get(level, "").split()
        }
        self._tactics: dict[str, str] = {
            name.lower(): entry.get("tactic", "") for name, entry in priors["actions"].items()
        }

    def look_up(self, source: str, name: str, read_only: bool | None) -> Action:
        """Look up a call by its event source, event name and `readOnly`, whatever they hold."""
        service = _HOST.sub("", source[: LONGEST + 20].lower())[:LONGEST]
        plain = _VERSION.sub("", name[:LONGEST]) or name[:LONGEST]
        action = f"{service}:{plain}"
        names = (
            action,
            f"{IAM_PREFIXES.get(service, service)}:{plain}",
            IAM_ACTIONS.get(action) or _find_method(service, plain),
        )
        level, level_source = self._find_level(names, plain, read_only)
        tactic = next((tactic for known in names if (tactic := self._tactics.get(known.lower()))), "")
        known = level_source in ("iam", "alias")
        return Action(service, action, level, level in _WRITING, level_source, tactic, known, service in GLOBAL)

    def _find_level(self, names: tuple[str, ...], plain: str, read_only: bool | None) -> tuple[str, str]:
        """Find the level of a call, and where it comes from."""
        if level := OWN_LEVELS.get(names[0]):
            return level, "alias"
        for known in names:
            if level := self._levels.get(known.lower()):
                return level, "iam" if known == names[0] else "alias"
        plainly_writes = read_only is True and _WRITES.match(plain) is not None
        by_verb = read_only is None or plainly_writes
        only_reads = not plainly_writes and (_READS.match(plain) is not None if read_only is None else read_only)
        level_source = "verb" if by_verb else "read_only"
        if only_reads:
            return "list" if _LISTS.match(plain) else "read", level_source
        if _TAGS.match(plain):
            return "tagging", level_source
        return "permissions" if _PERMITS.search(plain) else "write", level_source
