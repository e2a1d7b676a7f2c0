"""Which class of attacker behaviour a call belongs to, by rule: ATT&CK tactic, access level and the call's name.

General knowledge of the AWS API and of MITRE ATT&CK (Cloud matrix, IaaS), written before any campaign or recording was
looked at. Rules name what a call *does*, so that they hold for all 20,000 actions of the IAM definition: a first-ever
dangerous call of a rarely used service has a sensible class. The first rule that matches decides.
"""

import re
from typing import NamedTuple

CLASS_Q = {
    "evasion": 0.025,
    "identity": 0.03,
    "credentials": 0.03,
    "execution": 0.02,
    "sharing": 0.015,
    "impact": 0.015,
    "discovery": 0.003,
}
"""Probability that an hour of an attacker holds a given call of the class. Set by hand within .015–.03 for the six that
do harm (detection depends little on them between half and twice their value); discovery is wide and each call rare."""

LEVEL_Q = {"list": 0.002, "read": 0.002, "write": 0.004, "tagging": 0.002, "permissions": 0.012}
"""The same for a call without a class, by its access level."""

CLASS_ATTACK = {
    "evasion": ("Defense Evasion", "T1562"),
    "identity": ("Persistence", "T1098"),
    "credentials": ("Credential Access", "T1555"),
    "execution": ("Execution", "T1651"),
    "sharing": ("Exfiltration", "T1537"),
    "impact": ("Impact", "T1485"),
    "discovery": ("Discovery", "T1580"),
}
"""ATT&CK tactic and technique of a call that only a rule places: Impair Defenses, Account Manipulation, Credentials
from Password Stores, Cloud Administration Command, Transfer Data to Cloud Account, Data Destruction."""

TACTIC_CLASS = {
    "Defense Evasion": "evasion",
    "Credential Access": "credentials",
    "Exfiltration": "sharing",
    "Execution": "execution",
    "Lateral Movement": "execution",
    "Privilege Escalation": "identity",
    "Persistence": "identity",
    "Impact": "impact",
    "Collection": "sharing",
    "Resource Development": "impact",
    "Command and Control": "impact",
    "Initial Access": "identity",
}
"""Class of a write that TrailDiscover lists, by the first of its tactics in this order; reads are discovery."""

READS = ("list", "read")
WRITES = ("write", "permissions")


class Rule(NamedTuple):
    """Calls of some services, access levels and names, and the class they get."""

    attack_class: str
    services: str
    """Regular expression of the whole event source."""
    levels: tuple[str, ...]
    names: str
    """Regular expression searched in the event name."""
    weight: float = 1.0
    """Share of the class's q: less where the name alone says little."""


IDENTITY_SERVICES = (
    r"iam|sts|signin|organizations|sso|sso-directory|identitystore|rolesanywhere|cognito-idp|cognito-identity"
)
MONITORING_SERVICES = (
    r"guardduty|securityhub|config|waf|waf-regional|wafv2|network-firewall|inspector2?|macie2|detective|access-analyzer|"
    r"securitylake|auditmanager|fms|shield|cloudtrail"
)
SECRET = (
    r"Secret(?!s?(Policy|VersionIds?))|PasswordData|MasterUserPassword|Credentials?(?!Report|Locker|Provider|Policy)|"
    r"AuthorizationToken|AuthToken|FederationToken|SessionToken|BearerToken|WebIdentityToken|AccessToken(?!s$)|"
    r"PrivateKey|DefaultKeyPair|AccessDetails|ResourceApiKey|BucketAccessKeys|OAuth2Token|Oauth2Token"
)

