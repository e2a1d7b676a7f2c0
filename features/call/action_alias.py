"""What CloudTrail calls differently than IAM does: event sources, event names, and calls IAM does not know."""

from collections.abc import Mapping
from typing import Final


def _read_pairs(table: str) -> dict[str, str]:
    """Read a table of `left=right`, one a line."""
    return {left: right for left, _, right in (line.partition("=") for line in table.split())}


_EVENT_SOURCES: Final = """
agreement-marketplace=aws-marketplace
amazonmq=mq
amplifyadmin=amplifybackend
api.ecr=ecr
api.sagemaker=sagemaker
application-insights=applicationinsights
appregistry=servicecatalog
appstream2=appstream
assistant=wisdom
autoscaling-application=application-autoscaling
aws-marketplace-metering=aws-marketplace
bedrock-agent=bedrock
bedrock-agent-runtime=bedrock
bedrock-runtime=bedrock
billingconsole=billing
catalog.marketplace=aws-marketplace
cloudcontrolapi=cloudformation
commerce-analytics=marketplacecommerceanalytics
data.iot=iot
data.iotevents=iotevents
data.jobs.iot=iotjobsdata
data.mediastore=mediastore
discovery-marketplace=aws-marketplace
docdb=rds
email=ses
entitlement.marketplace=aws-marketplace
firehose-delivery=firehose
iotdata=iot
lex-models=lex
lex-runtime=lex
memory-db=memorydb
metering.marketplace=aws-marketplace
migrationhub=mgh
models-v2-lex=lex
models.lex=lex
monitoring=cloudwatch
mturk-requester=mechanicalturk
neptune=rds
opensearchserverless=aoss
pinpoint=mobiletargeting
pinpoint-email=ses
pinpoint-sms-voice=sms-voice
rdsdata=rds-data
rekognition-streaming=rekognition
runtime-v2-lex=lex
runtime.lex=lex
runtime.sagemaker=sagemaker
sagemaker-runtime=sagemaker
servicecatalog-appregistry=servicecatalog
sso-oidc=sso-oauth
streams.dynamodb=dynamodb
tagging=tag
taxsettings=tax
wisdom-assistant=wisdom
"""
IAM_PREFIXES: Final[Mapping[str, str]] = _read_pairs(_EVENT_SOURCES)
"""IAM prefix of event sources that have another name there."""

