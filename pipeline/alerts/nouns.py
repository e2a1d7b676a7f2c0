"""What an alert speaks of, by its English noun: kinds of resources, dimensions and measures in another language."""

from typing import Final

from features.activity.closed import MEANINGS, SINGULARS
from pipeline.words.told import Told, tell_again
from pipeline.words.words import Words, to_say

_KINDS: Final = (
    "access key, account, address, api, application, bucket, certificate, cluster, data location, database, detector, "
    "distribution, document, domain, email identity, endpoint, environment, event bus, file system, fleet, flow log, "
    "function, group, host, hosted zone, identity provider, image, instance, instance profile, interface, "
    "internet gateway, job, key, key pair, launch template, layer, load balancer, log group, mfa device, model, "
    "nat gateway, network acl, notebook, parameter, peering, permission set, pipeline, policy, prefix list, product, "
    "profile, project, queue, recorder, repository, resource, role, route table, rule, scaling group, schedule, "
    "secret, security group, server, service, share, snapshot, source identity, ssh key, stack, state machine, stream, "
    "subnet, table, task definition, topic, trail, transit gateway, trust anchor, user, user pool, vault, volume, vpc, "
    "vpc endpoint, vpn connection, vpn gateway, web acl, workgroup"
)
KINDS: Final = tuple(_KINDS.split(", "))
"""Nouns of resources; others are told in English."""
PRINCIPALS: Final = (
    to_say("human"),
    to_say("workload"),
    to_say("ci"),
    to_say("external"),
    to_say("root"),
    to_say("anonymous"),
    to_say("aws_service"),
)
"""Kinds of principals."""
SEVERITIES: Final = (
    to_say("critical"),
    to_say("high"),
    to_say("medium"),
    to_say("low"),
    to_say("major"),
    to_say("minor"),
    to_say("warning"),
)
MODELS: Final = (to_say("incident"), to_say("isolation forest"), to_say("population"))
"""Names of models (`models.detectors.blame.name_model`); PyOD's keep theirs."""
COUNTS: Final = {name: (f"{{n}} {one}", f"{{n}} {MEANINGS[name]}") for name, one in SINGULARS.items()}
"""Messages of a count, by measure."""
_TOLD: Final = [Told(one, many) for one, many in COUNTS.values()]
_LONGEST_FIRST: Final = sorted(KINDS, key=len, reverse=True)


def tell_noun(noun: str, words: Words) -> str:
    """A noun of ours; whatever is none stays."""
    return words.find(noun)


def tell_count(count: str, words: Words) -> str:
    """A count of a measure, told again.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_count("1 denied call", find_words("ko")), tell_count("1,234 distinct secrets", find_words("ko"))
    ('거부된 호출 1회', '서로 다른 시크릿 1,234개')
    """
    return tell_again(count, _TOLD, words)


def tell_named(text: str, words: Words) -> str:
    """A kind of resource and a name: only the kind is ours.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_named("security group sg-1", find_words("ko")), tell_named("x", find_words("ko"))
    ('보안 그룹 sg-1', 'x')
    """
    kind = next((kind for kind in _LONGEST_FIRST if text.startswith(f"{kind} ")), "")
    return f"{words.find(kind)}{text[len(kind) :]}" if kind else text


def tell_number(number: str, words: Words) -> str:
    """A typical count."""
    return words.say("less than 0.1") if number == "less than 0.1" else number
