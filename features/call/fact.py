"""Facts a record states of itself: root, sign-ins with and without MFA, logging switched off, IMDSv1."""

import re
from typing import Final

from features.record.cloudtrail import Record

_SILENCING: Final = """
    access-analyzer:DeleteAnalyzer
    cloudtrail:DeleteEventDataStore cloudtrail:DeleteTrail cloudtrail:StopEventDataStoreIngestion cloudtrail:StopLogging
    config:DeleteConfigurationRecorder config:DeleteDeliveryChannel config:StopConfigurationRecorder
    detective:DeleteGraph
    ec2:DeleteFlowLogs
    guardduty:DeleteDetector guardduty:DeleteMembers guardduty:DeletePublishingDestination
    guardduty:DisassociateFromAdministratorAccount guardduty:DisassociateFromMasterAccount
    guardduty:DisassociateMembers guardduty:StopMonitoringMembers
    inspector2:Disable
    logs:DeleteDelivery logs:DeleteDestination logs:DeleteLogGroup logs:DeleteSubscriptionFilter
    macie2:DisableMacie
    route53:DeleteQueryLoggingConfig
    route53resolver:DeleteResolverQueryLogConfig route53resolver:DisassociateResolverQueryLogConfig
    s3:DeleteBucketLogging
    securityhub:DisableSecurityHub
    waf:DeleteLoggingConfiguration waf-regional:DeleteLoggingConfiguration wafv2:DeleteLoggingConfiguration
"""
LOGGING_OFF: Final = frozenset(_SILENCING.split())
"""Calls after which less is recorded."""

_NARROWED: Final = {
    "cloudtrail:PutEventSelectors": re.compile(
        rb'"includeManagementEvents"\s*:\s*false|"readWriteType"\s*:\s*"(?!All")|"eventSelectors"\s*:\s*\[\s*\]|'
        rb'"(?:notEquals|notStartsWith|notEndsWith)"\s*:\s*\[\s*"'
    ),
    "cloudtrail:PutInsightSelectors": re.compile(rb'"insightSelectors"\s*:\s*\[\s*\]'),
    "cloudtrail:UpdateTrail": re.compile(
        rb'"(?:isMultiRegionTrail|includeGlobalServiceEvents|enableLogFileValidation|isOrganizationTrail)"\s*:\s*false|'
        rb'"cloudWatchLogsLogGroupArn"\s*:\s*""'
    ),
    "config:PutConfigurationRecorder": re.compile(rb'"allSupported"\s*:\s*false'),
    "eks:UpdateClusterConfig": re.compile(rb'"clusterLogging"\s*:.{0,400}"enabled"\s*:\s*false', re.DOTALL),
    "guardduty:UpdateDetector": re.compile(rb'"enable"\s*:\s*false'),
    "s3:PutBucketLogging": re.compile(rb'"BucketLoggingStatus"\s*:\s*(?:""|\{(?![^}]*"LoggingEnabled"\s*:))'),
}
"""Calls that switch logging off only with such a request."""

NEEDS_REQUEST: Final = frozenset(_NARROWED)
_LONGEST = 131_072


def facts(action: str, record: Record, root: bool, failed: bool, imds: str) -> tuple[str, ...]:
    """Facts of a record.

    Parameters
    ----------
    action
        `service:EventName`.
    record
        As delivered.
    root
        The root user called.
    failed
        The call failed: nothing was switched off.
    imds
        `ec2RoleDelivery`, the version of the metadata service that handed the credential out.

    Examples
    --------
    >>> facts("cloudtrail:StopLogging", Record(), root=False, failed=False, imds="1.0")
    ('logging_off', 'imds_v1')
    """
    found = ["root"] if root else []
    if action == "signin:ConsoleLogin":
        mfa = multi_factor(bytes(record.additional_event_data))
        if failed:
            found.append("login_failed")
        elif mfa is not None:
            found.append("login_mfa" if mfa else "login_no_mfa")
    if not failed and (action in LOGGING_OFF or _narrows(action, bytes(record.request_parameters))):
        found.append("logging_off")
    if imds == "1.0":
        found.append("imds_v1")
    return tuple(found)


def _narrows(action: str, request: bytes) -> bool:
    pattern = _NARROWED.get(action)
    return pattern is not None and pattern.search(request[:_LONGEST]) is not None


STATING: Final = LOGGING_OFF | NEEDS_REQUEST | {"signin:ConsoleLogin"}
_MFA = re.compile(rb'"MFAUsed"\s*:\s*"(Yes|No)"')
_USER_NAME = re.compile(rb'"UserName"\s*:\s*"([^"\\]{1,256})"')
_HIDDEN = re.compile(
    rb'"(?:errorCode|error|Error|errorMessage|__type)"\s*:\s*'
    rb'(?:\{[^{}]{0,200}?"(?:code|Code)"\s*:\s*)?"([^"\\]{1,256})"'
)


def may_state(action: str) -> bool:
    """Whether records of this action state facts of their own."""
    return action in STATING


def multi_factor(extra: bytes) -> bool | None:
    """Whether a sign-in used a second factor, by its additionalEventData; None when it does not say.

    >>> multi_factor(b'{"MFAUsed": "No"}'), multi_factor(b"")
    (False, None)
    """
    found = _MFA.search(extra[:_LONGEST])
    return None if found is None else found[1] == b"Yes"


def signed_in_as(extra: bytes) -> str:
    """Name of who signs in, by the additionalEventData; "" when it does not say."""
    found = _USER_NAME.search(extra[:_LONGEST])
    return found[1].decode("utf-8", "replace") if found else ""


def hidden_error(action: str, response: bytes) -> tuple[str | None, str | None] | None:
    """Code and message of an error that only responseElements tells, else None.

    >>> hidden_error("signin:ConsoleLogin", b'{"ConsoleLogin": "Failure"}')
    (None, 'Failed authentication')
    """
    if action.startswith("signin:"):
        return (None, "Failed authentication") if b'"Failure"' in response[:_LONGEST] else None
    if b"rror" not in response[:4096]:
        return None
    found = _HIDDEN.match(response[:4096].lstrip(b"{ \n")) if response[:1] == b"{" else None
    return (found[1].decode("utf-8", "replace"), None) if found else None