_EVENT_NAMES: Final = """
lambda:Invoke=lambda:InvokeFunction
lambda:InvokeWithResponseStream=lambda:InvokeFunction
s3:CompleteMultipartUpload=s3:PutObject
s3:CopyObject=s3:PutObject
s3:CreateMultipartUpload=s3:PutObject
s3:DeleteAccountPublicAccessBlock=s3:PutAccountPublicAccessBlock
s3:DeleteBucketAnalyticsConfiguration=s3:PutAnalyticsConfiguration
s3:DeleteBucketCors=s3:PutBucketCORS
s3:DeleteBucketEncryption=s3:PutEncryptionConfiguration
s3:DeleteBucketInventoryConfiguration=s3:PutInventoryConfiguration
s3:DeleteBucketLifecycle=s3:PutLifecycleConfiguration
s3:DeleteBucketMetricsConfiguration=s3:PutMetricsConfiguration
s3:DeleteBucketOwnershipControls=s3:PutBucketOwnershipControls
s3:DeleteBucketPublicAccessBlock=s3:PutBucketPublicAccessBlock
s3:DeleteBucketReplication=s3:PutReplicationConfiguration
s3:DeleteBucketTagging=s3:PutBucketTagging
s3:DeleteObjects=s3:DeleteObject
s3:DeletePublicAccessBlock=s3:PutBucketPublicAccessBlock
s3:GetBucketAccelerateConfiguration=s3:GetAccelerateConfiguration
s3:GetBucketAnalyticsConfiguration=s3:GetAnalyticsConfiguration
s3:GetBucketEncryption=s3:GetEncryptionConfiguration
s3:GetBucketIntelligentTieringConfiguration=s3:GetIntelligentTieringConfiguration
s3:GetBucketInventoryConfiguration=s3:GetInventoryConfiguration
s3:GetBucketLifecycle=s3:GetLifecycleConfiguration
s3:GetBucketLifecycleConfiguration=s3:GetLifecycleConfiguration
s3:GetBucketMetricsConfiguration=s3:GetMetricsConfiguration
s3:GetBucketNotificationConfiguration=s3:GetBucketNotification
s3:GetBucketReplication=s3:GetReplicationConfiguration
s3:GetObjectLockConfiguration=s3:GetBucketObjectLockConfiguration
s3:GetPublicAccessBlock=s3:GetBucketPublicAccessBlock
s3:HeadBucket=s3:ListBucket
s3:HeadObject=s3:GetObject
s3:ListBucketAnalyticsConfigurations=s3:GetAnalyticsConfiguration
s3:ListBucketInventoryConfigurations=s3:GetInventoryConfiguration
s3:ListBucketMetricsConfigurations=s3:GetMetricsConfiguration
s3:ListBuckets=s3:ListAllMyBuckets
s3:ListMultipartUploads=s3:ListBucketMultipartUploads
s3:ListObjectVersions=s3:ListBucketVersions
s3:ListObjects=s3:ListBucket
s3:ListObjectsV2=s3:ListBucket
s3:ListParts=s3:ListMultipartUploadParts
s3:PutBucketAccelerateConfiguration=s3:PutAccelerateConfiguration
s3:PutBucketAnalyticsConfiguration=s3:PutAnalyticsConfiguration
s3:PutBucketEncryption=s3:PutEncryptionConfiguration
s3:PutBucketIntelligentTieringConfiguration=s3:PutIntelligentTieringConfiguration
s3:PutBucketInventoryConfiguration=s3:PutInventoryConfiguration
s3:PutBucketLifecycle=s3:PutLifecycleConfiguration
s3:PutBucketLifecycleConfiguration=s3:PutLifecycleConfiguration
s3:PutBucketMetricsConfiguration=s3:PutMetricsConfiguration
s3:PutBucketNotificationConfiguration=s3:PutBucketNotification
s3:PutBucketReplication=s3:PutReplicationConfiguration
s3:PutObjectLockConfiguration=s3:PutBucketObjectLockConfiguration
s3:PutPublicAccessBlock=s3:PutBucketPublicAccessBlock
s3:SelectObjectContent=s3:GetObject
s3:UploadPart=s3:PutObject
s3:UploadPartCopy=s3:PutObject
"""
IAM_ACTIONS: Final[Mapping[str, str]] = _read_pairs(_EVENT_NAMES)
"""IAM action of calls that have another name there."""

IAM_METHODS: Final[Mapping[str, Mapping[str, str]]] = {
    "apigateway": {
        "Create": "POST", "Delete": "DELETE", "Export": "GET", "Flush": "DELETE", "Generate": "POST", "Get": "GET",
        "Import": "POST", "Put": "PUT", "Reimport": "PUT", "Tag": "PUT", "Test": "POST", "Untag": "DELETE",
        "Update": "PATCH",
    }
}  # fmt: skip
"""IAM action of services whose actions there are HTTP methods, by the verb of the call."""

_LEVELS: Final = {
    # uses of a key: more than 99 % of KMS's events, and CloudTrail itself marks them read-only
    "read": """
        kms:Decrypt kms:DeriveSharedSecret kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyPair
        kms:GenerateDataKeyPairWithoutPlaintext kms:GenerateDataKeyWithoutPlaintext kms:GenerateMac kms:GenerateRandom
        kms:ReEncrypt kms:Sign kms:Verify kms:VerifyMac
        bedrock:Converse bedrock:ConverseStream
        signin:CheckMfa signin:ExitRole signin:GetSigninToken signin:RenewRole signin:SwitchRole
        signin:UserAuthentication signin:CredentialChallenge signin:CredentialVerification
        sso:Authenticate sso:Federate sso:ListApplications sso:ListProfilesForApplication
    """,
    "write": """
        signin:ConsoleLogin signin:PasswordRecoveryRequested signin:PasswordRecoveryCompleted signin:PasswordUpdated
        signin:EmailUpdated ec2:SharedSnapshotCopyInitiated ec2:SharedSnapshotVolumeCreated s3:JobCreated
    """,
}
OWN_LEVELS: Final[Mapping[str, str]] = {
    action: level for level, actions in _LEVELS.items() for action in actions.split()
}
"""Level of calls that IAM does not define, or of which it says what does not suit us."""
