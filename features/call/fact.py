"""Facts a record states of itself: root, sign-ins with and without MFA, logging switched off, IMDSv1."""

import re
from typing import Final

from features.call.sign_in import read_second_factor
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

_STATING: Final = LOGGING_OFF | _NARROWED.keys() | {"signin:ConsoleLogin"}

_LONGEST: Final = 131_072
"""Bytes of a request that are read."""


def find_facts(action: str, record: Record, root: bool, failed: bool, imds: str) -> tuple[str, ...]:
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

    Examples
    --------
    >>> find_facts("cloudtrail:StopLogging", Record(), root=False, failed=False, imds="1.0")
    ('logging_off', 'imds_v1')
    """
    found = ["root"] if root else []
    if action == "signin:ConsoleLogin":
        second_factor = read_second_factor(bytes(record.additional_event_data))
        if failed:
            found.append("login_failed")
        elif second_factor is not None:
            found.append("login_mfa" if second_factor else "login_no_mfa")
    if not failed and (action in LOGGING_OFF or _narrows(action, bytes(record.request_parameters))):
        found.append("logging_off")
    if imds == "1.0":
        found.append("imds_v1")
    return tuple(found)


def _narrows(action: str, request: bytes) -> bool:
    """Whether a request is one of those after which less is recorded."""
    pattern = _NARROWED.get(action)
    return pattern is not None and pattern.search(request[:_LONGEST]) is not None


def may_state_facts(action: str) -> bool:
    """Whether records of this action state facts of their own.

    >>> may_state_facts("cloudtrail:StopLogging"), may_state_facts("ec2:DescribeInstances")
    (True, False)
    """
    return action in _STATING
