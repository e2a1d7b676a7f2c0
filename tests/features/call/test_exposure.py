"""What requests open, in the shapes CloudTrail writes them."""

import json
import time
from typing import Any

import pytest

from features.call.exposure import MOST, find_exposures, may_expose
from features.call.leaf import LONGEST
from tests.records import ACCOUNT, OTHER, a_record, event_of

ROOT = f"arn:aws:iam::{OTHER}:root"


def opened(action: str, request: Any) -> tuple[str, ...]:
    assert may_expose(action)
    return find_exposures(action, json.dumps(request).encode(), ACCOUNT)


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(**named: Any) -> dict[str, Any]:
    return {"Effect": "Allow"} | named


def ingress(**source: Any) -> dict[str, Any]:
    return {"groupId": "sg-1", "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
            "groups": {}, "ipRanges": {"items": []}, "ipv6Ranges": {}} | source]}}  # fmt: skip


def trust(**principal: Any) -> dict[str, str]:
    return {"roleName": "r", "policyDocument": json.dumps(policy(allow(Principal=principal, Action="sts:AssumeRole")))}


CASES = [
    # other accounts
    ("iam:UpdateAssumeRolePolicy", trust(AWS=ROOT), [f"account:{OTHER}"]),
    ("iam:UpdateAssumeRolePolicy", trust(AWS=[OTHER, f"arn:aws:iam::{ACCOUNT}:root"]), [f"account:{OTHER}"]),
    ("iam:UpdateAssumeRolePolicy", trust(Service="ec2.amazonaws.com"), []),
    ("iam:CreateRole", {"roleName": "r", "assumeRolePolicyDocument":
                        json.dumps(policy(allow(Principal={"AWS": ROOT}, Action="sts:AssumeRole")))},
     [f"account:{OTHER}"]),
    ("ec2:ModifySnapshotAttribute", {"snapshotId": "snap-1", "attributeType": "CREATE_VOLUME_PERMISSION",
     "createVolumePermission": {"add": {"items": [{"userId": OTHER}]}}}, [f"account:{OTHER}"]),
    ("ec2:ModifySnapshotAttribute", {"createVolumePermission": {"remove": {"items": [{"userId": OTHER}]}}}, []),
    ("ec2:ModifySnapshotAttribute", {"createVolumePermission": {"add": {"items": [{"group": "all"}]}}},
     ["principal:*"]),
    ("ec2:ModifyImageAttribute", {"imageId": "ami-1", "launchPermission": {"add": {"items": [{"userId": OTHER}]}}},
     [f"account:{OTHER}"]),
    ("rds:ModifyDBSnapshotAttribute", {"attributeName": "restore", "valuesToAdd": [OTHER]}, [f"account:{OTHER}"]),
    ("rds:ModifyDBSnapshotAttribute", {"attributeName": "restore", "valuesToAdd": ["all"]}, ["principal:*"]),
    ("rds:ModifyDBSnapshotAttribute", {"attributeName": "restore", "valuesToRemove": [OTHER]}, []),
    ("lambda:AddPermission", {"functionName": "f", "principal": OTHER, "action": "lambda:InvokeFunction"},
     [f"account:{OTHER}"]),
    ("lambda:AddPermission", {"functionName": "f", "principal": "*"}, ["principal:*"]),
    ("lambda:AddPermission", {"functionName": "f", "principal": "s3.amazonaws.com",
                              "sourceArn": "arn:aws:s3:::b", "sourceAccount": ACCOUNT}, []),
    ("lambda:AddLayerVersionPermission", {"layerName": "l", "principal": OTHER}, [f"account:{OTHER}"]),
    ("ram:CreateResourceShare", {"name": "s", "principals": [OTHER], "allowExternalPrincipals": True},
     [f"account:{OTHER}"]),
    ("ram:AssociateResourceShare", {"principals": [ROOT]}, [f"account:{OTHER}"]),
    ("sqs:AddPermission", {"queueUrl": "q", "awsAccountIds": [OTHER]}, [f"account:{OTHER}"]),
    ("kms:CreateGrant", {"keyId": "k", "granteePrincipal": f"arn:aws:iam::{OTHER}:role/x"}, [f"account:{OTHER}"]),
    ("kms:PutKeyPolicy", {"policy": json.dumps(policy(allow(Principal={"AWS": [ROOT]}, Action="kms:*", Resource="*")))},
     [f"account:{OTHER}"]),
    ("ec2:CreateVpcPeeringConnection", {"vpcId": "v", "peerOwnerId": OTHER}, [f"account:{OTHER}"]),
    ("organizations:InviteAccountToOrganization", {"target": {"id": OTHER, "type": "ACCOUNT"}}, [f"account:{OTHER}"]),
    ("logs:PutSubscriptionFilter", {"destinationArn": f"arn:aws:logs:eu-west-1:{OTHER}:destination:d"},
     [f"account:{OTHER}"]),
    ("s3:PutBucketReplication", {"ReplicationConfiguration": {"Rule": {"Destination": {"Account": OTHER}}}},
     [f"account:{OTHER}"]),
    # everybody
    ("s3:PutBucketPolicy", {"bucketPolicy": policy(allow(Principal="*", Action="s3:GetObject", Resource="b/*"))},
     ["principal:*"]),
    ("s3:PutBucketPolicy", {"bucketPolicy": policy({"Effect": "Deny", "Principal": "*", "Action": "s3:*"})}, []),
    ("s3:PutBucketPolicy", {"bucketPolicy": policy(allow(Principal="*", Condition={"StringEquals":
     {"aws:PrincipalOrgID": "o-1"}}))}, []),
    ("s3:PutBucketPolicy", {"bucketPolicy": policy(allow(Principal="*", Condition={"StringEquals":
     {"aws:PrincipalAccount": OTHER}}))}, [f"account:{OTHER}"]),
    ("s3:PutBucketPolicy", {"bucketPolicy": policy(allow(Principal="*", Condition={"Bool":
     {"aws:SecureTransport": "true"}}))}, ["principal:*"]),
    ("s3:PutBucketPolicy", {"bucketPolicy": policy(allow(Principal="*", Condition={"IpAddress":
     {"aws:SourceIp": "0.0.0.0/0"}}))}, ["principal:*"]),
    ("s3:PutBucketPolicy", {"bucketPolicy": policy(allow(NotPrincipal={"AWS": ROOT}, Action="*"))}, ["principal:*"]),
    ("s3:PutBucketPolicy", {"bucketPolicy": {"Statement": allow(Principal={"AWS": ["*"]}, Action="*")}},
     ["principal:*"]),
    ("s3:PutBucketAcl", {"bucketName": "b", "AccessControlPolicy": {"AccessControlList": {"Grant": [{"Grantee":
     {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}}]}}}, ["principal:*"]),
    ("s3:PutBucketAcl", {"bucketName": "b", "x-amz-acl": ["public-read"]}, ["principal:*"]),
    ("sns:SetTopicAttributes", {"attributeName": "Policy", "attributeValue":
     json.dumps(policy(allow(Principal={"AWS": "*"}, Action="SNS:Publish")))}, ["principal:*"]),
    # the internet
    ("ec2:AuthorizeSecurityGroupIngress", ingress(ipRanges={"items": [{"cidrIp": "0.0.0.0/0"}]}), ["cidr:0.0.0.0/0"]),
    ("ec2:AuthorizeSecurityGroupIngress", ingress(ipv6Ranges={"items": [{"cidrIpv6": "::/0"}]}), ["cidr:::/0"]),
    ("ec2:AuthorizeSecurityGroupIngress", ingress(ipRanges={"items": [{"cidrIp": "1.2.3.4/0"}]}), ["cidr:0.0.0.0/0"]),
    ("ec2:AuthorizeSecurityGroupIngress", ingress(ipRanges={"items": [{"cidrIp": "128.0.0.0/1"}]}),
     ["cidr:128.0.0.0/1"]),
    ("ec2:AuthorizeSecurityGroupIngress", ingress(ipRanges={"items": [{"cidrIp": "10.0.0.0/8"}]}), []),
    ("rds:AuthorizeDBSecurityGroupIngress", {"cIDRIP": "0.0.0.0/0"}, ["cidr:0.0.0.0/0"]),
    ("workspaces:AuthorizeIpRules", {"groupId": "wsipg-1", "userRules": [{"ipRule": "0.0.0.0/0"}]}, ["cidr:0.0.0.0/0"]),
    ("workspaces:CreateIpGroup", {"groupName": "office", "userRules": [{"ipRule": "198.51.100.0/24"}]}, []),
    ("ec2:CreateManagedPrefixList", {"CreateManagedPrefixListRequest": {"Entry": {"Cidr": "0.0.0.0/0", "tag": 1}}},
     ["cidr:0.0.0.0/0"]),
    ("ec2:ModifyManagedPrefixList", {"ModifyManagedPrefixListRequest": {"AddEntry": {"Cidr": "::/0", "tag": 1}}},
     ["cidr:::/0"]),
    ("ec2:ModifyManagedPrefixList", {"ModifyManagedPrefixListRequest": {"RemoveEntry": {"Cidr": "0.0.0.0/0"}}}, []),
    ("rds:ModifyDBInstance", {"publiclyAccessible": True}, ["public:database"]),
    ("rds:ModifyDBInstance", {"publiclyAccessible": False}, []),
    ("lambda:CreateFunctionUrlConfig", {"authType": "NONE"}, ["function_url:NONE"]),
    ("lambda:CreateFunctionUrlConfig", {"authType": "AWS_IAM"}, []),
    ("s3:PutBucketPublicAccessBlock", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": False}},
     ["public_access_block:off"]),
    ("s3:PutBucketPublicAccessBlock", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}, []),
    ("s3:DeleteBucketPublicAccessBlock", {"bucketName": "b"}, ["public_access_block:off"]),
    ("ec2:DisableSnapshotBlockPublicAccess", {}, ["public_access_block:off"]),
    # administrators
    ("iam:AttachRolePolicy", {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
     ["policy:AdministratorAccess"]),
    ("iam:AttachGroupPolicy", {"policyArn": "arn:aws-cn:iam::aws:policy/IAMFullAccess"}, ["policy:IAMFullAccess"]),
    ("iam:AttachUserPolicy", {"policyArn": "arn:aws:iam::aws:policy/PowerUserAccess"}, ["policy:PowerUserAccess"]),
    ("iam:AttachUserPolicy", {"policyArn": f"arn:aws:iam::{ACCOUNT}:policy/AdministratorAccess"}, []),
    ("iam:AttachUserPolicy", {"policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, []),
    ("iam:PutUserPolicy", {"policyDocument": json.dumps(policy(allow(Action="*", Resource="*")))}, ["policy:*"]),
    ("iam:CreatePolicyVersion", {"policyDocument": json.dumps(policy(allow(Action=["*"], Resource=["*"])))},
     ["policy:*"]),
    ("iam:PutUserPolicy", {"policyDocument": json.dumps(policy(allow(NotAction="iam:*", Resource="*")))}, ["policy:*"]),
    ("iam:PutUserPolicy", {"policyDocument": json.dumps(policy(allow(Action="s3:*", Resource="*")))}, []),
    ("iam:PutUserPolicy", {"policyDocument": json.dumps(policy({"Effect": "Deny", "Action": "*", "Resource": "*"}))},
     []),
    ("iam:PutUserPolicy", {"policyDocument": json.dumps(policy(allow(Action="sts:AssumeRole",
     Resource=f"arn:aws:iam::{OTHER}:role/x")))}, []),
]  # fmt: skip


ORGANIZATION = f"arn:aws:organizations::{OTHER}:organization/o-exampleorg"
ANYBODY = json.dumps(policy(allow(Principal="*", Action="*", Resource="*")))
TO_OTHER = json.dumps(policy(allow(Principal={"AWS": ROOT}, Action="*", Resource="*")))
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
FOREIGN_KEY = f"arn:aws:kms:eu-west-1:{OTHER}:key/x"


def acl_entry(**named: Any) -> dict[str, Any]:
    return {"networkAclId": "acl-1", "egress": False, "ruleAction": "allow", "cidrBlock": "0.0.0.0/0"} | named


def cluster(**vpc_config: Any) -> dict[str, Any]:
    return {"name": "prod", "resourcesVpcConfig": vpc_config}


SHARES = [
    # named by a field of its own
    ("ssm:ModifyDocumentPermission", {"accountIdsToAdd": ["all"]}, ["principal:*"]),
    ("ssm:ModifyDocumentPermission", {"accountIdsToAdd": [OTHER]}, [f"account:{OTHER}"]),
    ("ssm:ModifyDocumentPermission", {"accountIdsToRemove": ["all"]}, []),
    ("redshift:AuthorizeSnapshotAccess", {"accountWithRestoreAccess": OTHER}, [f"account:{OTHER}"]),
    ("redshift:AuthorizeDataShare", {"consumerIdentifier": OTHER}, [f"account:{OTHER}"]),
    ("redshift:AuthorizeEndpointAccess", {"account": OTHER}, [f"account:{OTHER}"]),
    ("es:AuthorizeVpcEndpointAccess", {"account": OTHER}, [f"account:{OTHER}"]),
    ("lakeformation:GrantPermissions", {"principal": {"dataLakePrincipalIdentifier": OTHER}}, [f"account:{OTHER}"]),
    ("lakeformation:GrantPermissions", {"principal": {"dataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}}, []),
    ("lakeformation:BatchGrantPermissions", {"entries": [{"principal":
     {"dataLakePrincipalIdentifier": f"{OTHER}:IAMPrincipals"}}]}, [f"account:{OTHER}"]),
    ("eks:CreateAccessEntry", {"principalArn": f"arn:aws:iam::{OTHER}:role/x"}, [f"account:{OTHER}"]),
    ("eks:AssociateAccessPolicy", {"principalArn": f"arn:aws:iam::{ACCOUNT}:role/x", "policyArn":
     "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"}, ["policy:AmazonEKSClusterAdminPolicy"]),
    ("workspaces:UpdateWorkspaceImagePermission", {"allowCopyImage": True, "sharedAccountId": OTHER},
     [f"account:{OTHER}"]),
    ("workspaces:UpdateWorkspaceImagePermission", {"allowCopyImage": False, "sharedAccountId": OTHER}, []),
    ("appstream:UpdateImagePermissions", {"sharedAccountId": OTHER}, [f"account:{OTHER}"]),
    ("servicecatalog:CreatePortfolioShare", {"accountId": OTHER}, [f"account:{OTHER}"]),
    ("servicecatalog:CreatePortfolioShare", {"organizationNode": {"value": "ou-ab12-cdef3456"}},
     ["org:ou-ab12-cdef3456"]),
    ("ram:CreateResourceShare", {"principals": [ORGANIZATION]}, ["org:o-exampleorg"]),
    ("ec2:ModifyImageAttribute", {"launchPermission": {"add": {"items": [{"organizationArn": ORGANIZATION}]}}},
     ["org:o-exampleorg"]),
    ("ec2:ModifyImageAttribute", {"operationType": "add", "userGroups": ["all"]}, ["principal:*"]),
    ("ec2:ModifyImageAttribute", {"operationType": "remove", "userGroups": ["all"]}, []),
    ("imagebuilder:CreateDistributionConfiguration", {"distributions": [{"amiDistributionConfiguration":
     {"launchPermission": {"userGroups": ["all"]}}}]}, ["principal:*"]),
    ("dlm:CreateLifecyclePolicy", {"policyDetails": {"schedules": [{"shareRules": [{"targetAccounts": [OTHER]}]}]}},
     [f"account:{OTHER}"]),
    ("mediaconnect:GrantFlowEntitlements", {"entitlements": [{"subscribers": [OTHER]}]}, [f"account:{OTHER}"]),
    ("securitylake:CreateSubscriber", {"subscriberIdentity": {"principal": OTHER}}, [f"account:{OTHER}"]),
    ("guardduty:AcceptAdministratorInvitation", {"administratorId": OTHER}, [f"account:{OTHER}"]),
    ("organizations:RegisterDelegatedAdministrator", {"accountId": OTHER}, [f"account:{OTHER}"]),
    ("route53:CreateVPCAssociationAuthorization", {"vPC": {"vPCId": "vpc-1"}}, ["grantee:vpc-1"]),
    ("kms:CreateGrant", {"granteePrincipal": "rds.amazonaws.com"}, []),
    # where data goes
    ("dynamodb:ExportTableToPointInTime", {"s3BucketOwner": OTHER}, [f"account:{OTHER}"]),
    ("sns:Subscribe", {"protocol": "sqs", "endpoint": f"arn:aws:sqs:eu-west-1:{OTHER}:q"}, [f"account:{OTHER}"]),
    ("logs:PutAccountPolicy", {"policyDocument": json.dumps({"DestinationArn":
     f"arn:aws:logs:eu-west-1:{OTHER}:destination:d"})}, [f"account:{OTHER}"]),
    ("oam:CreateLink", {"sinkIdentifier": f"arn:aws:oam:eu-west-1:{OTHER}:sink/s"}, [f"account:{OTHER}"]),
    ("backup:StartCopyJob", {"destinationBackupVaultArn": f"arn:aws:backup:eu-west-1:{OTHER}:backup-vault:v"},
     [f"account:{OTHER}"]),
    ("ecr:PutReplicationConfiguration", {"replicationConfiguration": {"rules": [{"destinations":
     [{"registryId": OTHER}]}]}}, [f"account:{OTHER}"]),
    ("s3:PutBucketEncryption", {"ServerSideEncryptionConfiguration": {"Rule": {"ApplyServerSideEncryptionByDefault":
     {"KMSMasterKeyID": FOREIGN_KEY}}}}, [f"account:{OTHER}"]),
    ("ec2:ModifyEbsDefaultKmsKeyId", {"ModifyEbsDefaultKmsKeyIdRequest": {"KmsKeyId": FOREIGN_KEY}},
     [f"account:{OTHER}"]),
    # EC2's wrapped requests
    ("ec2:ModifyVpcEndpointServicePermissions", {"ModifyVpcEndpointServicePermissionsRequest":
     {"AddAllowedPrincipals": {"tag": 1, "content": ROOT}}}, [f"account:{OTHER}"]),
    ("ec2:ModifyVpcEndpointServicePermissions", {"ModifyVpcEndpointServicePermissionsRequest":
     {"AddAllowedPrincipals": [{"tag": 1, "content": "*"}]}}, ["principal:*"]),
    ("ec2:ModifyVpcEndpointServicePermissions", {"ModifyVpcEndpointServicePermissionsRequest":
     {"RemoveAllowedPrincipals": {"tag": 1, "content": "*"}}}, []),
    ("ec2:CreateTransitGatewayPeeringAttachment", {"CreateTransitGatewayPeeringAttachmentRequest":
     {"PeerAccountId": OTHER}}, [f"account:{OTHER}"]),
    ("ec2:EnableAddressTransfer", {"EnableAddressTransferRequest": {"TransferAccountId": OTHER}},
     [f"account:{OTHER}"]),
    ("ec2:ModifyVpcBlockPublicAccessOptions", {"ModifyVpcBlockPublicAccessOptionsRequest":
     {"InternetGatewayBlockMode": "off"}}, ["public_access_block:off"]),
    ("ec2:ModifySecurityGroupRules", {"ModifySecurityGroupRulesRequest": {"SecurityGroupRule": {"SecurityGroupRule":
     {"CidrIpv4": "0.0.0.0/0"}, "tag": 1}}}, ["cidr:0.0.0.0/0"]),
    # a grantee that another field narrows
    ("lambda:AddPermission", {"principal": "*", "principalOrgID": "o-exampleorg"}, []),
    ("lambda:AddPermission", {"principal": "*", "sourceArn": "arn:aws:s3:::bucket"}, []),
    ("lambda:AddPermission", {"principal": "*", "sourceAccount": OTHER}, [f"account:{OTHER}"]),
    ("lambda:AddPermission", {"principal": "*", "functionUrlAuthType": "NONE"}, ["principal:*"]),
    ("lambda:AddPermission", {"principal": "sns.amazonaws.com", "sourceArn": f"arn:aws:sns:eu-west-1:{OTHER}:t"},
     [f"account:{OTHER}"]),
    ("lambda:AddLayerVersionPermission", {"principal": "*", "organizationId": "o-exampleorg"}, []),
    ("events:PutPermission", {"principal": "*", "condition": {"type": "StringEquals", "key": "aws:PrincipalOrgID",
     "value": "o-exampleorg"}}, []),
    ("events:PutPermission", {"principal": "*", "condition": {"type": "StringLike", "key": "aws:PrincipalOrgID",
     "value": "*"}}, ["principal:*"]),
    ("serverlessrepo:PutApplicationPolicy", {"statements": [{"principals": ["*"], "actions": ["Deploy"]}]},
     ["principal:*"]),
    ("serverlessrepo:PutApplicationPolicy", {"statements": [{"principals": ["*"], "principalOrgIDs": ["o-1"]}]}, []),
    ("lex:CreateResourcePolicyStatement", {"effect": "Allow", "principal": [{"arn": ROOT}]}, [f"account:{OTHER}"]),
    ("lex:CreateResourcePolicyStatement", {"effect": "Deny", "principal": [{"arn": ROOT}]}, []),
]  # fmt: skip
POLICIES = [
    (action, request | {field: document}, tokens)
    for action, request, field in (
        ("es:CreateDomain", {}, "accessPolicies"),
        ("kms:CreateKey", {}, "policy"),
        ("kms:ReplicateKey", {}, "policy"),
        ("dynamodb:CreateTable", {}, "resourcePolicy"),
        ("dynamodb:PutResourcePolicy", {}, "policy"),
        ("secretsmanager:PutResourcePolicy", {"blockPublicPolicy": False}, "resourcePolicy"),
        ("ecr:SetRepositoryPolicy", {}, "policyText"),
        ("ecr-public:SetRepositoryPolicy", {}, "policyText"),
        ("glue:PutResourcePolicy", {}, "policyInJson"),
        ("backup:PutBackupVaultAccessPolicy", {}, "policy"),
        ("elasticfilesystem:PutFileSystemPolicy", {}, "policy"),
        ("logs:PutDestinationPolicy", {}, "accessPolicy"),
        ("ses:CreateEmailIdentityPolicy", {}, "policy"),
        ("glacier:SetVaultAccessPolicy", {}, "policy"),
        ("codeartifact:PutDomainPermissionsPolicy", {}, "policyDocument"),
        ("mediastore:PutContainerPolicy", {}, "policy"),
        ("route53resolver:PutResolverRulePolicy", {}, "resolverRulePolicy"),
        ("organizations:PutResourcePolicy", {}, "content"),
        ("s3:PutAccessPointPolicy", {}, "Policy"),
        ("s3:PutMultiRegionAccessPointPolicy", {}, "Policy"),
        ("s3tables:PutTablePolicy", {}, "resourcePolicy"),
        ("apigateway:UpdateRestApi", {}, "value"),
        ("newservice:PutResourcePolicy", {}, "policy"),
        ("newservice:CreateThing", {}, "accessDocument"),
    )
    for document, tokens in ((ANYBODY, ["principal:*"]), (TO_OTHER, [f"account:{OTHER}"]), ("{}", []))
]
SWITCHES = [
    ("redshift:ModifyCluster", {"publiclyAccessible": True}, ["public:database"]),
    ("rds:RestoreDBInstanceFromDBSnapshot", {"publiclyAccessible": "true"}, ["public:database"]),
    ("redshift-serverless:CreateWorkgroup", {"publiclyAccessible": True}, ["public:database"]),
    ("amazonmq:CreateBroker", {"publiclyAccessible": True}, ["public:broker"]),
    ("newservice:CreateThing", {"publiclyAccessible": True}, ["public:endpoint"]),
    ("kafka:UpdateConnectivity", {"connectivityInfo": {"publicAccess": {"type": "SERVICE_PROVIDED_EIPS"}}},
     ["public:cluster"]),
    ("kafka:UpdateConnectivity", {"connectivityInfo": {"publicAccess": {"type": "DISABLED"}}}, []),
    ("eks:UpdateClusterConfig", cluster(endpointPublicAccess=True), ["public:cluster"]),
    ("eks:UpdateClusterConfig", cluster(endpointPublicAccess=True, publicAccessCidrs=["0.0.0.0/0"]),
     ["public:cluster"]),
    ("eks:UpdateClusterConfig", cluster(publicAccessCidrs=["0.0.0.0/1", "128.0.0.0/1"]), ["public:cluster"]),
    ("eks:UpdateClusterConfig", cluster(endpointPublicAccess=True, publicAccessCidrs=["192.0.2.0/24"]), []),
    ("eks:UpdateClusterConfig", cluster(endpointPublicAccess=False, publicAccessCidrs=["0.0.0.0/0"]), []),
    ("aoss:CreateSecurityPolicy", {"policy": json.dumps([{"Rules": [], "AllowFromPublic": True}])},
     ["public:collection"]),
    ("codebuild:UpdateProjectVisibility", {"projectVisibility": "PUBLIC_READ"}, ["principal:*"]),
    ("codebuild:UpdateProjectVisibility", {"projectVisibility": "PRIVATE"}, []),
    ("cognito-identity:CreateIdentityPool", {"allowUnauthenticatedIdentities": True}, ["principal:*"]),
    ("quicksight:UpdatePublicSharingSettings", {"publicSharingEnabled": True}, ["principal:*"]),
    ("lightsail:UpdateBucket", {"accessRules": {"getObject": "public"}}, ["principal:*"]),
    ("lightsail:OpenInstancePublicPorts", {"portInfo": {"fromPort": 22, "protocol": "tcp"}}, ["cidr:0.0.0.0/0"]),
    ("lightsail:OpenInstancePublicPorts", {"portInfo": {"fromPort": 22, "cidrs": ["192.0.2.0/24"]}}, []),
    ("lightsail:PutInstancePublicPorts", {"portInfos": []}, []),
    ("elasticmapreduce:PutBlockPublicAccessConfiguration", {"blockPublicAccessConfiguration":
     {"blockPublicSecurityGroupRules": False}}, ["public_access_block:off"]),
    ("s3:CreateAccessPoint", {"CreateAccessPointRequest": {"PublicAccessBlockConfiguration":
     {"BlockPublicPolicy": "false"}}}, ["public_access_block:off"]),
    ("iam:CreateOpenIDConnectProvider", {"url": "https://id.example.com"}, ["identity_provider:id.example.com"]),
    ("iam:UpdateSAMLProvider", {"sAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"},
     ["identity_provider:okta"]),
]  # fmt: skip
ACLS = [
    ("s3:PutBucketAcl", {"x-amz-grant-read": f"uri={ALL_USERS}"}, ["principal:*"]),
    ("s3:PutBucketAcl", {"x-amz-grant-read": [f'uri="{ALL_USERS}"']}, ["principal:*"]),
    ("s3:PutObjectAcl", {"x-amz-grant-read-acp":
     'uri="http://acs.amazonaws.com/groups/global/AuthenticatedUsers"'}, ["principal:*"]),
    ("s3:PutObjectAcl", {"x-amz-grant-full-control": 'id="0123abcd", emailAddress="ed@example.com"'},
     ["grantee:0123abcd", "grantee:ed@example.com"]),
    ("s3:PutBucketAcl", {"x-amz-grant-write": "uri=http://acs.amazonaws.com/groups/s3/LogDelivery"}, []),
    ("s3:PutBucketAcl", {"AccessControlPolicy": {"Owner": {"ID": "own"}, "AccessControlList": {"Grant":
     [{"Grantee": {"ID": "own"}}, {"Grantee": {"ID": "theirs"}}]}}}, ["grantee:theirs"]),
    ("s3:CreateBucket", {"x-amz-acl": "public-read-write"}, ["principal:*"]),
    ("s3:PutObject", {"x-amz-acl": "authenticated-read"}, ["principal:*"]),
    ("s3:CopyObject", {"x-amz-acl": ["public-read"]}, ["principal:*"]),
    ("s3:CreateMultipartUpload", {"x-amz-acl": "public-read"}, ["principal:*"]),
    ("s3:PutObject", {"x-amz-acl": "bucket-owner-full-control"}, []),
    ("s3:PutObject", {"x-amz-grant-full-control": 'id="0123abcd"'}, []),
]  # fmt: skip
NETWORKS = [
    ("ec2:AuthorizeSecurityGroupIngress", ingress(ipRanges={"items": [{"cidrIp": "0.0.0.0/1"},
                                                                      {"cidrIp": "128.0.0.0/1"}]}), ["cidr:0.0.0.0/0"]),
    ("ec2:AuthorizeSecurityGroupIngress", ingress(ipRanges={"items": [{"cidrIp": "192.0.2.0/24",
                                                                       "description": "not 0.0.0.0/0"}]}), []),
    ("ec2:AuthorizeSecurityGroupIngress", ingress(groups={"items": [{"userId": OTHER, "groupId": "sg-2"}]}),
     [f"account:{OTHER}"]),
    ("ec2:CreateNetworkAclEntry", acl_entry(), ["cidr:0.0.0.0/0"]),
    ("ec2:ReplaceNetworkAclEntry", acl_entry(cidrBlock=None, ipv6CidrBlock="::/0"), ["cidr:::/0"]),
    ("ec2:ReplaceNetworkAclEntry", acl_entry(egress=True), []),
    ("ec2:CreateNetworkAclEntry", acl_entry(ruleAction="deny"), []),
    ("redshift:AuthorizeClusterSecurityGroupIngress", {"cIDRIP": "0.0.0.0/0"}, ["cidr:0.0.0.0/0"]),
    ("medialive:CreateInputSecurityGroup", {"whitelistRules": [{"cidr": "0.0.0.0/0"}]}, ["cidr:0.0.0.0/0"]),
    ("newservice:AuthorizeThingIngress", {"range": "0.0.0.0/0"}, ["cidr:0.0.0.0/0"]),
]  # fmt: skip


@pytest.mark.parametrize(("action", "request_", "tokens"), CASES + SHARES + POLICIES + SWITCHES + ACLS + NETWORKS)
def test_requests(action: str, request_: Any, tokens: list[str]) -> None:
    assert list(opened(action, request_)) == tokens


@pytest.mark.parametrize("action", ["ec2:DescribeSnapshotAttribute", "s3:GetBucketPolicy", "iam:DetachUserPolicy",
                                    "ec2:RevokeSecurityGroupIngress", "s3:GetObject", "kms:Decrypt",
                                    "dynamodb:BatchGetItem", "codebuild:BatchGetProjects"])  # fmt: skip
def test_calls_that_open_nothing_are_not_searched(action: str) -> None:
    assert not may_expose(action)


@pytest.mark.parametrize(
    ("action", "request_"),
    [
        ("ec2:AuthorizeSecurityGroupEgress", ingress(ipRanges={"items": [{"cidrIp": "0.0.0.0/0"}]})),
        ("ec2:UpdateSecurityGroupRuleDescriptionsIngress", ingress(ipRanges={"items": [{"cidrIp": "0.0.0.0/0"}]})),
        ("ec2:AuthorizeClientVpnIngress", {"targetNetworkCidr": "0.0.0.0/0"}),
        ("ec2:CreateVpcEndpoint", {"policyDocument": ANYBODY}),
        ("cloudformation:SetStackPolicy", {"stackPolicyBody": ANYBODY}),
        ("cloudformation:CreateStack", {"stackPolicyBody": ANYBODY}),
        ("organizations:CreatePolicy", {"content": json.dumps(policy(allow(Action="*", Resource="*")))}),
        ("iam:PutUserPermissionsBoundary", {"permissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        ("ec2:RunInstances", {"instancesSet": {"items": [{"imageId": "ami-1"}]}}),
    ],
)
def test_what_leads_out_or_only_limits_lets_nobody_in(action: str, request_: Any) -> None:
    assert find_exposures(action, json.dumps(request_).encode(), ACCOUNT) == ()


def test_what_is_only_described_opens_nothing() -> None:
    notes = {"description": ANYBODY, "tags": [{"key": "a", "value": ANYBODY}], "tagSpecificationSet": {"x": ROOT}}
    for action in ("newservice:CreateThing", "newservice:PutThingPolicy", "kms:CreateKey", "ram:CreateResourceShare"):
        assert opened(action, notes) == ()


def test_policies_are_found_however_they_are_written() -> None:
    text = json.dumps(policy(allow(Principal={"AWS": "*"}, Action="s3:*")))
    hidden = text.replace('"*"', '"\\u002a"').replace("Allow", "\\u0041llow")
    deep: Any = json.loads(text)
    for _ in range(40):
        deep = {"x": [deep]}
    for document in (text, hidden, json.dumps(json.loads(text), indent=8), json.dumps(text), json.dumps(deep)):
        assert opened("s3:PutBucketPolicy", {"bucketPolicy": document}) == ("principal:*",)


def test_odd_neighbours_hide_nothing() -> None:
    request = b'{"a": NaN, "b": "\\ud800", "deep": %s, "principal": "%s"}' % (b"[" * 2000 + b"]" * 2000, OTHER.encode())
    assert find_exposures("lambda:AddPermission", request, ACCOUNT) == (f"account:{OTHER}",)


def test_tokens_are_bounded_and_stable() -> None:
    many = {"principals": [f"{number:012d}" for number in range(1000)]}
    assert opened("ram:AssociateResourceShare", many) == opened("ram:AssociateResourceShare", many)
    assert len(opened("ram:AssociateResourceShare", many)) == MOST


@pytest.mark.parametrize(
    "document", [b"", b"null", b"[]", b'"x"', b"{", b"\xff", b'{"a":' * 50_000, b" " * LONGEST * 2]
)
def test_nothing_is_read_from_what_is_no_request(document: bytes) -> None:
    start = time.process_time()
    assert find_exposures("s3:PutBucketPolicy", document, ACCOUNT) == ()
    assert time.process_time() - start < 2


def test_the_row_holds_them() -> None:
    call = {"eventSource": "iam.amazonaws.com", "eventName": "UpdateAssumeRolePolicy", "readOnly": False}
    assert event_of(a_record(**call, requestParameters=trust(AWS=ROOT)))["exposures"] == (f"account:{OTHER}",)


@pytest.mark.parametrize("code", ["AccessDenied", "Client.DryRunOperation", "NoSuchBucket", "InternalFailure"])
def test_a_call_that_failed_opened_nothing(code: str) -> None:
    call = {"eventSource": "s3.amazonaws.com", "eventName": "PutBucketAcl", "readOnly": False}
    request = {"requestParameters": {"bucketName": "b", "x-amz-acl": "public-read"}}
    failed = event_of(a_record(**call, **request, errorCode=code))
    assert failed["error"]
    assert failed["exposures"] == ()
    assert event_of(a_record(**call, **request))["exposures"] == ("principal:*",)


def test_a_request_of_many_values_is_read_in_time() -> None:
    document = json.dumps({"ipPermissions": [{"cidrIp": f"10.{n // 256}.{n % 256}.0/24"} for n in range(3_000)]})
    start = time.process_time()
    assert find_exposures("ec2:AuthorizeSecurityGroupIngress", document.encode(), ACCOUNT) == ()
    assert time.process_time() - start < 2


def test_a_version_in_the_name_and_another_event_source_hide_nothing() -> None:
    added = {"eventSource": "lambda.amazonaws.com", "eventName": "AddPermission20150331v2", "readOnly": False}
    assert event_of(a_record(**added, requestParameters={"principal": OTHER}))["exposures"] == (f"account:{OTHER}",)
    made = {"eventSource": "amazonmq.amazonaws.com", "eventName": "CreateBroker", "readOnly": False}
    assert event_of(a_record(**made, requestParameters={"publiclyAccessible": True}))["exposures"] == ("public:broker",)
