import pytest

from features.call.kind import is_machine_name, is_peoples_role, pipeline, subject


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
    ("told", "name"),
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
def test_a_pipeline_is_the_same_on_every_branch(told: str, name: str) -> None:
    assert pipeline(told) == name


def test_the_subject_is_found_among_the_claims() -> None:
    assert subject({"x:aud": "sts", "x:sub": "repo:a/b:c"}) == "repo:a/b:c"
    assert subject({}) == ""
