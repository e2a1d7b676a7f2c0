"""Calls that switch a safeguard off."""

import json
import time
from typing import Any

import pytest

from features.call.silencing import SWITCHES, may_switch_off, parse_table, switches_off
from features.call.silencing_table import PROTECTION, WATCHING

ALWAYS = [
    "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:StopEventDataStoreIngestion",
    "guardduty:DeleteDetector",
    "guardduty:DisassociateMembers", "guardduty:DeleteMalwareProtectionPlan",
    "guardduty:DisableOrganizationAdminAccount",
    "config:StopConfigurationRecorder", "config:DeleteConfigRule", "securityhub:BatchDisableStandards",
    "securityhub:DisableImportFindingsForProduct", "securitylake:DeleteDataLake", "securitylake:DeleteAwsLogSource",
    "securitylake:DeleteCustomLogSource", "ec2:DeleteFlowLogs", "route53:DeleteQueryLoggingConfig",
    "route53resolver:DisassociateResolverQueryLogConfig", "wafv2:DeleteLoggingConfiguration", "redshift:DisableLogging",
    "rds:StopActivityStream", "bedrock:DeleteModelInvocationLoggingConfiguration", "monitoring:DeleteAlarms",
    "cloudwatch:DeleteAlarms", "monitoring:DisableAlarmActions", "monitoring:DeleteAnomalyDetector",
    "inspector2:Disable",
    "inspector:StopAssessmentRun", "macie2:DisableMacie", "macie2:DisassociateMember", "detective:DeleteGraph",
    "access-analyzer:DeleteAnalyzer", "access-analyzer:CreateArchiveRule", "auditmanager:DeregisterAccount",
    "logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:DeleteMetricFilter", "logs:DeleteSubscriptionFilter",
    "apigateway:DeleteAccessLogSettings", "organizations:LeaveOrganization", "backup:DeleteBackupVault",
    "backup:DeleteRecoveryPoint", "backup:DeleteBackupVaultLockConfiguration", "rbin:DeleteRule", "rbin:UnlockRule",
    "dlm:DeleteLifecyclePolicy", "rds:DeleteDBInstanceAutomatedBackup", "docdb:DeleteDBClusterAutomatedBackup",
]  # fmt: skip

