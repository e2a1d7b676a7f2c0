"""Facts a record states of itself: root, sign-ins, a safeguard off, a credential given, a port opened, IMDSv1."""

from typing import Final

from features.call.credential import gives_credential, may_give_credential
from features.call.open_port import may_open_port, opens_port
from features.call.silencing import may_switch_off, switches_off
from features.record.cloudtrail import Record

_SIGN_IN: Final = "signin:ConsoleLogin"
_SIGN_INS: Final = frozenset({_SIGN_IN, "signin:CredentialVerification", "signin:UserAuthentication"})
"""Sign-ins, and those of Identity Center, which has several steps."""
OF_AN_ACTION: Final = ("logging_off",)
"""Facts of which each action has its own: who deletes alarms every day stops no trail, and where some stop it, who sets
it to record less is as strange as ever."""


def find_facts(
    action: str, record: Record, root: bool, failed: bool, imds: str, mfa: bool | None = None
) -> tuple[str, ...]:
    """Find the facts that a record states.

    Parameters
    ----------
    action
        `service:EventName`.
    record
        As delivered.
    root
        Whether the root user called.
    failed
        Whether the call failed: then nothing was switched off.
    imds
        `ec2RoleDelivery`, the version of the metadata service that handed the credential out.
    mfa
        Whether whoever signs in did so with a second factor; None when AWS cannot know.

    Examples
    --------
    >>> find_facts("cloudtrail:StopLogging", Record(), root=False, failed=False, imds="1.0")
    ('logging_off', 'imds_v1')
    """
    found = ["root"] if root else []
    if action in _SIGN_INS and failed:
        found.append("login_failed")
    elif action == _SIGN_IN and mfa is not None:
        found.append("login_mfa" if mfa else "login_no_mfa")
    if not failed:
        request = bytes(record.request_parameters)
        if switches_off(action, request):
            found.append("logging_off")
        if gives_credential(action, request, bytes(record.user_identity)):
            found.append("credential_given")
        if opens_port(action, request):
            found.append("port_opened")
    if imds == "1.0":
        found.append("imds_v1")
    return tuple(found)


def split_fact(value: str) -> tuple[str, str]:
    """A fact as a token has it: its name and the action it is of, which is "" for most.

    >>> split_fact("logging_off:cloudtrail:StopLogging"), split_fact("root")
    (('logging_off', 'cloudtrail:StopLogging'), ('root', ''))
    """
    name, _, action = value.partition(":")
    return name, action


def may_state_facts(action: str) -> bool:
    """Whether records of this action state facts of their own.

    >>> may_state_facts("cloudtrail:StopLogging"), may_state_facts("ec2:DescribeInstances")
    (True, False)
    """
    return action in _SIGN_INS or may_switch_off(action) or may_give_credential(action) or may_open_port(action)
