"""Which field of a request names which type of resource, for the most used services.

Nearly all fields mean the same in every call of their service; the exceptions are listed below the table.
"""

from collections.abc import Mapping
from typing import Final

_TABLE: Final = """
s3 bucketName=bucket
s3express bucketName=bucket
s3-outposts bucketName=bucket
s3tables tableBucketARN=bucket
secretsmanager secretId=secret secretIdList=secret name=secret
ssm name=parameter names=parameter path=parameter instanceId=instance instanceIds=instance target=instance
    documentName=document
kms keyId=key targetKeyId=key destinationKeyId=key sourceKeyId=key
iam roleName=role userName=user groupName=group policyArn=policy policyName=policy accessKeyId=access_key
    instanceProfileName=instance_profile openIDConnectProviderArn=identity_provider sAMLProviderArn=identity_provider
    serialNumber=mfa_device serverCertificateName=certificate
sts roleArn=role
rolesanywhere trustAnchorId=trust_anchor profileId=profile
lambda functionName=function layerName=layer
ec2 instanceId=instance snapshotId=snapshot sourceSnapshotId=snapshot volumeId=volume imageId=image
    sourceImageId=image groupId=security_group groupName=security_group vpcId=vpc subnetId=subnet keyName=key_pair
    networkInterfaceId=interface launchTemplateId=launch_template allocationId=address natGatewayId=nat_gateway
    flowLogId=flow_log routeTableId=route_table networkAclId=network_acl vpcEndpointId=vpc_endpoint
    vpcPeeringConnectionId=peering transitGatewayId=transit_gateway
ec2-instance-connect instanceId=instance
ebs snapshotId=snapshot
rds dBInstanceIdentifier=database dBClusterIdentifier=database sourceDBInstanceIdentifier=database
    dBSnapshotIdentifier=snapshot dBClusterSnapshotIdentifier=snapshot sourceDBSnapshotIdentifier=snapshot
    targetDBSnapshotIdentifier=snapshot resourceArn=database
rds-data resourceArn=database secretArn=secret
redshift clusterIdentifier=database snapshotIdentifier=snapshot
redshift-data clusterIdentifier=database workgroupName=database
dynamodb tableName=table tableArn=table requestItems=table
sqs queueUrl=queue queueName=queue
sns topicArn=topic name=topic
cloudformation stackName=stack stackSetName=stack
ecr repositoryName=repository repositoryNames=repository
ecr-public repositoryName=repository
codecommit repositoryName=repository
codebuild projectName=project names=project
codepipeline name=pipeline pipelineName=pipeline
codedeploy applicationName=application
logs logGroupName=log_group logGroupIdentifier=log_group logGroupNames=log_group
cloudtrail name=trail trailName=trail eventDataStore=trail
guardduty detectorId=detector
config configurationRecorderName=recorder deliveryChannelName=recorder
securityhub productArn=product
states stateMachineArn=state_machine executionArn=state_machine
kinesis streamName=stream streamARN=stream
firehose deliveryStreamName=stream
kafka clusterArn=cluster
events name=rule rule=rule eventBusName=event_bus
scheduler name=schedule
ecs cluster=cluster service=service taskDefinition=task_definition
eks name=cluster clusterName=cluster
elasticache cacheClusterId=cluster replicationGroupId=cluster
elasticmapreduce jobFlowId=cluster clusterId=cluster
elasticloadbalancing loadBalancerArn=load_balancer loadBalancerName=load_balancer
autoscaling autoScalingGroupName=scaling_group launchConfigurationName=launch_configuration
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


def _read_table() -> dict[str, dict[str, str]]:
    """Read the table: a service a line, continued by lines that begin with a space."""
    table: dict[str, dict[str, str]] = {}
    service = ""
    for line in _TABLE.strip().splitlines():
        words = line.split()
        if not line.startswith(" "):
            service = words.pop(0)
        table.setdefault(service, {}).update((word.partition("=")[0], word.partition("=")[2]) for word in words)
    return table


FIELDS: Final[Mapping[str, Mapping[str, str]]] = _read_table()
"""Request fields that name a resource, by service, with the type of resource."""

TYPES_BY_CALL: Final[Mapping[tuple[str, str], str]] = {("ssm", "Document"): "document", ("ec2", "KeyPair"): "key_pair"}
"""Type of what the fields name in calls about something else than most of their service: (service, part of name)."""
SETS: Final = ("instancesSet", "volumeSet", "snapshotSet", "imagesSet", "groupSet")
"""EC2's lists: `{"instancesSet": {"items": [{"instanceId": …}]}}`."""
SURVEYS: Final = ("Describe", "List")
"""Calls whose lists are filters: asking about many instances is not touching each."""
