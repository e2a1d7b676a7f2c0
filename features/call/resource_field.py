"""Which field of a request names which type of resource, for the most used services.

Nearly all fields mean the same in every call of their service; the exceptions are listed below the table. A type that
ends in a colon says how a field is read that names no one type:

- `inside:` an object or list, in which the fields of the same line are looked for, some levels deep
- `keys:` an object whose keys are the names of tables
- `targets:` targets, each given by an id, an ARN, or a key and values
- `arn:` ARNs of whatever type; `id:` ids of EC2, which begin with their type
- `copied:` the header `x-amz-copy-source`

Sources: the API references of the services, and how CloudTrail writes their fields (the first letter of each small).
"""

from collections.abc import Mapping
from typing import Final

_TABLE: Final = """
s3 bucketName=bucket x-amz-server-side-encryption-aws-kms-key-id=key
s3express bucketName=bucket
s3-outposts bucketName=bucket
s3tables tableBucketARN=bucket
secretsmanager secretId=secret secretIdList=secret name=secret kmsKeyId=key
ssm name=parameter names=parameter path=parameter instanceId=instance instanceIds=instance target=instance
    targets=targets: documentName=document
kms keyId=key targetKeyId=key destinationKeyId=key sourceKeyId=key replicaKeyId=key
iam roleName=role userName=user groupName=group policyArn=policy policyName=policy accessKeyId=access_key
    instanceProfileName=instance_profile openIDConnectProviderArn=identity_provider sAMLProviderArn=identity_provider
    serialNumber=mfa_device virtualMFADeviceName=mfa_device serverCertificateName=certificate
    permissionsBoundary=policy sSHPublicKeyId=ssh_key serviceSpecificCredentialId=service_credential newUserName=user
    newGroupName=group
sts roleArn=role sourceIdentity=source_identity
rolesanywhere trustAnchorId=trust_anchor trustAnchorArn=trust_anchor profileId=profile profileArn=profile roleArns=role
lambda functionName=function layerName=layer eventSourceArn=arn: role=role
ec2 instanceId=instance snapshotId=snapshot sourceSnapshotId=snapshot volumeId=volume imageId=image
    sourceImageId=image groupId=security_group groupName=security_group vpcId=vpc subnetId=subnet keyName=key_pair
    networkInterfaceId=interface launchTemplateId=launch_template allocationId=address natGatewayId=nat_gateway
    flowLogId=flow_log routeTableId=route_table networkAclId=network_acl vpcEndpointId=vpc_endpoint
    vpcPeeringConnectionId=peering transitGatewayId=transit_gateway
    securityGroupId=security_group launchTemplateName=launch_template iamInstanceProfile=instance_profile peerVpcId=vpc
    internetGatewayId=internet_gateway egressOnlyInternetGatewayId=egress_only_internet_gateway
    customerGatewayId=customer_gateway vpnGatewayId=vpn_gateway vpnConnectionId=vpn_connection
    dhcpOptionsId=dhcp_options hostId=host capacityReservationId=capacity_reservation prefixListId=prefix_list
    spotInstanceRequestId=spot_request spotFleetRequestId=spot_fleet_request fleetId=fleet keyPairId=key_pair
    serviceId=vpc_endpoint_service transitGatewayAttachmentId=transit_gateway_attachment
    transitGatewayRouteTableId=transit_gateway_route_table gatewayId=id: resourceId=id: bucket=bucket s3Bucket=bucket
    kmsKeyId=key logGroupName=log_group logDestination=arn: instancesSet=inside: volumeSet=inside: snapshotSet=inside:
    imagesSet=inside: groupSet=inside: resourcesSet=inside: launchTemplate=inside: launchTemplateSpecification=inside:
    networkInterfaceSet=inside: blockDeviceMapping=inside: launchSpecification=inside: spotFleetRequestConfig=inside:
    exportToS3=inside: s3ExportLocation=inside:
ec2-instance-connect instanceId=instance instanceConnectEndpointId=instance_connect_endpoint
ebs snapshotId=snapshot
rds dBInstanceIdentifier=database dBClusterIdentifier=database sourceDBInstanceIdentifier=database
    dBSnapshotIdentifier=snapshot dBClusterSnapshotIdentifier=snapshot sourceDBSnapshotIdentifier=snapshot
    targetDBSnapshotIdentifier=snapshot resourceArn=database sourceArn=arn: resourceName=arn: s3BucketName=bucket
    iamRoleArn=role kmsKeyId=key snapshotIdentifier=snapshot sourceDBClusterIdentifier=database
    sourceDBClusterSnapshotIdentifier=snapshot targetDBClusterSnapshotIdentifier=snapshot
    targetDBInstanceIdentifier=database globalClusterIdentifier=database
rds-data resourceArn=database secretArn=secret
redshift clusterIdentifier=database snapshotIdentifier=snapshot sourceSnapshotIdentifier=snapshot
    targetSnapshotIdentifier=snapshot
redshift-serverless workgroupName=database snapshotName=snapshot snapshotArn=snapshot
redshift-data clusterIdentifier=database workgroupName=database secretArn=secret
dynamodb tableName=table tableArn=table requestItems=keys: sourceTableName=table sourceTableArn=table
    targetTableName=table resourceArn=table streamArn=table s3Bucket=bucket
sqs queueUrl=queue queueName=queue
sns topicArn=topic name=topic subscriptionArn=topic
cloudformation stackName=stack stackSetName=stack stackId=stack roleARN=role
ecr repositoryName=repository repositoryNames=repository
ecr-public repositoryName=repository
codecommit repositoryName=repository repositoryNames=repository
codebuild projectName=project names=project
codepipeline name=pipeline pipelineName=pipeline
codedeploy applicationName=application
logs logGroupName=log_group logGroupIdentifier=log_group logGroupNames=log_group
cloudtrail name=trail trailName=trail eventDataStore=trail
guardduty detectorId=detector
config configurationRecorderName=recorder deliveryChannelName=recorder
securityhub productArn=product
states stateMachineArn=state_machine executionArn=state_machine roleArn=role
kinesis streamName=stream streamARN=stream resourceARN=stream
firehose deliveryStreamName=stream deliveryStreamARN=stream
kafka clusterArn=cluster
events name=rule rule=rule eventBusName=event_bus targets=targets:
scheduler name=schedule
ecs cluster=cluster service=service serviceName=service taskDefinition=task_definition
eks name=cluster clusterName=cluster
elasticache cacheClusterId=cluster replicationGroupId=cluster
elasticmapreduce jobFlowId=cluster clusterId=cluster
elasticloadbalancing loadBalancerArn=load_balancer loadBalancerName=load_balancer targets=targets:
autoscaling autoScalingGroupName=scaling_group launchConfigurationName=launch_configuration instanceId=instance
    instanceIds=instance
apigateway restApiId=api apiId=api
appsync apiId=api
cognito-idp userPoolId=user_pool
cognito-identity identityPoolId=user_pool
route53 hostedZoneId=hosted_zone
route53domains domainName=domain
route53resolver resolverQueryLogConfigId=query_log
acm certificateArn=certificate
acm-pca certificateAuthorityArn=certificate
cloudfront id=distribution distributionId=distribution
wafv2 name=web_acl
glue databaseName=database jobName=job name=job
athena workGroup=workgroup
lakeformation resourceArn=data_location
es domainName=domain
opensearch domainName=domain
elasticfilesystem fileSystemId=file_system
fsx fileSystemId=file_system
backup backupVaultName=vault
bedrock modelId=model
bedrock-runtime modelId=model
sagemaker notebookInstanceName=notebook endpointName=endpoint
organizations accountId=account policyId=policy
ram resourceShareArn=share
sso permissionSetArn=permission_set
elasticbeanstalk applicationName=application environmentName=environment
lightsail instanceName=instance
transfer serverId=server
ses emailAddress=email_identity emailIdentity=email_identity
"""