RULES = (
    # handing out credentials
    Rule("credentials", r"ssm", READS, r"^GetParameter"),
    Rule("credentials", r"secretsmanager", READS, r"^(BatchGet|Get)SecretValue$"),
    Rule("credentials", r"ec2", READS, r"^GetPasswordData$"),
    Rule("credentials", r"acm|acm-pca", READS, r"^ExportCertificate$"),
    Rule("credentials", r"apigateway", READS, r"^GetApiKeys?$"),
    Rule("credentials", r"ecr|ecr-public|codeartifact", READS, r"^GetAuthorizationToken$", 0.25),
    Rule("credentials", r"sts", (*READS, *WRITES), r"^Get(FederationToken|SessionToken|DelegatedAccessToken)"),
    Rule("credentials", r"sso|signin", READS, r"^(GetRoleCredentials|GetSigninToken)$"),
    Rule(
        "credentials",
        r"(?!kms$|iot|chime$|ivs|qapps$|secretsmanager$|managedblockchain).*",
        (*READS, *WRITES),
        rf"^(Get|BatchGet|Retrieve|Reveal|Export|Download|Request|Refresh|Exchange)\w*({SECRET})",
    ),
    # blinding those who watch
    Rule("evasion", r"cloudtrail", WRITES, r"^(Stop|Delete|Put|Update|Deregister|Disable|Cancel)"),
    Rule(
        "evasion",
        MONITORING_SERVICES,
        WRITES,
        r"^(Stop|Delete|Disable|Disassociate|Batch(Disable|Delete)|Deregister|Archive)",
    ),
    Rule(
        "evasion",
        MONITORING_SERVICES,
        WRITES,
        r"^(Create|Update)(Filter|IPSet|SuppressionRule|Detector|FindingsFilter)|Filters$",
    ),
    Rule("evasion", MONITORING_SERVICES, WRITES, r"^(Update|Put)", 0.5),
    Rule(
        "evasion",
        r"ec2|logs|route53resolver|route53|s3|monitoring|elasticloadbalancing|rds|redshift|es|vpc-lattice|events",
        WRITES,
        r"^(Stop|Delete|Disable|Disassociate|Remove|Put|Modify)\w*(FlowLogs?|LogGroup|LogStream|QueryLog\w*|BucketLogging|Logging|"
        r"SubscriptionFilter|MetricFilter|RetentionPolicy|Alarms?|AlarmActions|ActivityStream|AccessLogSubscription|Destination)$",
    ),
    Rule("evasion", r"iam", WRITES, r"^DeactivateMFADevice$|^DeleteAccountPasswordPolicy$"),
    Rule(
        "evasion",
        r"organizations",
        WRITES,
        r"^(LeaveOrganization|DisableAWSServiceAccess|DisablePolicyType|DetachPolicy)$",
    ),
    Rule("evasion", r"bedrock", WRITES, r"^DeleteModelInvocationLoggingConfiguration$"),
    Rule("evasion", r"ssm", WRITES, r"^(DeleteResourceDataSync|UpdateServiceSetting)$", 0.5),
    # giving oneself or another more rights
    Rule(
        "identity",
        r"iam",
        WRITES,
        r"^(Create|Attach|Put|Add|Upload|Enable|Set|Reset)(?!ServiceLinkedRole|AccountAlias)",
    ),
    Rule(
        "identity",
        r"iam",
        WRITES,
        r"^(Update(AssumeRolePolicy|LoginProfile|AccessKey|SAMLProvider|OpenIDConnect\w+|SSHPublicKey))",
    ),
    Rule("identity", r"iam", WRITES, r"^ChangePassword$", 0.1),  # one's own, which takes the old one
    Rule("identity", r"iam", WRITES, r"^Delete\w*PermissionsBoundary$"),
    Rule("identity", r"iam", WRITES, r"^(Delete|Detach|Remove|Update)", 0.5),
    Rule(
        "identity",
        r"sso|sso-directory|identitystore|rolesanywhere|cognito-idp|cognito-identity",
        WRITES,
        r"^(Create|Attach|Put|Add|Admin(Create|Set|Add)|Import|Enable|SetIdentityPoolRoles|StartSSO|Provision|UpdateS\w*Configuration|UpdatePassword|UpdateIdentityPool)",
    ),
    Rule(
        "identity",
        r"organizations",
        WRITES,
        r"^(CreateAccount|InviteAccountToOrganization|AcceptHandshake|CreatePolicy|UpdatePolicy|RegisterDelegatedAdministrator)$",
    ),
    Rule(
        "identity",
        r"eks",
        WRITES,
        r"AccessEntry$|AccessPolicy$|^AssociateIdentityProviderConfig$|PodIdentityAssociation$",
    ),
    Rule(
        "identity",
        r"account|signin|sts",
        WRITES,
        r"^(PutAlternateContact|UpdatePrimaryEmail|StartPrimaryEmailUpdate|AcceptPrimaryEmailUpdate|SetSecurityTokenServicePreferences)$",
    ),
    Rule("identity", r"ec2", WRITES, r"^(CreateKeyPair|ImportKeyPair|(Associate|Replace)IamInstanceProfile\w*)$"),
    Rule(
        "identity",
        r"lightsail|transfer|appsync|grafana",
        WRITES,
        r"^(CreateKeyPair|ImportKeyPair|ImportSshPublicKey|CreateApiKey|CreateUser|Create\w*(Token|ApiKey))$",
    ),
    Rule(
        "identity",
        r"redshift|rds|docdb|elasticache|memorydb",
        WRITES,
        r"^(CreateClusterUser|CreateUser|ModifyUser)$",
        0.5,
    ),
    # opening data to others, or carrying it out
    Rule(
        "sharing",
        r".*",
        WRITES,
        r"^Modify\w*(Snapshot|Image|Permission)\w*Attribute$|^Modify(DocumentPermission|VpcEndpointServicePermissions)$",
    ),
    Rule(
        "sharing",
        r".*",
        WRITES,
        r"^(Put|Set|Create|Update)\w*(BucketPolicy|ResourcePolicy|RepositoryPolicy|RegistryPolicy|AccessPolicy|SharingPolicy|FileSystemPolicy|AccessPointPolicy|KeyPolicy|IdentityPolicy|ImagePolicy|TablePolicy|ContainerPolicy|RestApiPolicy|DomainPermissionsPolicy|RepositoryPermissionsPolicy)$",
    ),
    Rule(
        "sharing",
        r".*",
        WRITES,
        r"^Add\w*Permission$|^PutPermission(Policy)?$|^CreateGrant$|BucketAcl$|ObjectAcl$|^(Authorize|Create)\w*(SnapshotAccess|DataShare)$|^ShareDirectory$",
    ),
    Rule(
        "sharing",
        r"s3|s3express|s3-outposts",
        WRITES,
        r"^(Put|Delete)\w*PublicAccessBlock$|^PutBucketReplication$|^DeleteBucketPolicy$|^Delete\w*Encryption$|^CreateAccessGrant|^JobCreated$|^CreateJob$|^PutBucketWebsite$",
    ),
    Rule(
        "sharing",
        r"ec2",
        WRITES,
        r"^Disable(Image|Snapshot)BlockPublicAccess$|^(Authorize|Modify)SecurityGroup\w*|^CreateSecurityGroup$|^(Create|Replace)NetworkAclEntry$|^CreateTrafficMirror|^CreateVpcPeeringConnection$|^CreateRoute$|^CreateVpnConnection$|^CreateClientVpnEndpoint$",
    ),
    Rule(
        "sharing",
        r"ec2|rds|redshift|lightsail|docdb|neptune|elasticache|dynamodb",
        WRITES,
        r"^(Copy|Export|Start|Create)\w*(Snapshot|Export|ExportTask|ExportImage|Image|TableToPointInTime)$",
    ),
    Rule("sharing", r"ram", WRITES, r"^(Create|Associate|Update|Enable)"),
    Rule(
        "sharing",
        r".*",
        WRITES,
        r"^(CreatePortfolioShare|CreateResourceShare|AuthorizeDBSecurityGroupIngress|AuthorizeClusterSecurityGroupIngress|CreateLocationS3|StartExportTask|ExportTable\w+|ExportImage|ExportSnapshot|ExportKey)$",
    ),
    Rule("sharing", r".*", WRITES, r"^(Create|Start)\w*Export(Job|Task)?$|^Export[A-Z]|^Create\w*Share$", 0.5),
    Rule(
        "sharing",
        r"transfer|datasync|dms|storagegateway",
        WRITES,
        r"^(CreateServer|StartTaskExecution|CreateTask|CreateReplicationTask|Create\w*FileShare)$",
        0.5,
    ),
    # running code
    Rule(
        "execution",
        r"ssm",
        WRITES,
        r"^(SendCommand|StartSession|ResumeSession|StartAutomationExecution|CreateAssociation\w*|UpdateAssociation|CreateDocument|StartAccessRequest|CreateActivation)$",
    ),
    Rule("execution", r"ec2-instance-connect|ssm-guiconnect|cloudshell", WRITES, r"^(Send|Open|Start|Create)"),
    Rule(
        "execution",
        r"ec2",
        WRITES,
        r"^(RunInstances|RunScheduledInstances|RequestSpot\w+|CreateFleet|ModifyInstanceAttribute|CreateLaunchTemplate\w*|AttachVolume|EnableSerialConsoleAccess)$",
    ),
    Rule(
        "execution",
        r"lambda",
        WRITES,
        r"^(CreateFunction|UpdateFunctionCode|UpdateFunctionConfiguration|CreateEventSourceMapping|UpdateEventSourceMapping|CreateFunctionUrlConfig|UpdateFunctionUrlConfig|PublishLayerVersion)$",
    ),
    Rule(
        "execution",
        r"ecs|batch|eks|apprunner|app-runner",
        WRITES,
        r"^(ExecuteCommand|RunTask|StartTask|RegisterTaskDefinition|RegisterJobDefinition|SubmitJob|Create(Service|Cluster|Nodegroup|FargateProfile|ComputeEnvironment))$",
    ),
    Rule(
        "execution",
        r"bedrock",
        (*READS, *WRITES),
        r"^(InvokeModel\w*|Converse\w*|InvokeAgent|CreateFoundationModelAgreement|PutUseCaseForModelAccess|PutFoundationModelEntitlement|CreateModelInvocationJob|CreateProvisionedModelThroughput)$",
    ),
    Rule(
        "execution",
        r"cloudformation|codebuild|glue|sagemaker|states|elasticmapreduce|emr-serverless|emr-containers|datapipeline|imagebuilder|codepipeline|codedeploy|greengrass|iot|amplify|opsworks|cloud9|lightsail|gamelift|workspaces",
        WRITES,
        r"^(Create(Stack|StackSet|StackInstances|ChangeSet|Project|Job|DevEndpoint|Session|NotebookInstance|TrainingJob|ProcessingJob|StateMachine|PresignedNotebookInstanceUrl|PresignedDomainUrl|Deployment|Fleet|Instances|Environment\w*|Pipeline|Workspaces)|Update(Stack|Project|Job|DevEndpoint|StateMachine|NotebookInstance\w*)|UpdateFunction\w*|RunJobFlow|RunStatement|AddJobFlowSteps|Start(Build|JobRun|Execution|Session)|ActivatePipeline|PutPipelineDefinition)$",
        0.5,
    ),
    Rule("execution", r"autoscaling", WRITES, r"^(CreateAutoScalingGroup|CreateLaunchConfiguration)$", 0.5),
    Rule("execution", r"ec2|events", WRITES, r"^(StartInstances|PutTargets)$", 0.5),
    Rule("execution", r"lambda|states", WRITES, r"^(Invoke|InvokeFunction|StartExecution)$", 0.25),
    # breaking, taking hostage, spending
    Rule(
        "impact", r"kms", WRITES, r"^(ScheduleKeyDeletion|DisableKey|DeleteImportedKeyMaterial|PutKeyPolicy|ReEncrypt)$"
    ),
    Rule(
        "impact",
        r"s3|s3express|s3tables|glacier",
        WRITES,
        r"^(Delete(Bucket|Object|Objects|ObjectVersion|Table|TableBucket|Vault|Archive)|PutBucket(Lifecycle\w*|Versioning|Encryption)|PutLifecycleConfiguration|PutEncryptionConfiguration)$",
    ),
    Rule(
        "impact",
        r".*",
        WRITES,
        r"^(Delete|Terminate|Purge|Destroy|Remove|Batch(Delete|Stop)|Stop|Reboot)(DB|Global|Cache)?(Instances?|Cluster|Clusters|Snapshots?|Volumes?|Table|Secret|Secrets|FileSystem|RecoveryPoint|BackupVault|Backup\w*|Stack|StackSet|Repository|Function|Queue|PurgeQueue|Stream|Domain|Database|Workspaces|Image|VaultArchive|HostedZone|Cluster\w*Snapshot|Organization|User|Users)$",
    ),
    Rule("impact", r"ec2", WRITES, r"^(DeregisterImage|StopInstances|DeleteVpc|DeleteRecoveryPoint|CreateDefaultVpc)$"),
    Rule("impact", r"servicequotas|support", WRITES, r"^(RequestServiceQuotaIncrease|CreateCase)$"),
    Rule(
        "impact",
        r"ses|sns|sms-voice|pinpoint|mobiletargeting",
        WRITES,
        r"^(UpdateAccountSendingEnabled|PutAccount\w+|VerifyEmail\w+|CreateEmailIdentity|VerifyDomain\w+|SendBulk\w+|SetSMSAttributes)$",
    ),
    Rule(
        "impact",
        r"route53|route53domains",
        WRITES,
        r"^(ChangeResourceRecordSets|CreateHostedZone|RegisterDomain|TransferDomain\w*|DisableDomainTransferLock|UpdateDomainNameservers)$",
        0.5,
    ),
)
"""Specific rules, looked at before what TrailDiscover says."""

GENERIC = (
    Rule("sharing", r".*", WRITES, r"^(Share|Authorize)[A-Z]", 0.5),
    Rule("evasion", r".*", WRITES, r"^Disable[A-Z]", 0.5),
    Rule("impact", r".*", WRITES, r"^(Delete|Terminate|Purge|Destroy|BatchDelete)[A-Z]", 0.5),
)
"""What a name says of any service, looked at last."""


def first_match(rules: tuple[Rule, ...], service: str, level: str, name: str) -> Rule | None:
    """Return the first rule that fits the call.

    Examples
    --------
    >>> first_match(RULES, "cloudtrail", "write", "StopLogging").attack_class
    'evasion'
    >>> first_match(RULES, "guardduty", "list", "ListDetectors") is None
    True
    """
    for rule in rules:
        if level in rule.levels and re.fullmatch(rule.services, service) and re.search(rule.names, name):
            return rule
    return None
