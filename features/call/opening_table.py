"""The table of `opening.py`, as text: a service, below it its calls with the fields that open something."""

from typing import Final

TABLE: Final = """
acm-pca
    PutPolicy policy:policy
    CreatePermission who:principal,sourceaccount
aiops
    PutInvestigationGroupPolicy policy:policy
airflow
    CreateEnvironment UpdateEnvironment on:webserveraccessmode=public_only>public:environment
aoss
    CreateAccessPolicy UpdateAccessPolicy who:policy.principal
    CreateSecurityPolicy UpdateSecurityPolicy on:policy.allowfrompublic=true>public:collection
apigateway
    CreateRestApi policy:policy
    UpdateRestApi policy:patchoperations.value on:patchoperations.value=regional|edge>public:api
    UpdateRestApiPolicy UpdateDomainNamePolicy UpdateDomainNameManagementPolicy policy:policy,managementpolicy,value
    CreateDomainName policy:policy
    UpdateDomainName policy:patchoperations.value
    PutPortalProductSharingPolicy policy:policydocument
apiportal
    PutProductSharingPolicy policy:policydocument
apprunner
    CreateService UpdateService on:ispubliclyaccessible=true>public:service
appstream
    UpdateImagePermissions who:sharedaccountid
aps
    PutResourcePolicy policy:policydocument
arc-region-switch
    PutResourcePolicy policy:policy
auditmanager
    StartAssessmentFrameworkShare who:destinationaccount
    RegisterOrganizationAdminAccount who:adminaccountid
    RegisterAccount who:delegatedadminaccount
aws-marketplace
    PutResourcePolicy policy:policy
backup
    PutBackupVaultAccessPolicy PutBackupVaultSharingPolicy policy:policy
    CreateBackupAccessPoint policy:accesspointpolicy
    CreateBackupPlan UpdateBackupPlan who:copyactions.destinationbackupvaultarn
    StartCopyJob who:destinationbackupvaultarn
    AssociateBackupVaultMpaApprovalTeam who:mpaapprovalteamarn
bedrock
    PutResourcePolicy policy:resourcepolicy,policy
bedrock-agentcore
    PutResourcePolicy policy:policy
    CreateGateway UpdateGateway on:authorizertype=none>public:gateway
billing
    PutResourcePolicy policy:policy
    TransferCredit who:destinationaccountid
cleanrooms
    CreateCollaboration who:members.accountid
    CreateCollaborationChangeRequest who:member.accountid
    CreateConfiguredTableAnalysisRule UpdateConfiguredTableAnalysisRule CreateIntermediateTableAnalysisRule
        UpdateIntermediateTableAnalysisRule who:allowedanalysisproviders,allowedresultreceivers
    CreateConfiguredTableAssociationAnalysisRule UpdateConfiguredTableAssociationAnalysisRule
        who:allowedresultreceivers
cleanrooms-ml
    PutConfiguredAudienceModelPolicy policy:configuredaudiencemodelpolicy
    CreateConfiguredModelAlgorithmAssociation who:allowedaccountids
cloud9
    CreateEnvironmentMembership UpdateEnvironmentMembership who:userarn
cloudformation
    PublishType always:>principal:*
cloudfront
    PutResourcePolicy policy:policydocument
cloudhsm
    PutResourcePolicy policy:policy
cloudsearch
    UpdateServiceAccessPolicies policy:accesspolicies
cloudtrail
    PutResourcePolicy policy:resourcepolicy
    RegisterOrganizationDelegatedAdmin who:memberaccountid
    CreateTrail UpdateTrail who:kmskeyid,snstopicname,cloudwatchlogsloggrouparn
cloudwatch
    PutMetricStream who:firehosearn
codeartifact
    PutDomainPermissionsPolicy PutRepositoryPermissionsPolicy policy:policydocument
codebuild
    PutResourcePolicy policy:policy
    UpdateProjectVisibility on:projectvisibility=public_read>principal:*
codeguru-profiler
    PutPermission who:principals
codepipeline
    UpdateActionType who:allowedaccounts,pollingaccounts
cognito-identity
    CreateIdentityPool UpdateIdentityPool on:allowunauthenticatedidentities=true>principal:*
comprehend
    PutResourcePolicy policy:resourcepolicy
    CreateDocumentClassifier CreateEntityRecognizer policy:modelpolicy
config
    PutAggregationAuthorization who:authorizedaccountid
    PutDeliveryChannel who:snstopicarn,s3kmskeyarn
connect
    AssociateAnalyticsDataSet BatchAssociateAnalyticsDataSet who:targetaccountid
continuum
    PutResourcePolicy policy:policy
dataexchange
    CreateDataGrant who:receiverprincipal
datazone
    PutDomainSharingPolicy policy:policy
    CreateSubscriptionTarget UpdateSubscriptionTarget who:authorizedprincipals
detective
    CreateMembers who:accounts.accountid
    EnableOrganizationAdminAccount who:accountid
    AcceptInvitation who:grapharn
directconnect
    AllocateConnectionOnInterconnect AllocateHostedConnection AllocatePrivateVirtualInterface
        AllocatePublicVirtualInterface who:owneraccount
    AllocateTransitVirtualInterface who:owneraccount
    AcceptDirectConnectGatewayAssociationProposal who:associatedgatewayowneraccount
    CreateDirectConnectGatewayAssociationProposal who:directconnectgatewayowneraccount
dlm
    CreateLifecyclePolicy UpdateLifecyclePolicy who:sharerules.targetaccounts
dms
    CreateReplicationInstance CreateInstanceProfile ModifyInstanceProfile
        on:publiclyaccessible=true>public:database
ds
    ShareDirectory who:sharetarget.id
    CreateTrust named:remotedomainname
dsql
    PutClusterPolicy CreateCluster policy:policy
dynamodb
    PutResourcePolicy policy:policy
    CreateTable policy:resourcepolicy
    UpdateTable who:kmsmasterkeyid
    ExportTableToPointInTime who:s3bucketowner,s3ssekmskeyid
    EnableKinesisStreamingDestination UpdateKinesisStreamingDestination who:streamarn
ec2
    AuthorizeSecurityGroupIngress cidr:cidrip,cidripv6 who:userid,sourcesecuritygroupownerid
    ModifySecurityGroupRules cidr:cidripv4,cidripv6
    CreateManagedPrefixList cidr:cidr
    ModifyManagedPrefixList cidr:addentry.cidr,addentries.cidr
    CreateNetworkAclEntry ReplaceNetworkAclEntry cidr:cidrblock,ipv6cidrblock only:egress=false only:ruleaction=allow
    ModifySnapshotAttribute who:*added,groupnames only:operationtype=add
    ModifyImageAttribute who:*added,usergroups,add.organizationarn,add.organizationalunitarn,organizationarns
        who:organizationalunitarns only:operationtype=add
    ModifyFpgaImageAttribute who:*added,usergroups only:operationtype=add
    ModifyVpcEndpointServicePermissions who:addallowedprincipals
    CreateVpcPeeringConnection who:peerownerid
    CreateTransitGatewayPeeringAttachment who:peeraccountid
    CreateNetworkInterfacePermission who:awsaccountid
    CreateCoipPoolPermission CreateLocalGatewayRouteTablePermission who:awsaccountid,principal
    CreateOdbNetworkPeering ModifyOdbNetworkPeering who:peerownerid,peeraccountid
    EnableAddressTransfer who:transferaccountid
    EnableIpamOrganizationAdminAccount who:delegatedadminaccountid
    AssociateCapacityReservationBillingOwner who:unusedreservationbillingownerid
    ModifyEbsDefaultKmsKeyId who:kmskeyid
    CreateFlowLogs who:logdestination
    CopySnapshot CopyImage who:kmskeyid,destinationoutpostarn
    PutResourcePolicy policy:policy
    DisableImageBlockPublicAccess DisableSnapshotBlockPublicAccess always:>public_access_block:off
    ModifyVpcBlockPublicAccessOptions on:internetgatewayblockmode=off>public_access_block:off
    CreateVpcBlockPublicAccessExclusion ModifyVpcBlockPublicAccessExclusion
        on:internetgatewayexclusionmode=allow-bidirectional>public_access_block:off
ecr
    SetRepositoryPolicy PutRegistryPolicy policy:policytext
    CreateRepositoryCreationTemplate UpdateRepositoryCreationTemplate policy:repositorypolicy
    PutReplicationConfiguration who:destinations.registryid
ecr-public
    SetRepositoryPolicy policy:policytext
    CreateRepository always:>public:repository
eks
    CreateCluster UpdateClusterConfig on:endpointpublicaccess=true>public:cluster reach:publicaccesscidrs
    CreateAccessEntry UpdateAccessEntry who:principalarn
    AssociateAccessPolicy who:principalarn admin:policyarn
    AssociateIdentityProviderConfig idp:issuerurl
elasticache
    AuthorizeCacheSecurityGroupIngress who:ec2securitygroupownerid
elasticfilesystem
    PutFileSystemPolicy policy:policy
    CreateReplicationConfiguration who:destinations.filesystemid
elasticmapreduce
    PutBlockPublicAccessConfiguration block:blockpublicsecuritygrouprules
elemental-inference
    PutFeedPolicy policy:policy
entityresolution
    PutPolicy policy:policy
    AddPolicyStatement who:principal only:effect=allow condition:condition
es
    CreateDomain UpdateDomainConfig CreateElasticsearchDomain UpdateElasticsearchDomainConfig policy:accesspolicies
        on:anonymousauthenabled=true>principal:*
    AuthorizeVpcEndpointAccess who:account
    CreateOutboundConnection who:remotedomaininfo.awsdomaininformation.ownerid
    CreateOutboundCrossClusterSearchConnection who:destinationdomaininfo.ownerid
events
    PutPermission who:principal policy:policy condition:condition
    PutResourcePolicy policy:policydocument
    PutTargets who:targets.arn
    CreatePartnerEventSource who:account
firehose
    CreateDeliveryStream who:awskmskeyarn,domainarn,keyarn
    UpdateDestination who:awskmskeyarn,domainarn
fms
    AssociateAdminAccount PutAdminAccount who:adminaccount
fsx
    PutResourcePolicy policy:policy,resourcepolicy
    CreateAndAttachS3AccessPoint policy:s3accesspoint.policy
    ManageBackupPrincipalAssociations who:principal,principals,addprincipals
gamelift
    CreateFleet CreateContainerFleet cidr:iprange
    UpdateFleetPortSettings cidr:inboundpermissionauthorizations.iprange
    UpdateContainerFleet cidr:instanceinboundpermissionauthorizations.iprange
    CreateVpcPeeringAuthorization who:gameliftawsaccountid
    CreateVpcPeeringConnection who:peervpcawsaccountid
glacier
    SetVaultAccessPolicy InitiateVaultLock policy:policy,policy.policy
globalaccelerator
    CreateCrossAccountAttachment who:principals
    UpdateCrossAccountAttachment who:addprincipals
glue
    PutResourcePolicy policy:policyinjson
    CreateDatabase UpdateDatabase CreateCatalog UpdateCatalog who:datalakeprincipalidentifier
guardduty
    CreateMembers who:accountdetails.accountid
    InviteMembers who:accountids
    AcceptInvitation who:masterid
    AcceptAdministratorInvitation who:administratorid
    EnableOrganizationAdminAccount who:adminaccountid
    CreatePublishingDestination UpdatePublishingDestination who:kmskeyarn,expectedbucketowner
iam
    CreateRole policy:assumerolepolicydocument
    UpdateAssumeRolePolicy policy:policydocument
    PutUserPolicy PutGroupPolicy PutRolePolicy CreatePolicy CreatePolicyVersion policy:policydocument
    AttachUserPolicy AttachGroupPolicy AttachRolePolicy admin:policyarn
    CreateDelegationRequest who:owneraccountid
    CreateOpenIDConnectProvider idp:url
    CreateSAMLProvider idp:name
    UpdateSAMLProvider idp:samlproviderarn
    AddClientIDToOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint idp:openidconnectproviderarn
imagebuilder
    PutComponentPolicy PutContainerRecipePolicy PutImagePolicy PutImageRecipePolicy policy:policy
    CreateDistributionConfiguration UpdateDistributionConfiguration
        who:launchpermission.userids,launchpermission.usergroups,organizationarns,organizationalunitarns,targetaccountids
inspector2
    AssociateMember who:accountid
    EnableDelegatedAdminAccount who:delegatedadminaccountid
iot
    CreatePolicy CreatePolicyVersion policy:policydocument
    TransferCertificate who:targetawsaccount
    CreateTopicRule ReplaceTopicRule who:targetarn,queueurl,functionarn
kafka
    PutClusterPolicy policy:policy
    CreateCluster CreateClusterV2 UpdateConnectivity on:publicaccess.type=service_provided_eips>public:cluster
kinesis
    PutResourcePolicy policy:policy
    StartStreamEncryption who:keyid
kms
    CreateKey PutKeyPolicy ReplicateKey policy:policy
    CreateGrant who:granteeprincipal,retiringprincipal
lakeformation
    GrantPermissions BatchGrantPermissions AttachRLSPolicy who:datalakeprincipalidentifier
    PutDataLakeSettings who:datalakeprincipalidentifier,trustedresourceowners
        on:allowfulltableexternaldataaccess=true>principal:*
    CreateLakeFormationIdentityCenterConfiguration UpdateLakeFormationIdentityCenterConfiguration
        who:sharerecipients.datalakeprincipalidentifier
lambda
    AddPermission who:principal,sourceaccount,sourcearn tie:principalorgid=aws:principalorgid
        tie:sourceaccount=aws:sourceaccount tie:sourcearn=aws:sourcearn
    AddLayerVersionPermission who:principal tie:organizationid=aws:principalorgid
    PutResourcePolicy policy:policy
    CreateFunctionUrlConfig UpdateFunctionUrlConfig CreateWebFunction CreateWebFunctionEndpoint
        on:authtype=none>function_url:NONE
    UpdateWebFunctionEndpoint on:authtype=none>function_url:NONE
    PutPublicAccessBlockConfig block:blockpublicpolicy,restrictpublicresource
    DeletePublicAccessBlockConfig always:>public_access_block:off
    UpdateFunctionConfiguration who:kmskeyarn
lex
    CreateResourcePolicy UpdateResourcePolicy policy:policy
    CreateResourcePolicyStatement who:principal.arn only:effect=allow condition:condition
license-manager
    CreateGrant who:principals
lightsail
    OpenInstancePublicPorts cidr:portinfo.cidrs,portinfo.ipv6cidrs
        else:portinfo.cidrs,portinfo.ipv6cidrs,portinfo.cidrlistaliases>cidr:0.0.0.0/0
    PutInstancePublicPorts cidr:portinfos.cidrs,portinfos.ipv6cidrs
        else:portinfos.cidrs,portinfos.ipv6cidrs,portinfos.cidrlistaliases>cidr:0.0.0.0/0
    CreateRelationalDatabase CreateRelationalDatabaseFromSnapshot UpdateRelationalDatabase
        on:publiclyaccessible=true>public:database
    UpdateBucket who:readonlyaccessaccounts on:accessrules.getobject=public>principal:*
        on:accessrules.allowpublicoverrides=true>public_access_block:off
logs
    PutResourcePolicy policy:policydocument
    PutDestinationPolicy policy:accesspolicy
    PutDeliveryDestinationPolicy policy:deliverydestinationpolicy
    PutDestination who:targetarn
    PutSubscriptionFilter who:destinationarn
    PutAccountPolicy who:policydocument.destinationarn
    PutDeliveryDestination who:destinationresourcearn
    CreateDelivery who:deliverydestinationarn
    AssociateKmsKey who:kmskeyid
    PutIntegration who:dashboardviewerprincipals
    CreateScheduledQuery UpdateScheduledQuery who:s3configuration.owneraccountid
lookoutequipment
    PutResourcePolicy policy:resourcepolicy
m2
    CreateEnvironment on:publiclyaccessible=true>public:environment
macie2
    AcceptInvitation who:administratoraccountid,masteraccount
    CreateMember who:account.accountid
    CreateInvitations who:accountids
    EnableOrganizationAdminAccount who:adminaccountid
    PutClassificationExportConfiguration who:kmskeyarn,expectedbucketowner
managedblockchain
    CreateProposal who:invitations.principal
mediaconnect
    CreateFlow who:entitlements.subscribers cidr:whitelistcidr
    GrantFlowEntitlements who:entitlements.subscribers
    UpdateFlowEntitlement who:subscribers
    AddFlowSources UpdateFlowSource cidr:whitelistcidr
    CreateRouterNetworkInterface UpdateRouterNetworkInterface cidr:allowrules.cidr
medialive
    CreateInputSecurityGroup UpdateInputSecurityGroup cidr:whitelistrules.cidr
    TransferInputDevice who:targetcustomerid
mediapackagev2
    PutChannelPolicy PutOriginEndpointPolicy policy:policy
mediastore
    PutContainerPolicy policy:policy
mediatailor
    PutChannelPolicy policy:policy
mpa
    PutResourcePolicy policy:policydocument,policy
mq
    CreateBroker on:publiclyaccessible=true>public:broker
neptune-graph
    CreateGraph CreateGraphUsingImportTask RestoreGraphFromSnapshot UpdateGraph
        on:publicconnectivity=true>public:database
network-firewall
    PutResourcePolicy policy:policy
networkmanager
    PutResourcePolicy policy:policydocument
oam
    PutSinkPolicy policy:policy
    CreateLink who:sinkidentifier
omics
    CreateShare who:principalsubscriber
    PutS3AccessPolicy policy:s3accesspolicy
organizations
    InviteAccountToOrganization who:target.id
    InviteOrganizationToTransferResponsibility who:target.id
    RegisterDelegatedAdministrator who:accountid
    PutResourcePolicy policy:content
osis
    PutResourcePolicy policy:policy
payment-cryptography
    PutResourcePolicy policy:policy
pipes
    CreatePipe UpdatePipe who:target
proton
    CreateEnvironmentAccountConnection who:managementaccountid
qbusiness
    AssociatePermission CreateDataAccessor who:principal
quicksight
    CreateActionConnector CreateAnalysis CreateDashboard CreateDataSet CreateDataSource CreateFlow
        CreateFolder who:permissions.principal
    CreateKnowledgeBase CreateTemplate CreateTheme who:permissions.principal
    UpdateActionConnectorPermissions UpdateAgentPermissions UpdateAnalysisPermissions UpdateAppPermissions
        who:grantpermissions.principal
    UpdateDashboardPermissions who:grantpermissions.principal,grantlinkpermissions.principal
    UpdateDataSetPermissions UpdateDataSourcePermissions UpdateFlowPermissions UpdateFolderPermissions
        who:grantpermissions.principal
    UpdateKnowledgeBasePermissions UpdateSpacePermissions UpdateTemplatePermissions UpdateThemePermissions
        who:grantpermissions.principal
    UpdateTopicPermissions UpdateTopicPermissionsV2 who:grantpermissions.principal
    StartAssetBundleImportJob who:permissions.principals
    UpdatePublicSharingSettings on:publicsharingenabled=true>principal:*
ram
    CreateResourceShare AssociateResourceShare who:principals
rds
    ModifyDBSnapshotAttribute ModifyDBClusterSnapshotAttribute who:valuestoadd
    AuthorizeDBSecurityGroupIngress cidr:cidrip who:ec2securitygroupownerid
    CreateDBInstance ModifyDBInstance CreateDBInstanceReadReplica CreateDBCluster CreateDBShardGroup
        on:publiclyaccessible=true>public:database
    RestoreDBInstanceFromDBSnapshot RestoreDBInstanceFromS3 RestoreDBInstanceToPointInTime
        on:publiclyaccessible=true>public:database
    RestoreDBClusterFromSnapshot RestoreDBClusterToPointInTime
        on:publiclyaccessible=true>public:database
    CopyDBSnapshot CopyDBClusterSnapshot StartExportTask who:kmskeyid
redshift
    AuthorizeSnapshotAccess who:accountwithrestoreaccess
    AuthorizeDataShare who:consumeridentifier
    AuthorizeEndpointAccess who:account
    AuthorizeClusterSecurityGroupIngress cidr:cidrip who:ec2securitygroupownerid
    RegisterNamespace who:consumeridentifiers
    PutResourcePolicy policy:policy
    CreateCluster ModifyCluster RestoreFromClusterSnapshot on:publiclyaccessible=true>public:database
redshift-serverless
    PutResourcePolicy policy:policy
    CreateWorkgroup UpdateWorkgroup on:publiclyaccessible=true>public:database
refactor-spaces
    PutResourcePolicy policy:policy
rekognition
    PutProjectPolicy policy:policydocument
resource-explorer-2
    PutResourcePolicy policy:policy
rolesanywhere
    CreateTrustAnchor UpdateTrustAnchor always:>identity_provider:rolesanywhere
route53
    CreateVPCAssociationAuthorization named:vpcid
route53-recovery-control-config
    PutResourcePolicy policy:policy
route53domains
    TransferDomainToAnotherAwsAccount who:accountid
route53globalresolver
    CreateAccessSource UpdateAccessSource cidr:cidr
route53resolver
    PutFirewallRuleGroupPolicy policy:firewallrulegrouppolicy
    PutResolverQueryLogConfigPolicy policy:resolverquerylogconfigpolicy
    PutResolverRulePolicy policy:resolverrulepolicy
rum
    PutResourcePolicy policy:policydocument
s3
    PutBucketAcl PutObjectAcl PutObjectVersionAcl acl:x-amz-acl,uri,*grants named:grantee.id,*grants
    PutObject CopyObject CreateMultipartUpload InitiateMultipartUpload PostObject UploadObject acl:x-amz-acl,*grants
    CreateBucket acl:x-amz-acl,*grants
    PutBucketPolicy policy:bucketpolicy
    PutAccessPointPolicy PutAccessPointPolicyForObjectLambda PutMultiRegionAccessPointPolicy policy:policy
    PutAccessGrantsInstanceResourcePolicy policy:policy
    CreateAccessGrant who:granteeidentifier
    PutBucketPublicAccessBlock PutAccountPublicAccessBlock PutAccessPointPublicAccessBlock PutPublicAccessBlock
        block:*blocks
    CreateAccessPoint CreateMultiRegionAccessPoint block:*blocks
    DeleteBucketPublicAccessBlock DeleteAccountPublicAccessBlock DeletePublicAccessBlock
        DeleteAccessPointPublicAccessBlock always:>public_access_block:off
    PutBucketReplication PutReplicationConfiguration who:destination.account,replicakmskeyid
    PutBucketInventoryConfiguration PutInventoryConfiguration PutBucketInventory
        who:s3bucketdestination.accountid,keyid
    PutBucketAnalyticsConfiguration PutAnalyticsConfiguration PutBucketAnalytics
        who:s3bucketdestination.bucketaccountid
    PutBucketNotification who:topic,queue,cloudfunction
    PutBucketNotificationConfiguration who:topicarn,queuearn,lambdafunctionarn
    PutBucketEncryption PutEncryptionConfiguration who:kmsmasterkeyid
    UpdateObjectEncryption who:kmskeyarn
    PutStorageLensConfiguration who:s3bucketdestination.accountid
s3-object-lambda
    PutObjectAcl PutObjectVersionAcl acl:x-amz-acl,uri,*grants named:grantee.id,*grants
s3-outposts
    PutBucketPolicy PutAccessPointPolicy policy:bucketpolicy,policy
    PutObjectAcl acl:x-amz-acl,uri,*grants named:grantee.id,*grants
s3express
    PutBucketPolicy PutAccessPointPolicy policy:bucketpolicy,policy
s3files
    PutFileSystemPolicy policy:policy
s3tables
    PutTableBucketPolicy PutTablePolicy policy:resourcepolicy
s3vectors
    PutVectorBucketPolicy policy:policy
sagemaker
    PutModelPackageGroupPolicy PutEndpointPolicy policy:resourcepolicy
    CreateWorkforce UpdateWorkforce cidr:sourceipconfig.cidrs
    CreateDomain UpdateDomain who:vpconlytrustedaccounts
schemas
    PutResourcePolicy policy:policy
secretsmanager
    PutResourcePolicy policy:resourcepolicy
    UpdateSecret who:kmskeyid
securityhub
    CreateMembers who:accountdetails.accountid
    InviteMembers who:accountids
    AcceptInvitation who:masterid
    AcceptAdministratorInvitation who:administratorid
    EnableOrganizationAdminAccount who:adminaccountid
securitylake
    CreateSubscriber UpdateSubscriber who:subscriberidentity.principal
    CreateCustomLogSource who:provideridentity.principal
    RegisterDataLakeDelegatedAdministrator who:accountid
serverlessrepo
    PutApplicationPolicy who:statements.principals tie:statements.principalorgids=aws:principalorgid
servicecatalog
    CreatePortfolioShare UpdatePortfolioShare who:accountid,organizationnode.value
    AssociatePrincipalWithPortfolio who:principalarn
ses
    PutIdentityPolicy CreateEmailIdentityPolicy UpdateEmailIdentityPolicy policy:policy
signer
    AddProfilePermission who:principal
sms-voice
    PutResourcePolicy policy:policy
sns
    AddPermission who:awsaccountid
    CreateTopic policy:attributes.policy
    SetTopicAttributes policy:attributevalue
    Subscribe who:endpoint
sqs
    AddPermission who:awsaccountids
    CreateQueue SetQueueAttributes policy:attributes.policy
ssm
    ModifyDocumentPermission who:accountidstoadd
    PutResourcePolicy policy:policy
    UpdateServiceSetting on:settingvalue=enable>public_access_block:off
        only:settingid=/ssm/documents/console/public-sharing-permission
ssm-contacts
    PutContactPolicy policy:policy
ssm-incidents
    PutResourcePolicy policy:policy
ssm-sap
    PutResourcePermission who:sourceresourcearn,resourcearn
sso
    AttachManagedPolicyToPermissionSet admin:managedpolicyarn
    PutInlinePolicyToPermissionSet policy:inlinepolicy
    PutPermissionsPolicy policy:permissionspolicy
    CreateTrustedTokenIssuer idp:issuerurl
    AssociateDirectory always:>identity_provider:identity_center
timestream-influxdb
    CreateDbInstance CreateDbCluster RestoreFromDbBackup on:publiclyaccessible=true>public:database
transfer
    CreateServer UpdateServer on:endpointtype=public>public:server
vpc-lattice
    PutResourcePolicy PutAuthPolicy policy:policy
waf waf-regional wafv2
    PutPermissionPolicy policy:policy
wellarchitected
    CreateLensShare CreateProfileShare CreateTemplateShare CreateWorkloadShare who:sharedwith
    PutAgentProfilePolicy PutAgentRecommendationPolicy policy:policy
workdocs
    AddResourcePermissions on:principals.type=anonymous>principal:*
workspaces
    AuthorizeIpRules CreateIpGroup UpdateRulesOfIpGroup cidr:userrules.iprule
    UpdateConnectionAliasPermission who:sharedaccountid only:allowassociation=true
    UpdateWorkspaceImagePermission who:sharedaccountid only:allowcopyimage=true
    CreateAccountLinkInvitation who:targetaccountid
xray
    PutResourcePolicy policy:policydocument
"""
"""Calls with the same fields share a line; see `opening.KINDS` for what a field does."""
GROUPS: Final = {
    "*added": "add.userid,add.group,userids",
    "*blocks": "blockpublicacls,ignorepublicacls,blockpublicpolicy,restrictpublicbuckets",
    "*grants": (
        "x-amz-grant-read,x-amz-grant-write,x-amz-grant-read-acp,x-amz-grant-write-acp,x-amz-grant-full-control"
    ),
}
"""Fields that calls have together."""
