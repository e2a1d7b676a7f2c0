"""What ECS calls an event: category and type, where Elastic's integration names them the same, and for all else."""

import pytest

from pipeline.documents.category import categorize


@pytest.mark.parametrize(
    ("action", "level", "category", "kinds"),
    [
        ("iam:AddUserToGroup", "write", "iam", {"group", "change"}),
        ("iam:AttachUserPolicy", "permissions", "iam", {"user", "change"}),
        ("iam:AttachGroupPolicy", "permissions", "iam", {"group", "change"}),
        ("iam:ChangePassword", "write", "iam", {"user", "change"}),
        ("iam:CreateUser", "write", "iam", {"user", "creation"}),
        ("iam:CreateGroup", "write", "iam", {"group", "creation"}),
        ("iam:DeleteUser", "write", "iam", {"user", "deletion"}),
        ("iam:DeleteGroup", "write", "iam", {"group", "deletion"}),
        ("iam:UpdateAccessKey", "write", "iam", {"user", "change"}),
        ("iam:UpdateSSHPublicKey", "write", "iam", {"user", "change"}),
        ("iam:EnableMFADevice", "write", "iam", {"user", "change"}),
        ("iam:GetUser", "read", "iam", {"user", "info"}),
        ("iam:ListGroups", "list", "iam", {"group", "info"}),
        ("iam:SetDefaultPolicyVersion", "permissions", "iam", {"admin", "change"}),
        ("iam:UpdateAccountPasswordPolicy", "write", "iam", {"admin", "change"}),
        ("iam:UpdateRole", "write", "iam", {"admin", "change"}),
        ("sts:AssumeRole", "write", "authentication", {"info"}),
        ("signin:ConsoleLogin", "write", "authentication", {"info"}),
        ("s3:CreateBucket", "write", "file", {"creation"}),
        ("s3:DeleteBucket", "write", "file", {"deletion"}),
        ("s3:GetObject", "read", "file", {"access", "info"}),
        ("dynamodb:DeleteTable", "write", "database", {"deletion"}),
        ("kms:ScheduleKeyDeletion", "write", "configuration", {"deletion"}),
        ("ec2:RunInstances", "write", "configuration", {"creation"}),
        ("ec2:DescribeInstances", "list", "configuration", {"info"}),
    ],
)
def test_each_action_has_a_category_and_types(action, level, category, kinds):
    found = categorize(action, level)
    assert found.category[0] == category
    assert set(found.type) == kinds
