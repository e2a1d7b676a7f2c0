"""Calls that say little although attackers make them: what everybody makes all day, by rule."""

from scripts.attack_rules import READS, WRITES, Rule

EVERYDAY = (
    Rule("identity", r"sts", (*READS, *WRITES), r"^AssumeRole", 0.0),
    Rule("identity", r"signin", (*READS, *WRITES), r"^(ConsoleLogin|SwitchRole|CheckMfa)$", 0.0),
    Rule("impact", r"s3|sns|ses|kms", WRITES, r"^(PutObject|Publish|SendEmail|SendRawEmail|CreateKey)$", 0.0),
    Rule("discovery", r"s3", READS, r"^(GetObject|HeadObject)$", 0.0),
)
"""Listed by TrailDiscover, but what every workload and every person does all day: no class, the level's q."""

POPULAR = (
    Rule("discovery", r"sts", READS, r"^GetCallerIdentity$"),
    Rule("discovery", r"s3", READS, r"^(List|Head|GetBucket|GetPublicAccessBlock|GetAccountPublicAccessBlock)"),
    Rule(
        "discovery",
        r"iam",
        READS,
        r"^(List|Get)(Roles?|Users?|Policies|Policy|PolicyVersion|InstanceProfiles?|AccountAliases|AccountSummary)$",
    ),
    Rule("discovery", r"iam", READS, r"^(List|Get)(Attached)?Role(Policies|Policy)$"),
    Rule(
        "discovery",
        r"ec2|rds|elasticloadbalancing|autoscaling|lambda|monitoring|cloudwatch|logs|cloudformation|kms|ecs|eks|ecr|dynamodb|sns|sqs|"
        r"route53|cloudfront|health|config|tagging|cloudtrail|secretsmanager|ssm|servicequotas|ce",
        READS,
        r"^(Describe|List|GetMetric|LookupEvents|GetResources|GetCostAndUsage|GetFunction)",
    ),
)
"""Reads that the AWS console's start pages, the CLI and Terraform's refresh make for everybody."""
POPULAR_SHARE = 0.25
