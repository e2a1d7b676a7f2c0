"""What to do about each kind of harm: what to say, and the commands, by the call that did it.

The steps follow AWS' incident response playbooks (github.com/aws-samples/aws-incident-response-playbooks: compromised
IAM credentials, data access, ransomware, SES); the wording is ours. The commands look, or take back what was given;
none deletes anything but a login, a grant or an opening.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about one kind of harm."""

    done: str
    """What to do when it was done; the names are said in the commands and in what follows."""
    tried: str
    """What to do when it was only tried."""
    commands: tuple[tuple[str, str], ...]
    """Pattern of an action, and the command when it was called; an empty pattern is for all."""
    regional: bool = True
    """The commands need the region of the calls."""


_BLOCK = (
    "aws s3api put-public-access-block --bucket {bucket} --public-access-block-configuration "
    "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
)
_DENY_USER = (
    (
        "aws iam put-user-policy --user-name {user} --policy-name deny-until-looked-at --policy-document "
        '\'{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"*","Resource":"*"}}]}}\''
    )
    .replace("{{", "{")
    .replace("}}", "}")
)

REMEDIES: Final[dict[str, Remedy]] = {
    "logging_off": Remedy(
        "Switch back on what was switched off, and treat the time since as unseen: look for what else was done then.",
        "Somebody tried to switch off what watches, and was denied: nothing is lost, but ask why they tried.",
        (
            ("cloudtrail:StopLogging", "aws cloudtrail start-logging --name {trail}"),
            ("cloudtrail:.*", "aws cloudtrail get-trail-status --name {trail}"),
            ("cloudtrail:DeleteTrail", "aws cloudtrail describe-trails"),
            ("cloudtrail:.*Selectors", "aws cloudtrail get-event-selectors --trail-name {trail}"),
            ("guardduty:.*", "aws guardduty list-detectors"),
            ("guardduty:UpdateDetector", "aws guardduty update-detector --detector-id {detector} --enable"),
            (
                "config:StopConfigurationRecorder",
                "aws configservice start-configuration-recorder --configuration-recorder-name {recorder}",
            ),
            ("config:Delete.*", "aws configservice describe-configuration-recorders"),
            ("ec2:DeleteFlowLogs", "aws ec2 describe-flow-logs"),
            ("monitoring:DisableAlarmActions", "aws cloudwatch enable-alarm-actions --alarm-names {alarm}"),
            (
                "monitoring:DeleteAlarms",
                "aws cloudwatch describe-alarm-history --history-item-type ConfigurationUpdate --query "
                "'AlarmHistoryItems[].[Timestamp,AlarmName,HistorySummary]' --output text",
            ),
            (
                "monitoring:Disable.*",
                "aws cloudwatch describe-alarms --query 'MetricAlarms[?!ActionsEnabled].AlarmName' --output text",
            ),
            ("securityhub:.*", "aws securityhub describe-hub"),
            ("bedrock:.*", "aws bedrock get-model-invocation-logging-configuration"),
            ("s3:.*", "aws s3api get-bucket-logging --bucket {bucket}"),
            ("route53resolver:.*", "aws route53resolver list-resolver-query-log-configs"),
            ("logs:.*", "aws logs describe-log-groups --log-group-name-prefix {log_group}"),
        ),
    ),
    "organization_left": Remedy(
        "The account is out of the organization's reach, with its policies and its trail: call whoever owns the "
        "management "
        "account now, and AWS Support if you cannot get in.",
        "Somebody tried to take the account out of the organization, or its policies off it: see that the policy which "
        "denies it stays attached.",
        (
            ("", "aws organizations describe-organization"),
            ("organizations:.*Polic.*", "aws organizations list-policies --filter SERVICE_CONTROL_POLICY"),
        ),
        regional=False,
    ),
    "destroyed": Remedy(
        "Stop the damage, then save what can be saved: backups, snapshots, versions, and keys pending deletion.",
        "Somebody tried to destroy keys, backups or data, and could not: see that copies exist which this principal "
        "cannot "
        "reach.",
        (
            ("kms:ScheduleKeyDeletion", "aws kms cancel-key-deletion --key-id {key}"),
            ("kms:.*", "aws kms enable-key --key-id {key}"),
            (
                "s3:PutBucketVersioning",
                "aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled",
            ),
            ("s3:.*Lifecycle.*", "aws s3api get-bucket-lifecycle-configuration --bucket {bucket}"),
            ("s3:Delete.*", "aws s3api list-object-versions --bucket {bucket} --max-items 20"),
            ("ec2:.*Snapshot.*", "aws ec2 list-snapshots-in-recycle-bin"),
            (
                "rds:.*",
                "aws rds describe-db-snapshots --query 'DBSnapshots[].[DBSnapshotIdentifier,SnapshotCreateTime]'",
            ),
            ("dynamodb:.*", "aws dynamodb list-backups"),
            ("backup:.*", "aws backup list-recovery-points-by-backup-vault --backup-vault-name {vault}"),
        ),
    ),
    "exposed": Remedy(
        "Close what was opened, then list what was read through it since.",
        "Somebody tried to open it to the outside, and could not: ask who wanted that, and see that it is still "
        "closed.",
        (
            (
                "ec2:ModifySnapshotAttribute",
                "aws ec2 reset-snapshot-attribute --snapshot-id {snapshot} --attribute createVolumePermission",
            ),
            (
                "ec2:ModifyImageAttribute",
                "aws ec2 reset-image-attribute --image-id {image} --attribute launchPermission",
            ),
            (
                "rds:ModifyDBSnapshotAttribute",
                "aws rds modify-db-snapshot-attribute --db-snapshot-identifier {snapshot} --attribute-name restore "
                "--values-to-remove {grantee}",
            ),
            (
                "rds:ModifyDBClusterSnapshotAttribute",
                "aws rds modify-db-cluster-snapshot-attribute --db-cluster-snapshot-identifier {snapshot} "
                "--attribute-name restore --values-to-remove {grantee}",
            ),
            (
                "rds:(ModifyDBInstance|CreateDBInstance)",
                "aws rds modify-db-instance --db-instance-identifier {database} --no-publicly-accessible "
                "--apply-immediately",
            ),
            (
                "redshift:AuthorizeSnapshotAccess",
                "aws redshift revoke-snapshot-access --snapshot-identifier {snapshot} --account-with-restore-access "
                "{grantee}",
            ),
            (
                "ssm:ModifyDocumentPermission",
                "aws ssm modify-document-permission --name {document} --permission-type Share --account-ids-to-remove "
                "{grantee}",
            ),
            ("s3:.*", _BLOCK),
            ("s3:.*Policy", "aws s3api get-bucket-policy --bucket {bucket}"),
            ("s3:.*Acl", "aws s3api put-bucket-acl --bucket {bucket} --acl private"),
            (
                "ec2:AuthorizeSecurityGroup.*",
                "aws ec2 describe-security-group-rules --filters Name=group-id,Values={security_group} --query "
                "'SecurityGroupRules[?!IsEgress].[SecurityGroupRuleId,CidrIpv4,CidrIpv6,FromPort,ToPort]' "
                "--output text",
            ),
            (
                "iam:(UpdateAssumeRolePolicy|CreateRole)",
                "aws iam get-role --role-name {role} --query Role.AssumeRolePolicyDocument",
            ),
            ("iam:.*OpenIDConnectProvider.*", "aws iam list-open-id-connect-providers"),
            ("iam:.*SAMLProvider", "aws iam list-saml-providers"),
            ("lambda:.*Url.*", "aws lambda delete-function-url-config --function-name {function}"),
            ("lambda:.*", "aws lambda get-policy --function-name {function}"),
            ("kms:PutKeyPolicy", "aws kms get-key-policy --key-id {key} --policy-name default --output text"),
            ("kms:CreateGrant", "aws kms list-grants --key-id {key}"),
            ("secretsmanager:.*", "aws secretsmanager get-resource-policy --secret-id {secret}"),
            (
                "sqs:.*",
                "aws sqs get-queue-attributes --queue-url https://sqs.{region}.{domain}/{account}/{queue} "
                "--attribute-names Policy",
            ),
            ("sns:.*", "aws sns get-topic-attributes --topic-arn arn:{partition}:sns:{region}:{account}:{topic}"),
            ("ecr:.*", "aws ecr get-repository-policy --repository-name {repository}"),
            ("ram:.*", "aws ram get-resource-shares --resource-owner SELF"),
            ("rolesanywhere:.*", "aws rolesanywhere list-trust-anchors"),
        ),
    ),
    "persistence": Remedy(
        "Somebody can come back with what was made here: disable it, do not delete it yet, for it is evidence.",
        "Somebody tried to make themselves a way back, and could not: look for what they tried next.",
        (
            (
                "iam:(CreateAccessKey|UpdateAccessKey)",
                "aws iam update-access-key --user-name {user} --access-key-id {issued} --status Inactive",
            ),
            ("iam:(CreateAccessKey|CreateUser|UpdateAccessKey)", "aws iam list-access-keys --user-name {user}"),
            ("iam:CreateUser", _DENY_USER),
            ("iam:.*LoginProfile", "aws iam delete-login-profile --user-name {user}"),
            (
                "iam:(UpdateAssumeRolePolicy|CreateRole)",
                "aws iam get-role --role-name {role} --query Role.AssumeRolePolicyDocument",
            ),
            (
                "iam:(UpdateAssumeRolePolicy|CreateRole)",
                "aws iam get-role --role-name {role} --query Role.RoleLastUsed",
            ),
            ("iam:.*SAMLProvider", "aws iam list-saml-providers"),
            ("iam:.*OpenIDConnectProvider.*", "aws iam list-open-id-connect-providers"),
            ("iam:.*MFADevice", "aws iam list-mfa-devices --user-name {user}"),
            ("rolesanywhere:.*", "aws rolesanywhere list-trust-anchors"),
        ),
        regional=False,
    ),
    "off_host": Remedy(
        "The credential left the host it was given to: find out how (metadata service, environment, a log), and "
        "isolate "
        "the host before you log in to it.",
        "The credential left the host it was given to: find out how, and isolate the host before you log in to it.",
        (
            ("", "aws ec2 describe-instances --instance-ids {host}"),
            ("", "aws ec2 modify-instance-metadata-options --instance-id {host} --http-tokens required"),
        ),
    ),
    "rights": Remedy(
        "Compare these policies with yesterday's, take back what was given, and look at which roles were assumed "
        "since.",
        "Somebody tried to give themselves rights, and could not: look for what they tried next.",
        (
            ("iam:AttachUserPolicy", "aws iam detach-user-policy --user-name {user} --policy-arn {policy}"),
            ("iam:AttachRolePolicy", "aws iam detach-role-policy --role-name {role} --policy-arn {policy}"),
            ("iam:AttachGroupPolicy", "aws iam detach-group-policy --group-name {group} --policy-arn {policy}"),
            ("iam:(Attach|Put)UserPolicy", "aws iam list-attached-user-policies --user-name {user}"),
            ("iam:(Attach|Put)RolePolicy", "aws iam list-attached-role-policies --role-name {role}"),
            ("iam:PutRolePolicy", "aws iam list-role-policies --role-name {role}"),
            ("iam:PutUserPolicy", "aws iam list-user-policies --user-name {user}"),
            ("iam:AddUserToGroup", "aws iam remove-user-from-group --user-name {user} --group-name {group}"),
            ("iam:.*PolicyVersion", "aws iam list-policy-versions --policy-arn {policy}"),
            ("iam:CreateRole", "aws iam get-role --role-name {role} --query Role.AssumeRolePolicyDocument"),
        ),
        regional=False,
    ),
    "compute": Remedy(
        "Computing power was started: if nobody owns it, it mines coins on your bill. Stop it, and look in the other "
        "regions too.",
        "Somebody tried to start computing power, as whoever mines coins does: look in the other regions too.",
        (
            ("ec2:.*", "aws ec2 stop-instances --instance-ids {instance}"),
            (
                "ec2:.*",
                "aws ec2 describe-instances --filters Name=instance-state-name,Values=pending,running --query "
                "'Reservations[].Instances[].[InstanceId,InstanceType,LaunchTime,KeyName]' --output text",
            ),
            ("ec2:RequestSpot.*", "aws ec2 describe-spot-instance-requests"),
            ("ecs:.*", "aws ecs list-tasks --cluster {cluster}"),
            ("batch:.*", "aws batch describe-job-queues"),
            ("sagemaker:.*", "aws sagemaker list-training-jobs --status-equals InProgress"),
            ("autoscaling:.*", "aws autoscaling describe-auto-scaling-groups"),
        ),
    ),
    "mail": Remedy(
        "Mail is sent, or about to be, in your name: pause sending, and see which identities are new.",
        "Somebody tried to set up mail in your name: see which identities there are, and whether sending is on.",
        (
            ("ses:.*", "aws sesv2 put-account-sending-attributes --no-sending-enabled"),
            ("ses:.*", "aws sesv2 get-account --query SendQuota"),
            ("ses:.*", "aws sesv2 get-email-identity --email-identity {email_identity}"),
            ("sns:.*", "aws sns get-sms-attributes"),
        ),
    ),
    "models": Remedy(
        "Language models are used, or made ready, on your bill: look at who pays for which, and whether prompts are "
        "logged.",
        "Somebody tried to use language models on your bill: see whether prompts are logged.",
        (("", "aws bedrock get-model-invocation-logging-configuration"),),
    ),
    "secrets": Remedy(
        "Rotate the secrets, keys and parameters that were read, and look for their use from elsewhere.",
        "Somebody tried to read secrets, and could not: see whether they found another way.",
        (
            ("secretsmanager:.*", "aws secretsmanager rotate-secret --secret-id {secret}"),
            (
                "secretsmanager:Batch.*",
                "aws secretsmanager list-secrets --query 'SecretList[].[Name,LastAccessedDate]' --output text",
            ),
            ("ec2:GetPasswordData", "aws ec2 describe-instances --instance-ids {instance}"),
            ("ssm:.*", "aws ssm get-parameter-history --name {parameter} --no-with-decryption --max-items 1"),
        ),
    ),
    "data": Remedy(
        "Find out which data was read or copied, whose it is, and whether it left since (downloads, replication, "
        "shares).",
        "Somebody tried to read or copy data, and could not: see what else the same hands can reach.",
        (
            ("s3:.*", "aws s3api get-bucket-tagging --bucket {bucket}"),
            ("rds:.*", "aws rds describe-db-snapshot-attributes --db-snapshot-identifier {snapshot}"),
            ("rds:.*", "aws rds describe-db-snapshots --db-instance-identifier {database}"),
            ("ec2:CreateSnapshots?", "aws ec2 describe-snapshots --filters Name=volume-id,Values={volume}"),
            ("ecr:.*", "aws ecr get-repository-policy --repository-name {repository}"),
            ("dynamodb:.*", "aws dynamodb describe-table --table-name {table}"),
            (
                "ec2:.*Snapshot.*",
                "aws ec2 describe-snapshot-attribute --snapshot-id {snapshot} --attribute createVolumePermission",
            ),
        ),
    ),
    "deleted": Remedy(
        "See what is gone, whether there is a copy of it, and who misses it.",
        "Somebody tried to delete things, and could not: see what else the same hands can reach.",
        (
            ("secretsmanager:.*", "aws secretsmanager restore-secret --secret-id {secret}"),
            ("s3:.*", "aws s3api list-object-versions --bucket {bucket} --max-items 20"),
            ("ec2:.*", "aws ec2 describe-instances --instance-ids {instance}"),
        ),
    ),
    "commands": Remedy(
        "Look at what was run or changed, and on which hosts; isolate those before you log in to them.",
        "Somebody tried to run something, and could not: see what else they tried on the same hosts.",
        (
            ("ssm:SendCommand", "aws ssm list-command-invocations --instance-id {instance} --details --max-items 5"),
            ("ec2-instance-connect:.*", "aws ec2 describe-instances --instance-ids {instance}"),
            ("ssm:StartSession", "aws ssm describe-sessions --state History --max-items 10"),
            ("lambda:.*", "aws lambda get-function --function-name {function}"),
            (
                "ec2:ModifyInstanceAttribute",
                "aws ec2 describe-instance-attribute --instance-id {instance} --attribute userData",
            ),
            ("ec2:.*KeyPair", "aws ec2 describe-key-pairs"),
        ),
    ),
    "no_mfa": Remedy(
        "Confirm the sign-in with the person over another channel; if it was not them, reset the password and MFA.",
        "Confirm the sign-in with the person over another channel.",
        (),
    ),
    "root": Remedy(
        "Root was used, and hardly any task needs it: find out who did what, and see that root has MFA and no access "
        "key.",
        "Somebody tried something as root: find out who.",
        (("", "aws iam get-account-summary --query 'SummaryMap.[AccountAccessKeysPresent,AccountMFAEnabled]'"),),
        regional=False,
    ),
}
"""By kind of harm."""
REMEDIES["admin"] = Remedy(
    "Somebody was made an administrator: take the policy back, and look at what was done with it since.",
    "Somebody tried to make an administrator, and could not: look for what they tried next.",
    REMEDIES["rights"].commands,
    regional=False,
)
