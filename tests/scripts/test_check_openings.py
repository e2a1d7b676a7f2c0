"""The tables of openings tell of all that AWS's definitions say may share, and a new definition makes this fail."""

import json
from pathlib import Path

import pytest

from features.call.opening import OPENINGS
from scripts.check_openings import FROM_TRAILS, find_misplaced, find_unclassified, find_unknown, main, read_fields
from scripts.make_iam_actions import TARGET as IAM_ACTIONS
from scripts.make_sharing_fields import TARGET as SHARING_FIELDS

Fields = dict[tuple[str, str], list[str]]


@pytest.fixture(scope="module")
def fields() -> Fields:
    return read_fields(SHARING_FIELDS)


def test_all_permission_management_is_classified() -> None:
    services = json.loads(IAM_ACTIONS.read_text(encoding="utf-8"))["services"]
    assert list(find_unclassified(services)) == []
    assert sum(len(levels.get("permissions", "").split()) for levels in services.values()) > 500


def test_all_calls_with_a_field_for_sharing_are_classified(fields: Fields) -> None:
    assert list(find_unknown(fields)) == []
    assert len(fields) > 500


def test_the_fields_of_the_table_stand_in_the_models(fields: Fields) -> None:
    assert list(find_misplaced(fields)) == []
    assert len(OPENINGS.keys() & fields.keys()) > 400


def test_what_is_not_classified_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    actions, told = tmp_path / "actions.json", tmp_path / "fields.txt"
    actions.write_text(json.dumps({"services": {"new": {"permissions": "RevokeAll PutPolicy"}}}))
    told.write_text("# botocore 0\nnew:ShareThing principals\nssm:ModifyDocumentPermission name\n")
    monkeypatch.setattr("scripts.check_openings.IAM_ACTIONS", actions)
    monkeypatch.setattr("scripts.check_openings.SHARING_FIELDS", told)
    assert main() == 1
    assert capsys.readouterr().out.splitlines() == [
        "new:PutPolicy manages permissions: add it to a table",
        "new:sharething principals may share: add it to a table",
        "ssm:modifydocumentpermission accountidstoadd stands in no model: correct the table",
    ]


def test_no_exception_is_left_over(monkeypatch: pytest.MonkeyPatch, fields: Fields) -> None:
    monkeypatch.setattr("scripts.check_openings.FROM_TRAILS", {})
    assert {line.split()[1] for line in find_misplaced(fields)} == FROM_TRAILS.keys()
