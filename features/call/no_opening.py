"""Calls that seem to share or publish and let nobody in, by why they do not.

They are the IAM definition's permission management that `opening_table.py` does not have, and calls whose name or
request would be taken for an opening: an endpoint's policy or a stack's allows everybody what another policy still has
to allow.
"""

from collections.abc import Mapping
from typing import Final

_TABLE: Final[Mapping[str, str]] = {
    "leads out, describes, or routes: it lets nobody in": """
        ec2: AuthorizeSecurityGroupEgress UpdateSecurityGroupRuleDescriptionsEgress AuthorizeClientVpnIngress
        ec2: UpdateSecurityGroupRuleDescriptionsIngress CreateNetworkAcl ReplaceNetworkAclAssociation
        ec2: CreateSecurityGroup
        ec2: AssociateSecurityGroupVpc CreateRoute ReplaceRoute
        ec2: AttachApplianceToNatGateway AttachResourcesToPlacementGroup RunInstances AcceptVpcPeeringConnection
        ec2: CreateTransitGatewayRoute ReplaceTransitGatewayRoute CreateClientVpnRoute
        vpc-lattice: AssociateViaAWSService AssociateViaAWSService-EventsAndStates
        vpc-lattice: CreateServiceNetworkVpcEndpointAssociation
        networkmanager: PutCoreNetworkPolicy CreateCoreNetwork
        autoscaling: CreateLaunchConfiguration
    """,
    "limits what a policy elsewhere has to allow": """
        ec2: CreateVpcEndpoint ModifyVpcEndpoint
        iam: PutRolePermissionsBoundary PutUserPermissionsBoundary
        sso: PutPermissionsBoundaryToPermissionSet
        organizations: CreatePolicy UpdatePolicy AttachPolicy EnablePolicyType
        sts: AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot
        lakeformation: AssumeDecoratedRoleWithSAML
        transfer: CreateAccess CreateUser UpdateAccess UpdateUser
        eks: CreatePodIdentityAssociation UpdatePodIdentityAssociation
        signin: PutResourcePermissionStatement
        ec2: CreateVerifiedAccessEndpoint CreateVerifiedAccessGroup ModifyClientVpnEndpointAuthorizationPolicy
        ec2: ModifyVerifiedAccessEndpointPolicy ModifyVerifiedAccessGroupPolicy
        s3express: PutAccessPointScope
        s3: BypassGovernanceRetention
        fsx: BypassSnaplockEnterpriseRetention
        emr-serverless: StartJobRun
        rolesanywhere: CreateProfile UpdateProfile
        odb: CreateOdbNetwork UpdateOdbNetwork
        ssm: PutParameter
    """,
    "guards a stack against its own updates": """
        cloudformation: SetStackPolicy CreateStack UpdateStack CreateChangeSet CreateStackSet UpdateStackSet
    """,
    "blocks public access or asks for less": """
        ec2: EnableImageBlockPublicAccess EnableSnapshotBlockPublicAccess
        s3: PutBucketOwnershipControls
        worklink: UpdateDevicePolicyConfiguration
        xray: PutEncryptionConfig
        dynamodb: UpdateAbacStatus
        glacier: CompleteVaultLock SetDataRetrievalPolicy
        iam: UpdateAccountPasswordPolicy SetSecurityTokenServicePreferences
    """,
    "lets a service of AWS deliver or act": """
        aidevops bedrock bedrock-agentcore: AllowVendedLogDeliveryForResource
        cloudfront codewhisperer elasticloadbalancing identity-sync: AllowVendedLogDeliveryForResource
        qbusiness quicksight route53globalresolver securityhub ses wisdom: AllowVendedLogDeliveryForResource
        apigateway appsync: SetWebACL
        greengrass: AssociateServiceRoleToAccount
        iam: CreateServiceLinkedRole
        lambda: EnableReplication
        redshift: CreateSnapshotCopyGrant ModifyClusterIamRoles
        ses: ReplicateEmailIdentityDkimSigningKey
    """,
    "turns a feature on inside the own organization": """
        health: EnableHealthServiceAccessForOrganization
        networkmanager: StartOrganizationServiceAccessUpdate
        notifications: EnableNotificationsAccessForOrganization
        ram: EnableSharingWithAwsOrganization UpdateResourceShare
        license-manager: UpdateServiceSettings
        organizations: EnableAWSServiceAccess
    """,
    "takes what another account shared": """
        ram: AcceptResourceShareInvitation
        apigateway: CreateAccessAssociation
        entityresolution: UseIdNamespace UseWorkflow
        redshift: AssociateDataShareConsumer
    """,
    "changes a person, a role, a group or a credential of the own account": """
        iam: AddRoleToInstanceProfile AddUserToGroup ChangePassword CreateAccessKey CreateAccountAlias CreateGroup
        iam: CreateInstanceProfile CreateLoginProfile CreateServiceSpecificCredential CreateUser CreateVirtualMFADevice
        iam: EnableMFADevice PassRole ResyncMFADevice SetDefaultPolicyVersion UpdateAccessKey UpdateGroup
        iam: UpdateLoginProfile
        iam: UpdateRole UpdateRoleDescription UpdateSSHPublicKey UpdateServerCertificate UpdateServiceSpecificCredential
        iam: UpdateSigningCertificate UpdateUser UploadSSHPublicKey UploadServerCertificate UploadSigningCertificate
        sso: AssociateProfile AttachCustomerManagedPolicyReferenceToPermissionSet CreateApplicationInstance
        sso: CreateApplicationInstanceCertificate CreatePermissionSet CreateProfile CreateTrust StartSSO
        sso: UpdatePermissionSet
        sso: ImportApplicationInstanceServiceProviderMetadata UpdateApplicationInstanceActiveCertificate UpdateProfile
        sso: UpdateApplicationInstanceDisplayData UpdateApplicationInstanceResponseConfiguration UpdateSSOConfiguration
        sso: UpdateApplicationInstanceResponseSchemaConfiguration UpdateApplicationInstanceSecurityConfiguration
        sso: UpdateApplicationInstanceServiceProviderConfiguration UpdateApplicationInstanceStatus UpdateTrust
        sso-directory: AddMemberToGroup CreateAlias CreateGroup CreateUser EnableUser UpdateGroup UpdatePassword
        sso-directory: UpdateUser
        sso-directory: VerifyEmail
        cognito-identity: MergeDeveloperIdentities SetIdentityPoolRoles
        redshift: CreateClusterUser JoinGroup
        rds-db: connect
        chime: PutVoiceConnectorTerminationCredentials
        codebuild: ImportSourceCredentials
        mediapackage: RotateIngestEndpointCredentials
        storagegateway: SetLocalConsolePassword SetSMBGuestPassword UpdateChapCredentials
        workspaces: ModifySelfservicePermissions
        ds: AccessDSData CreateConditionalForwarder CreateDirectory CreateIdentityPoolDirectory CreateMicrosoftAD
    """,
    "gives a member of an application's own directory a part in it": """
        bedrock-agentcore: ManageAdminPolicy ManageResourceScopedPolicy
        codestar: AssociateTeamMember CreateProject UpdateTeamMember
        datazone: AddPolicyGrant
        deadline: AssociateMemberToFarm AssociateMemberToFleet AssociateMemberToJob AssociateMemberToQueue
        elasticmapreduce: PutWorkspaceAccess
        grafana: UpdatePermissions
        iot: AttachPolicy AttachPrincipalPolicy SetDefaultAuthorizer SetDefaultPolicyVersion
        monitron: AssociateProjectAdminUser CreateProjectUserAssociation CreateUserAccessRoleAssociation
        opsworks: SetPermission UpdateUserProfile
        quicksight: CreateAdmin CreateGroup CreateGroupMembership CreateIAMPolicyAssignment CreateUser RegisterUser
        quicksight: UpdateGroup UpdateIAMPolicyAssignment UpdateUser
        ssm-contacts: AssociateContact
        s3: AssociateAccessGrantsIdentityCenter CreateAccessGrantsInstance CreateAccessGrantsLocation
        s3: UpdateAccessGrantsLocation ObjectOwnerOverrideToBucketOwner
        apigateway: AddCertificateToDomain
    """,
    "uses what is there": """
        bedrock-agentcore: AuthorizeAction InvokeGateway PartiallyAuthorizeActions SynchronizeGatewayTargets
        glue: GlueNotebookAuthorize GlueNotebookRefreshCredentials RefreshOAuth2Tokens RequestLogParsing UseGlueStudio
        glue: RunDataPreviewStatement SendRecipeAction StartNotebook
        iotfleetwise: GenerateCommandPayload
        managedblockchain: GET Invoke POST
        opensearch: ApplicationAccessAll
        access-analyzer: CreateAccessPreview StartPolicyGeneration
    """,
    "has a policy of another kind, for lifecycles, masking, routing or rules": """
        aoss: CreateLifecyclePolicy UpdateLifecyclePolicy
        bedrock: CreateGuardrail UpdateGuardrail
        config: PutConfigRule PutOrganizationConfigRule
        connect: StartContactConversationalAnalyticsJob
        datazone: CreateDesignation UpdateDesignation
        ivs: CreateChannel UpdateChannel
        logs: PutDataProtectionPolicy PutIndexPolicy
        ses: CreateReceiptFilter
    """,
    "names somebody for another purpose: who runs it, what it is about, whose data it reads": """
        autoscaling: CreateAutoScalingGroup
        bcm-pricing-calculator: UpdatePreferences
        cloudfront: CreateDistribution CreateDistributionWithTags UpdateDistribution
        config: PutConfigurationRecorder PutServiceLinkedConfigurationRecorder
        config: PutThirdPartyServiceLinkedConfigurationRecorder
        datasync: CreateLocationHdfs CreateLocationSmb UpdateLocationHdfs UpdateLocationSmb
        ds: AddIpRoutes
        ec2: CreateLaunchTemplate CreateLaunchTemplateVersion CreateNetworkInterface CreatePlacementGroup CreateVolume
        ec2: ModifyIdentityIdFormat
        ecr: RegisterPullTimeUpdateExclusion
        ecs: PutAccountSetting
        imagebuilder: CreateLifecyclePolicy StartResourceStateUpdate UpdateLifecyclePolicy
        iot: AttachThingPrincipal
        mgn: StartNetworkMigrationMappingUpdate
        qapps: UpdateQAppPermissions
        quicksight: UpdateDataSet UpdateDataSource
        redshift-serverless: CreateEndpointAccess RestoreFromSnapshot
        resiliencehub: BatchUpdateRecommendationStatus
        ses: CreateReceiptRule UpdateReceiptRule
        ssm-incidents: CreateResponsePlan UpdateResponsePlan
    """,
    "writes data, which its service may be full of": """
        dynamodb: PutItem UpdateItem
        kinesis: PutRecord PutRecords
        firehose: PutRecord PutRecordBatch
        events: PutEvents
        cloudwatch: PutMetricData
        securityhub: BatchImportFindings BatchUpdateFindings
        ssm: PutInventory UpdateInstanceInformation PutComplianceItems
        config: PutEvaluations
        s3: UploadPart UploadPartCopy
    """,
}


def _read_table(table: Mapping[str, str]) -> dict[tuple[str, str], str]:
    reasons = {}
    for reason, lines in table.items():
        for line in filter(None, map(str.strip, lines.splitlines())):
            services, _, names = line.partition(": ")
            reasons.update({(service, name.lower()): reason for service in services.split() for name in names.split()})
    return reasons


NO_OPENINGS: Final[Mapping[tuple[str, str], str]] = _read_table(_TABLE)
"""Why a call opens nothing, by service and name of the call in lower case."""


def opens_nothing(service: str, name: str) -> bool:
    """Whether a call is known to open nothing, though its name may seem so.

    >>> opens_nothing("ec2", "AuthorizeSecurityGroupEgress"), opens_nothing("ec2", "AuthorizeSecurityGroupIngress")
    (True, False)
    """
    return (service, name.lower()) in NO_OPENINGS
