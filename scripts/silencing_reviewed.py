"""Calls whose names sound like switching a safeguard off, and why they do not. `scripts/check_silencing.py` reads it.

`service:Name,Name`
`service: by the reason. Who adds a call here decided that a security analyst would not want to be told of it
as something switched off; it stays an ordinary call, whose own rarity counts.
"""

from typing import Final

_WHY: Final = {
    "makes watching more, or takes away an exception to it": """
        access-analyzer:DeleteArchiveRule
        cloudwatch:DeleteAlarmMuteRule,PutAnomalyDetector,PutInsightRule,PutManagedInsightRules,PutMetricStream
        config:DeleteRemediationExceptions,DeleteRetentionConfiguration
        config:PutConfigRule,PutConformancePack,PutOrganizationConfigRule,PutOrganizationConformancePack
        config:PutServiceLinkedConfigurationRecorder
        fms:PutAdminAccount,PutNotificationChannel,PutPolicy
        guardduty:DeleteFilter,DeleteIPSet,DeleteTrustedEntitySet
        inspector2:DeleteFilter
        iot:DeleteAuditSuppression
        logs:DeleteRetentionPolicy,PutMetricFilter,PutSubscriptionFilter
        macie2:DeleteAllowList,DeleteFindingsFilter
        securityhub:BatchDeleteAutomationRules,DeleteAutomationRuleV2
        backup:PutBackupVaultLockConfiguration
    """,
    "changes where something goes or how it looks, and the request does not tell whether less of it does": """
        aps:UpdateLoggingConfiguration,UpdateQueryLoggingConfiguration,UpdateScraperLoggingConfiguration
        backup:PutBackupVaultNotifications,UpdateBackupPlan,UpdateTieringConfiguration,UpdateRecoveryPointIndexSettings
        chime:PutAppInstanceRetentionSettings,PutRetentionSettings
        cloudfront:UpdateRealtimeLogConfig
        cloudtrail:PutEventConfiguration,UpdateChannel
        config:PutDeliveryChannel,PutConfigurationAggregator,PutAggregationAuthorization,PutRetentionConfiguration
        ec2:ModifyTrafficMirrorFilterNetworkServices,ModifyTrafficMirrorFilterRule,ModifyTrafficMirrorSession
        ec2:DeleteTrafficMirrorFilter,DeleteTrafficMirrorFilterRule
        guardduty:UpdatePublishingDestination
        inspector:UpdateAssessmentTarget
        inspector2:UpdateCisScanConfiguration,UpdateCodeSecurityIntegration,UpdateCodeSecurityScanConfiguration
        inspector2:UpdateConfiguration,UpdateEncryptionKey,UpdateOrgEc2DeepInspectionConfiguration
        iot:DeleteV2LoggingLevel,UpdateScheduledAudit,UpdateAuditSuppression
        iotmanagedintegrations:PutRuntimeLogConfiguration,UpdateEventLogConfiguration,DeleteEventLogConfiguration
        iotwireless:PutResourceLogLevel,UpdateLogLevelsByResourceTypes
        ivschat:UpdateLoggingConfiguration
        kinesisvideo:UpdateDataRetention
        lightsail:PutAlarm
        logs:PutDeliveryDestination,PutDeliverySource,PutDestination,PutAccountPolicy,UpdateDeliveryConfiguration
        logs:UpdateLogDelivery,UpdateScheduledQuery,PutTransformer,PutPipelineRule,DeleteTransformer,DeletePipelineRule
        macie2:PutClassificationExportConfiguration,UpdateAllowList,UpdateResourceProfile
        macie2:UpdateResourceProfileDetections
        macie2:UpdateSensitivityInspectionTemplate
        mediapackage,mediapackage-vod:ConfigureLogs
        oam:UpdateLink
        rbin:UpdateRule
        rds:ModifyActivityStream
        redshift:ModifySnapshotCopyRetentionPeriod
        securitylake:UpdateDataLake,UpdateDataLakeExceptionSubscription,UpdateSubscriber,UpdateSubscriberNotification
        securityhub:UpdateConnectorV2,UpdateSecurityControl,DeleteConnectorV2
        ssm-sap:UpdateHANABackupSettings
        vpc-lattice:UpdateAccessLogSubscription
        waf,waf-regional:PutLoggingConfiguration
        wickr:DeleteDataRetentionBot,UpdateDataRetention
        workspaces-web:UpdateUserAccessLoggingSettings
    """,
    "handles findings and results, which were made and kept": """
        access-analyzer:UpdateFindings
        auditmanager:BatchDisassociateAssessmentReportEvidence,DisassociateAssessmentReportEvidenceFolder
        auditmanager:DeleteAssessmentReport
        auditmanager:UpdateAssessmentControl,UpdateAssessmentControlSetStatus
        config:DeleteEvaluationResults,PutEvaluations,PutExternalEvaluation
        detective:UpdateInvestigationState
        guardduty:ArchiveFindings,UpdateFindingsFeedback
        inspector:RemoveAttributesFromFindings
        logs:UpdateAnomaly
        security-ir:UpdateCase,UpdateCaseComment,UpdateCaseStatus
        securityhub:BatchUpdateFindings,UpdateFindings
    """,
    "concerns a view, a report, a query, a draft or an invitation": """
        access-analyzer:CancelPolicyGeneration
        auditmanager:BatchDeleteDelegationByAssessment,DeleteAssessmentFramework
        auditmanager:DeleteAssessmentFrameworkShare,DeleteControl
        auditmanager:UpdateAssessment,UpdateAssessmentFramework,UpdateAssessmentFrameworkShare,UpdateControl
        backup:DeleteFramework,DeleteReportPlan,UpdateFramework,UpdateReportPlan,DeleteRestoreTestingPlan
        backup:DeleteRestoreTestingSelection,PutRestoreValidationResult,UpdateRestoreTestingPlan
        backup:UpdateRestoreTestingSelection
        cloudtrail:CancelQuery,DeleteDashboard,DisableFederation,StopImport,UpdateDashboard
        cloudwatch:DeleteDashboards,PutDashboard,DeleteServiceLevelObjective,UpdateServiceLevelObjective
        config:DeletePendingAggregationRequest,DeleteStoredQuery,PutStoredQuery
        fms:DeleteAppsList,DeleteProtocolsList,PutAppsList,PutProtocolsList,PutResourceSet,DeleteResourceSet
        guardduty:DeleteInvitations
        inspector2:CancelFindingsReport,CancelSbomExport,StopCisSession
        iot:CancelAuditMitigationActionsTask,CancelAuditTask
        logs:CancelExportTask,CancelImportTask,DeleteQueryDefinition,PutQueryDefinition,DeleteIndexPolicy
        logs:PutIndexPolicy
        logs:DeleteIntegration,PutIntegration,DeleteLookupTable,UpdateLookupTable
        logs:DisassociateSourceFromS3TableIntegration
        macie2:DeleteCustomDataIdentifier,DeleteInvitations,UpdateRevealConfiguration
        medialive:DeleteCloudWatchAlarmTemplate,DeleteCloudWatchAlarmTemplateGroup,UpdateCloudWatchAlarmTemplate
        medialive:UpdateCloudWatchAlarmTemplateGroup
        securityhub:DeleteActionTarget,DeleteInsight,DeleteInvitations,UpdateActionTarget,UpdateInsight
        securityhub:DeleteConfigurationPolicy
    """,
    "says who may administer or read, not what is watched": """
        backup:DeleteBackupVaultSharingPolicy,PutBackupVaultAccessPolicy,PutBackupVaultSharingPolicy
        backup:DeleteBackupAccessPoint
        cloudtrail:DeleteResourcePolicy,DeregisterOrganizationDelegatedAdmin,PutResourcePolicy
        logs:DeleteDataProtectionPolicy,DeleteDeliveryDestinationPolicy,DisassociateKmsKey,PutBearerTokenAuthentication
        logs:PutDataProtectionPolicy,PutDeliveryDestinationPolicy,PutDestinationPolicy,PutResourcePolicy
        oam:PutSinkPolicy
        route53resolver:PutResolverQueryLogConfigPolicy
        security-ir:UpdateMembership,UpdateResolverType
        shield:DisassociateDRTRole,UpdateEmergencyContactSettings,UpdateSubscription
    """,
    "writes what is recorded": """
        cloudtrail-data:PutAuditEvents
        cloudwatch:PutMetricData
        config:PutResourceConfig,DeleteResourceConfig
        logs:CreateLogStream,PutLogEvents
    """,
    "holds off or repairs, and what passes is seen as before": """
        config:DeleteRemediationConfiguration,PutRemediationConfigurations,PutRemediationExceptions
        ec2:DeleteNetworkAcl,DeleteNetworkAclEntry
        fms:BatchDisassociateResource,DisassociateThirdPartyFirewall
        iam:DeactivateMFADevice
        shield:DeleteProtectionGroup,DisableApplicationLayerAutomaticResponse,DisassociateHealthCheck
        shield:UpdateApplicationLayerAutomaticResponse,UpdateProtectionGroup
        wafv2:DeleteRuleGroup,DeleteWebACL,UpdateIPSet
    """,
    "destroys or keeps one copy, as is done every day where copies take turns": """
        backup:DisassociateRecoveryPointFromParent,UpdateRecoveryPointLifecycle,DeleteTieringConfiguration
        cloudhsm:DeleteBackup,ModifyBackupAttributes
        drs:DeleteRecoveryInstance
        dynamodb,fsx,opsworks-cm:DeleteBackup
        s3-object-lambda:PutObjectRetention
    """,
    "guards against mistakes with what can be made again": """
        cloudformation:UpdateTerminationProtection
        elasticmapreduce:SetTerminationProtection
        ssm-incidents:UpdateDeletionProtection
    """,
    "watches machines, models or mail, not who does what": """
        detective:UpdateDatasourcePackages
        iotevents:BatchDisableAlarm,DeleteAlarmModel,UpdateAlarmModel
        kinesis:DisableEnhancedMonitoring
        route53-recovery-readiness:DeleteRecoveryGroup,UpdateRecoveryGroup
        sagemaker:DeleteMonitoringSchedule,StopMonitoringSchedule,UpdateMonitoringAlert,UpdateMonitoringSchedule
        workmail:DeleteEmailMonitoringConfiguration,DeleteRetentionPolicy,PutEmailMonitoringConfiguration
        workmail:PutRetentionPolicy
    """,
}


def _read(table: str) -> list[str]:
    """Read the calls of a table, as `service:Name`."""
    lines = [line.strip().partition(":") for line in table.split()]
    return [
        f"{service}:{name}"
        for services, _, names in lines
        for service in services.split(",")
        for name in names.split(",")
    ]


REVIEWED: Final = {call: why for why, table in _WHY.items() for call in _read(table)}
"""Calls that switch nothing off, and why."""

NAMED_OTHERWISE: Final = {
    "budgets:DeleteBudget": "budgets:ModifyBudget",
    "budgets:DeleteNotification": "budgets:ModifyBudget",
    "budgets:DeleteSubscriber": "budgets:ModifyBudget",
    "cassandra:UpdateTable": "cassandra:Alter",
    "s3:DeleteBucketLogging": "s3:PutBucketLogging",
}
"""IAM action of calls in the table that have another name there and need none in `features/call/action_alias.py`."""
