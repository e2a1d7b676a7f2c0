"""What names say of a principal."""

import pytest

from features.call.kind import (
    find_subject,
    is_ci_provider,
    is_machine_name,
    is_peoples_role,
    name_pipeline,
    read_permission_set,
)


@pytest.mark.parametrize(
    "name", ["svc-backup", "jenkins", "deploy_bot", "TerraformUser", "ses-smtp-user.20200101", "ci", "app1"]
)
def test_machines_are_named_by_whole_words(name: str) -> None:
    assert is_machine_name(name)


@pytest.mark.parametrize(
    "name", ["ana", "abbot", "cindy", "serviceman", "lucia.deployments", "robotham", "ana@example.com", ""]
)
def test_people_are_not_machines_because_of_a_part_of_a_word(name: str) -> None:
    assert not is_machine_name(name)


@pytest.mark.parametrize(("name", "people"), [("OktaAdmin", True), ("breakglass", True), ("Developer", True),
    ("app", False),
                                              ("administration-service", False)])  # fmt: skip
def test_roles_of_people(name: str, people: bool) -> None:
    assert is_peoples_role(name) is people


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("repo:acme/shop:ref:refs/heads/main", "acme/shop"),
        ("repo:acme/shop:pull_request", "acme/shop"),
        ("repo:acme/shop:environment:prod", "acme/shop"),
        ("project_path:acme/team/shop:ref_type:branch:ref:main", "acme/team/shop"),
        ("org/1-a/project/2-b/user/3-c", "2-b"),
        ("organization:acme:project:p:workspace:prod:run_phase:apply", "acme:project:p:workspace:prod"),
        ("organization:acme:pipeline:deploy:ref:refs/heads/main:commit:1:step:x", "acme:pipeline:deploy"),
        ("system:serviceaccount:shop:api", ""),
        ("", ""),
    ],
)
def test_a_pipeline_is_the_same_on_every_branch(subject: str, name: str) -> None:
    assert name_pipeline(subject) == name


def test_the_subject_is_found_among_the_claims() -> None:
    assert find_subject({"x:aud": "sts", "x:sub": "repo:a/b:c"}) == "repo:a/b:c"
    assert find_subject({}) == ""


@pytest.mark.parametrize(
    ("provider", "vouches"),
    [
        ("arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com", True),
        ("arn:aws:iam::111111111111:oidc-provider/gitlab.example.com", True),
        ("arn:aws:iam::111111111111:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC", False),
        ("cognito-identity.amazonaws.com", False),
        ("", False),
    ],
)
def test_providers_that_vouch_for_pipelines(provider: str, vouches: bool) -> None:
    assert is_ci_provider(provider) is vouches


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("AWSReservedSSO_Developer_0123456789abcdef", "Developer"),
        ("AWSReservedSSO_Data_Engineer_0123456789abcdef", "Data_Engineer"),
        ("AWSReservedSSO_Admin", ""),
        ("AWSReservedSSO__0123456789abcdef", ""),
        ("Admin", ""),
        ("", ""),
    ],
)
def test_only_roles_of_identity_center_have_a_permission_set(role: str, name: str) -> None:
    assert read_permission_set(role) == name