CONDITIONS: list[tuple[str, Any, Any]] = [
    # action, a request that switches off, one that does not
    ("cloudtrail:PutEventSelectors", {"eventSelectors": [{"includeManagementEvents": False}]},
     {"eventSelectors": [{}]}),
    ("cloudtrail:PutInsightSelectors", {"insightSelectors": []}, {"insightSelectors": [{"insightType": "x"}]}),
    ("cloudtrail:UpdateTrail", {"isMultiRegionTrail": False}, {"name": "t", "isMultiRegionTrail": True}),
    ("cloudtrail:UpdateTrail", {"cloudWatchLogsLogGroupArn": ""}, {"cloudWatchLogsLogGroupArn": "arn"}),
    ("cloudtrail:UpdateEventDataStore", {"advancedEventSelectors": []}, {"eventDataStore": "e"}),
    ("guardduty:UpdateDetector", {"enable": False}, {"enable": True, "findingPublishingFrequency": "ONE_HOUR"}),
    ("guardduty:UpdateDetector", {"dataSources": {"s3Logs": {"enable": False}}},
     {"dataSources": {"s3Logs": {"enable": 1}}}),
    ("guardduty:UpdateDetector",
     {"features": [{"name": "RUNTIME_MONITORING", "status": "ENABLED", "additionalConfiguration": [
         {"name": "EKS_ADDON_MANAGEMENT", "status": "DISABLED"}]}]}, {"features": []}),
    ("guardduty:UpdateMemberDetectors", {"Features": [{"Status": "disabled"}]}, {"features": [{"status": "ENABLED"}]}),
    ("guardduty:UpdateOrganizationConfiguration", {"autoEnableOrganizationMembers": "NONE"},
     {"autoEnableOrganizationMembers": "ALL"}),
    ("guardduty:UpdateOrganizationConfiguration", {"features": [{"autoEnable": "NONE"}]},
     {"features": [{"autoEnable": "NEW"}]}),
    ("guardduty:CreateFilter", {"action": "ARCHIVE"}, {"action": "NOOP"}),
    ("guardduty:CreateIPSet", {"activate": True}, {"activate": False}),
    ("config:PutConfigurationRecorder", {"configurationRecorder": {"recordingGroup": {"allSupported": False}}},
     {"configurationRecorder": {"recordingGroup": {"allSupported": True}}}),
    ("config:PutConfigurationRecorder",
     {"configurationRecorder": {"recordingGroup": {"exclusionByResourceTypes": {"resourceTypes": ["AWS::IAM::User"]}}}},
     {"configurationRecorder": {"recordingGroup": {"exclusionByResourceTypes": {"resourceTypes": []}}}}),
    ("securityhub:UpdateStandardsControl", {"controlStatus": "DISABLED"}, {"controlStatus": "ENABLED"}),
    ("securityhub:CreateAutomationRule",
     {"actions": [{"findingFieldsUpdate": {"workflow": {"status": "SUPPRESSED"}}}]},
     {"actions": [{"findingFieldsUpdate": {"workflow": {"status": "NOTIFIED"}}}]}),
    ("inspector2:UpdateOrganizationConfiguration", {"autoEnable": {"ec2": True, "ecr": False}},
     {"autoEnable": {"ec2": True}}),
    ("inspector2:CreateFilter", {"action": "SUPPRESS"}, {"action": "NONE"}),
    ("macie2:UpdateMacieSession", {"status": "PAUSED"}, {"status": "ENABLED"}),
    ("organizations:DisableAWSServiceAccess", {"servicePrincipal": "guardduty.amazonaws.com"},
     {"servicePrincipal": "ram.amazonaws.com"}),
    ("ec2:ModifyClientVpnEndpoint",
     {"ModifyClientVpnEndpointRequest": {"ConnectionLogOptions": {"Enabled": False}}},
     {"ModifyClientVpnEndpointRequest": {"ConnectionLogOptions": {"Enabled": True}}}),
    ("s3:PutBucketLogging", {"BucketLoggingStatus": {"xmlns": "x"}},
     {"BucketLoggingStatus": {"LoggingEnabled": {"TargetBucket": "b"}}}),
    ("s3:PutBucketLogging", {"BucketLoggingStatus": ""}, {"omitted": True, "reason": "requestParameters too large"}),
    ("network-firewall:UpdateLoggingConfiguration", {"loggingConfiguration": {"logDestinationConfigs": []}},
     {"loggingConfiguration": {"logDestinationConfigs": [{"logType": "FLOW"}]}}),
    ("network-firewall:UpdateLoggingConfiguration", {"firewallName": "edge"}, None),
    ("elasticloadbalancing:ModifyLoadBalancerAttributes",
     {"attributes": [{"key": "access_logs.s3.enabled", "value": "false"}, {"key": "idle", "value": "60"}]},
     {"attributes": [{"key": "access_logs.s3.enabled", "value": "true"}, {"key": "http2.enabled", "value": "false"}]}),
    ("elasticloadbalancing:ModifyLoadBalancerAttributes",
     {"loadBalancerAttributes": {"accessLog": {"enabled": False}}},
     {"loadBalancerAttributes": {"accessLog": {"enabled": True}, "connectionDraining": {"enabled": False}}}),
    ("cloudfront:UpdateDistribution", {"distributionConfig": {"logging": {"enabled": False}}},
     {"distributionConfig": {"logging": {"enabled": True}, "enabled": False}}),
    ("apigateway:UpdateStage", {"updateStageInput": {"patchOperations": [{"op": "remove",
     "path": "/accessLogSettings"}]}},
     {"updateStageInput": {"patchOperations": [{"op": "replace", "path": "/description", "value": ""}]}}),
    ("apigateway:UpdateStage", {"patchOperations": [{"op": "replace", "path": "/*/*/logging/loglevel",
     "value": "OFF"}]},
     {"patchOperations": [{"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"}]}),
    ("redshift:ModifyClusterParameterGroup",
     {"parameters": [{"parameterName": "enable_user_activity_logging", "parameterValue": "false"}]},
     {"parameters": [{"parameterName": "require_ssl", "parameterValue": "false"}]}),
    ("es:UpdateDomainConfig", {"logPublishingOptions": {"AUDIT_LOGS": {"enabled": False}}},
     {"logPublishingOptions": {"AUDIT_LOGS": {"enabled": True}}, "offPeakWindowOptions": {"enabled": False}}),
    ("rds:ModifyDBInstance", {"cloudwatchLogsExportConfiguration": {"disableLogTypes": ["audit"]}},
     {"cloudwatchLogsExportConfiguration": {"enableLogTypes": ["audit"], "disableLogTypes": []}}),
    ("rds:ModifyOptionGroup", {"optionsToRemove": ["MARIADB_AUDIT_PLUGIN"]}, {"optionsToRemove": ["TDE"]}),
    ("kafka:UpdateMonitoring", {"loggingInfo": {"brokerLogs": {"s3": {"enabled": False}}}},
     {"openMonitoring": {"prometheus": {"jmxExporter": {"enabledInBroker": False}}}}),
    ("eks:UpdateClusterConfig", {"logging": {"clusterLogging": [{"types": ["audit"], "enabled": False}]}},
     {"resourcesVpcConfig": {"endpointPublicAccess": False}}),
    ("ecs:UpdateClusterSettings", {"settings": [{"name": "containerInsights", "value": "disabled"}]},
     {"settings": [{"name": "containerInsights", "value": "enabled"}]}),
    ("states:UpdateStateMachine", {"loggingConfiguration": {"level": "OFF"}},
     {"loggingConfiguration": {"level": "ALL"}}),
    ("appsync:UpdateGraphqlApi", {"logConfig": {"fieldLogLevel": "NONE"}}, {"logConfig": {"fieldLogLevel": "ERROR"}}),
    ("globalaccelerator:UpdateAcceleratorAttributes", {"flowLogsEnabled": False}, {"flowLogsEnabled": True}),
    ("transfer:UpdateServer", {"loggingRole": ""}, {"loggingRole": "arn"}),
    ("bedrock:PutModelInvocationLoggingConfiguration", {"loggingConfig": {"s3Config": {"bucketName": "b"},
     "textDataDeliveryEnabled": False}}, {"loggingConfig": {"s3Config": {"bucketName": "b"}}}),
    ("bedrock:PutModelInvocationLoggingConfiguration", {"loggingConfig": {"textDataDeliveryEnabled": True}},
     {"loggingConfig": {"cloudWatchConfig": {"logGroupName": "g"}, "textDataDeliveryEnabled": True}}),
    ("ssm:UpdateDocument", {"name": "SSM-SessionManagerRunShell",
     "content": '{"inputs": {"s3BucketName": "", "cloudWatchLogGroupName": ""}}'},
     {"name": "SSM-SessionManagerRunShell",
      "content": '{"inputs": {"s3BucketName": "b", "cloudWatchLogGroupName": ""}}'}),
    ("monitoring:PutMetricAlarm", {"alarmName": "a", "actionsEnabled": False},
     {"alarmName": "a", "actionsEnabled": True}),
    ("monitoring:SetAlarmState", {"stateValue": "OK"}, {"stateValue": "ALARM"}),
    ("events:DisableRule", {"name": "guardduty-findings"}, {"name": "nightly-batch"}),
    ("events:RemoveTargets", {"rule": "SecurityHub-To-Slack"}, {"rule": "nightly", "ids": ["alarm"]}),
    ("logs:PutRetentionPolicy", {"retentionInDays": 1}, {"retentionInDays": 14}),
    ("logs:DeleteAccountPolicy", {"policyType": "SUBSCRIPTION_FILTER_POLICY"},
     {"policyType": "DATA_PROTECTION_POLICY"}),
    ("s3:PutBucketLifecycle",
     {"LifecycleConfiguration": {"Rule": {"Expiration": {"Days": 1}, "Filter": {"Prefix": "*"}}}},
     {"LifecycleConfiguration": {"Rule": {"Expiration": {"Days": 1}, "Filter": {"Prefix": "tmp/"}}}}),
    ("s3:PutBucketLifecycle", {"LifecycleConfiguration": {"Rule": {"Expiration": {"Days": 1}, "Prefix": ""}}},
     {"LifecycleConfiguration": {"Rule": {"Expiration": {"Days": 30}, "Prefix": ""}}}),
    ("s3:PutBucketVersioning", {"VersioningConfiguration": {"Status": "Suspended", "xmlns": "x"}},
     {"VersioningConfiguration": {"Status": "Enabled", "MfaDelete": "Disabled"}}),
    ("s3:PutObjectLockConfiguration", {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}},
     {"ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Days": 30}}}}),
    ("rds:ModifyDBInstance", {"backupRetentionPeriod": 0}, {"backupRetentionPeriod": 7, "deletionProtection": True}),
    ("rds:ModifyDBCluster", {"deletionProtection": False}, {"applyImmediately": False}),
    ("dynamodb:UpdateContinuousBackups",
     {"pointInTimeRecoverySpecification": {"pointInTimeRecoveryEnabled": False}},
     {"pointInTimeRecoverySpecification": {"pointInTimeRecoveryEnabled": True}}),
    ("backup:UpdateRegionSettings", {"resourceTypeOptInPreference": {"S3": False}},
     {"resourceTypeOptInPreference": {"S3": True}}),
    ("elasticfilesystem:PutBackupPolicy", {"backupPolicy": {"status": "DISABLED"}},
     {"backupPolicy": {"status": "ENABLED"}}),
]  # fmt: skip