_BY_CALL: Final = """
cloudfront OriginAccess id=origin_access
ec2 PlacementGroup groupName=placement_group
events ApiDestination name=api_destination
events Connection name=connection
events EventBus name=event_bus
glue Crawler name=crawler
glue Database name=database
glue Table name=glue_table
iam OpenIDConnectProvider url=identity_provider
iam SAMLProvider name=identity_provider
rolesanywhere Crl name=crl
rolesanywhere Profile name=profile
rolesanywhere TrustAnchor name=trust_anchor
s3 AccessPoint name=access_point bucket=bucket
s3 Analytics AnalyticsConfiguration=inside: bucket=bucket
s3 Copy x-amz-copy-source=copied:
s3 Encryption ServerSideEncryptionConfiguration=inside: kMSMasterKeyID=key
s3 Inventory InventoryConfiguration=inside: bucket=bucket keyId=key
s3 Logging BucketLoggingStatus=inside: targetBucket=bucket
s3 PutObject x-amz-copy-source=copied:
s3 Replication ReplicationConfiguration=inside: bucket=bucket replicaKmsKeyID=key role=role
s3 UploadPart x-amz-copy-source=copied:
ssm Document name=document names=document
wafv2 IPSet name=ip_set
wafv2 RuleGroup name=rule_group
"""


def _read_table() -> dict[str, dict[str, str]]:
    """Read the table: a service a line, continued by lines that begin with a space."""
    table: dict[str, dict[str, str]] = {}
    for line in _TABLE.strip().replace("\n    ", " ").splitlines():
        service, *words = line.split()
        table[service] = _read_fields(words)
    return table


def _read_fields(words: list[str]) -> dict[str, str]:
    return {field: type_ for field, _, type_ in (word.partition("=") for word in words)}


FIELDS: Final[Mapping[str, Mapping[str, str]]] = _read_table()
"""Request fields that name a resource, by service, with the type of resource."""

BY_CALL: Final[tuple[tuple[str, str, Mapping[str, str]], ...]] = tuple(
    (service, part, _read_fields(words))
    for service, part, *words in (line.split() for line in _BY_CALL.strip().splitlines())
)
"""Fields of calls about something else than most of their service: service, part of the call's name, fields."""
SURVEYS: Final = ("Describe", "List")
"""Calls whose lists are filters: asking about many instances is not touching each."""