def test_a_call_may_always_switch_off() -> None:
    for action in ALWAYS:
        assert may_switch_off(action), action
        assert switches_off(action, b"null"), action
        assert switches_off(action, b""), action


@pytest.mark.parametrize(("action", "off", "on"), CONDITIONS)
def test_a_call_may_do_so_by_its_request(action: str, off: object, on: object) -> None:
    assert may_switch_off(action)
    assert switches_off(action, json.dumps(off).encode())
    assert not switches_off(action, json.dumps(on).encode())
    assert not switches_off(action, b"null")


@pytest.mark.parametrize(
    "action",
    ["ec2:DescribeFlowLogs", "guardduty:ArchiveFindings", "logs:CreateLogGroup", "cloudtrail:StartLogging", "", ":"],
)
def test_other_calls_switch_nothing_off(action: str) -> None:
    assert not may_switch_off(action)
    assert not switches_off(action, b'{"enabled": false}')


def test_a_request_that_no_strict_decoder_takes_hides_nothing() -> None:
    assert switches_off("guardduty:UpdateDetector", b'{"detectorId": NaN, "enable": false, "x": "\xff"}')


def test_a_request_is_read_within_bounds() -> None:
    start = time.process_time()
    for text in (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b'{"enable":"' + b"x" * 100_000 + b'"}', b"[" * 100_000):
        assert not switches_off("guardduty:UpdateDetector", text)
    assert time.process_time() - start < 2


def test_rows_of_one_call_add_up() -> None:
    rows = parse_table("a:X one=1\na,b:X,Y two=2+!three # why\n\n# nothing")
    assert set(rows) == {"a:x", "a:y", "b:x", "b:y"}
    assert [len(group) for group in rows["a:x"]] == [1, 2]


def test_no_call_has_rows_with_and_without_a_condition() -> None:
    lines = [line.partition("#")[0].split() for line in (WATCHING + PROTECTION).splitlines() if line.strip()]
    for conditional in (True, False):
        table = "\n".join(" ".join(line) for line in lines if line and (len(line) > 1) is conditional)
        for call in parse_table(table):
            assert bool(SWITCHES[call]) is conditional, call
